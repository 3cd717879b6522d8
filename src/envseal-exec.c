/*
 * envseal-exec: runs a command with the secrets, and only the secrets, that its policy allows. A word
 * in front of a command, or the interpreter in a script's first line.
 */
#include "authority/hygiene.h"
#include "authority/privilege.h"
#include "run/request.h"
#include "run/unlocking.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/version.h"

#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: envseal-exec [OPTION...] [--] COMMAND [ARG...]\n"
	"\n"
	"Runs COMMAND as its policy says: with the secrets it may have, in the tier it asks for.\n"
	"\n"
	"  --profile NAME     use the policy COMMAND@NAME\n"
	"  --vault DIR        the vault (default: $ENVSEAL_VAULT, then the user's)\n"
	"  --layers DIR[:DIR] where policies are (default: $ENVSEAL_LAYERS, then the user's and the system's)\n"
	"  --status-fd N      write what happens to descriptor N, as lines of JSON\n"
	"  --user             user mode, where envseal-exec is installed for system mode\n"
	"  --no-input         never ask for a passphrase\n"
	"  --passphrase-fd N  read it from this descriptor\n"
	"  --help, --version\n"
	"\n"
	"Exits like COMMAND, or with 124 (its policy's timeout ended it),\n"
	"125 (refused or failed), 126 (cannot be executed), 127 (not found).\n";

/* clang-format off */
static const struct option options[] = {
	{"profile", required_argument, NULL, 'p'}, {"vault", required_argument, NULL, 'v'},
	{"layers", required_argument, NULL, 'l'},  {"no-input", no_argument, NULL, 'n'},
	{"user", no_argument, NULL, 'u'},          {"status-fd", required_argument, NULL, 's'},
	{"help", no_argument, NULL, 'h'},          {"version", no_argument, NULL, 'V'},
	{"passphrase-fd", required_argument, NULL, 'P'},
	{0},
};
/* clang-format on */

static int refuse(int status, const struct error *err) {
	fprintf(stderr, "envseal-exec: %s\n", err->text);
	return status;
}

/*
 * Returns an exit status, or -1 when there is a command to run. Whoever brings a vault or layers of his own gets
 * user mode with them: *user_mode.
 */
static int parse(int argc, char **argv, struct request *request, bool *user_mode) {
	struct error err;
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		switch (option) {
		case 'p': request->profile = optarg; break;
		case 'v':
			request->vault = optarg;
			*user_mode = true;
			break;
		case 'l':
			request->layers = optarg;
			*user_mode = true;
			break;
		case 'u': *user_mode = true; break;
		case 'n': request->no_input = true; break;
		case 'P':
			if (unlocking_parse_fd(optarg, &request->passphrase_fd, &err) < 0)
				return refuse(EXIT_REFUSED, &err);
			break;
		case 's':
			if (fd_parse(optarg, &request->status_fd) == 0)
				break;
			fputs("envseal-exec: --status-fd needs the number of an open descriptor\n", stderr);
			return EXIT_REFUSED;
		case 'h': fputs(usage, stdout); return 0;
		case 'V': puts("envseal-exec " ENVSEAL_VERSION); return 0;
		default:
			/* getopt's own message would repeat a word that may be anything. */
			fputs("envseal-exec: an option is unknown, or has no argument, or one too many\n",
			      stderr);
			fputs(usage, stderr);
			return EXIT_REFUSED;
		}
	}
	if (optind >= argc) {
		fputs(usage, stderr);
		return EXIT_REFUSED;
	}
	request->argv = argv + optind;
	return -1;
}

/* As a shell would see it without us: ended by the same signal. */
static void die_by(int signal_number) {
	sigset_t set;
	signal(signal_number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, signal_number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), signal_number);
}

/*
 * Under a command's name: a link to us early in PATH, so that the plain name runs the policy's command. Nothing is ours
 * then, all arguments are the command's. Copies may have a suffix, and a login shell's name a dash.
 */
static bool is_shim(const char *arg0) {
	static const char own[] = "envseal-exec";
	const char *name = path_base(arg0);
	return name[0] != '\0' && name[0] != '-' && strncmp(name, own, sizeof(own) - 1) != 0;
}

static int take_shim(char **argv, struct request *request) {
	argv[0] = (char *)path_base(argv[0]);
	request->argv = argv;
	return -1;
}

/* Where libsodium would abort: without random bytes, most of all. It has no error for that. */
static void on_misuse(void) {
	static const char text[] =
		"envseal-exec: libsodium cannot go on: the kernel gives it no random bytes\n";
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_REFUSED);
	_exit(EXIT_REFUSED);
}

int main(int argc, char **argv, char **environment) {
	struct error err = {0};
	struct outcome outcome = {.status = EXIT_REFUSED};
	__attribute__((cleanup(privilege_free))) struct privilege privilege = PRIVILEGE_INIT;
	bool user_mode = false;
	struct request request = {.uid = getuid(),
	                          .gid = getgid(),
	                          .privilege = &privilege,
	                          .environment = environment,
	                          .passphrase_fd = -1,
	                          .status_fd = -1};
	if (argc < 1)
		return EXIT_REFUSED;
	if (hygiene_begin(&err) < 0 || privilege_begin(&privilege, &err) < 0)
		return refuse(EXIT_REFUSED, &err);
	sodium_set_misuse_handler(on_misuse);
	int status = is_shim(argv[0]) ? take_shim(argv, &request) : parse(argc, argv, &request, &user_mode);
	if (status >= 0)
		return status;
	if (user_mode && privilege_give_up(&privilege, &err) < 0)
		return refuse(EXIT_REFUSED, &err);
	if (run_request(&request, &outcome, &err) < 0)
		return refuse(outcome.status, &err);
	if (outcome.lost)
		fprintf(stderr, "envseal-exec: cannot write all of the output: %s\n", strerror(outcome.lost));
	if (outcome.signal)
		die_by(outcome.signal);
	return outcome.signal ? 128 + outcome.signal : outcome.status;
}
