/*
 * envseal-exec: runs a command with the secrets, and only the secrets, that its policy allows. A
 * word in front of a command, or the interpreter in a script's first line.
 */
#include "authority/hygiene.h"
#include "authority/privilege.h"
#include "run/request.h"
#include "run/unlocking.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/nearest.h"
#include "util/path.h"
#include "util/version.h"

#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The rows of `options`, as numbers that no short option has. */
enum {
	PROFILE = 256,
	VAULT,
	LAYERS,
	STATUS_FD,
	USER,
	NO_INPUT,
	PASSPHRASE_FD,
	SHOW_HELP,
	SHOW_VERSION
};

static const struct {
	const char *name;
	const char *argument; /* NULL: a flag */
	const char *help;
} options[] = {
	{"profile", "NAME", "use the policy COMMAND@NAME"},
	{"vault", "DIR", "use this vault (default: $ENVSEAL_VAULT, then your own)"},
	{"layers", "DIR[:DIR...]", "look for policies here (default: $ENVSEAL_LAYERS)"},
	{"status-fd", "N", "write what happens to descriptor N, as lines of JSON"},
	{"user", NULL, "user mode, also where system mode is installed"},
	{"no-input", NULL, "never ask for a passphrase"},
	{"passphrase-fd", "N", "read the vault's passphrase from descriptor N"},
	{"help", NULL, "show this help"},
	{"version", NULL, "show the version"},
};
_Static_assert(ARRAY_SIZE(options) == SHOW_VERSION - PROFILE + 1, "each option has a row");

static void print_usage(FILE *to) {
	fputs("usage: envseal-exec [OPTION...] [--] COMMAND [ARG...]\n"
	      "\n"
	      "Runs COMMAND under its policy: with the secrets and in the tier that it names.\n"
	      "\n",
	      to);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *argument = options[i].argument ? options[i].argument : "";
		int width = fprintf(to, "  --%s %s", options[i].name, argument);
		fprintf(to, "%*s  %s\n", 23 - width, "", options[i].help);
	}
	fputs("\n"
	      "Exits like COMMAND, or with 124 (its policy's timeout ended it),\n"
	      "125 (refused or failed), 126 (cannot be executed), 127 (not found).\n",
	      to);
}

static int refuse(int status, const struct error *err) {
	fprintf(stderr, "envseal-exec: %s\n", err->text);
	return status;
}

/* Nothing that was typed is shown: it may be a secret. `result` is ':' for a missing argument. */
static int refuse_option(int result, const char *word) {
	struct nearest nearest = {.typed = word + 2, .length = strcspn(word, "=") - 2};
	for (size_t i = 0; i < ARRAY_SIZE(options) && strncmp(word, "--", 2) == 0; i++)
		nearest_offer(&nearest, options[i].name);
	if (optopt >= PROFILE)
		fprintf(stderr, "envseal-exec: --%s %s\n", options[optopt - PROFILE].name,
		        result == ':' ? "needs an argument" : "takes no argument");
	else if (nearest.word)
		fprintf(stderr, "envseal-exec: unknown option; did you mean '--%s'?\n",
		        nearest.word);
	else
		fputs("envseal-exec: unknown option\n", stderr);
	print_usage(stderr);
	return EXIT_REFUSED;
}

static int take_status_fd(struct request *request) {
	if (fd_parse(optarg, &request->status_fd) == 0)
		return -1;
	fputs("envseal-exec: --status-fd needs the number of an open descriptor\n", stderr);
	return EXIT_REFUSED;
}

static int take_passphrase_fd(struct request *request) {
	struct error err;
	return unlocking_take_fd(optarg, &request->passphrase_fd, &err) < 0
	               ? refuse(EXIT_REFUSED, &err)
	               : -1;
}

/* An exit status, or -1 to go on. A caller's own vault or layers mean user mode: *user_mode. */
static int take(int option, struct request *request, bool *user_mode) {
	*user_mode |= option == VAULT || option == LAYERS || option == USER;
	switch (option) {
	case PROFILE: request->profile = optarg; return -1;
	case VAULT: request->vault = optarg; return -1;
	case LAYERS: request->layers = optarg; return -1;
	case STATUS_FD: return take_status_fd(request);
	case NO_INPUT: request->no_input = true; return -1;
	case PASSPHRASE_FD: return take_passphrase_fd(request);
	case SHOW_HELP: print_usage(stdout); return 0;
	case SHOW_VERSION: puts("envseal-exec " ENVSEAL_VERSION); return 0;
	default: return -1;
	}
}

/* Returns an exit status, or -1 when there is a command to run. */
static int parse(int argc, char **argv, struct request *request, bool *user_mode) {
	struct option longs[ARRAY_SIZE(options) + 1] = {{0}};
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		longs[i].name = options[i].name;
		longs[i].has_arg = options[i].argument ? required_argument : no_argument;
		longs[i].val = PROFILE + (int)i;
	}
	/* getopt's own message would repeat a word that may be anything. */
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "+:", longs, NULL)) != -1;) {
		if (option < PROFILE)
			return refuse_option(option, argv[optind - 1]);
		int status = take(option, request, user_mode);
		if (status >= 0)
			return status;
	}
	if (optind >= argc) {
		print_usage(stderr);
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
 * Under a command's name: a link to us early in PATH, so that the plain name runs the policy's
 * command. Nothing is ours then, all arguments are the command's. Copies may have a suffix, and
 * a login shell's name a dash.
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
static _Noreturn void on_misuse(void) {
	static const char text[] =
		"envseal-exec: libsodium cannot go on: the kernel gives it no random bytes\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
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
	int status = is_shim(argv[0]) ? take_shim(argv, &request)
	                              : parse(argc, argv, &request, &user_mode);
	if (status >= 0)
		return status;
	if (user_mode && privilege_give_up(&privilege, &err) < 0)
		return refuse(EXIT_REFUSED, &err);
	if (run_request(&request, &outcome, &err) < 0)
		return refuse(outcome.status, &err);
	if (outcome.lost)
		fprintf(stderr, "envseal-exec: cannot write all of the output: %s\n",
		        strerror(outcome.lost));
	if (outcome.signal)
		die_by(outcome.signal);
	return outcome.signal ? 128 + outcome.signal : outcome.status;
}
