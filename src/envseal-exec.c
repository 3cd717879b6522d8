/*
 * envseal-exec: runs a command with the secrets, and only the secrets, that its policy allows. A word
 * in front of a command, or the interpreter in a script's first line.
 */
#include "run/hygiene.h"
#include "run/request.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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
	"  --no-input         never ask for a passphrase\n"
	"  --help, --version\n"
	"\n"
	"Exits like COMMAND, or with 124 (its policy's timeout ended it), 125 (refused or failed), 126 (cannot be executed), 127 (not found).\n";

static const struct option options[] = {
	{"profile", required_argument, NULL, 'p'}, {"vault", required_argument, NULL, 'v'},
	{"layers", required_argument, NULL, 'l'},  {"no-input", no_argument, NULL, 'n'},
	{"status-fd", required_argument, NULL, 's'},
	{"help", no_argument, NULL, 'h'},          {"version", no_argument, NULL, 'V'},
	{0},
};

static int parse_fd(const char *text) {
	char *end = NULL;
	errno = 0;
	long value = strtol(text, &end, 10);
	return errno || end == text || *end != '\0' || value < 0 || value > INT_MAX ? -1 : (int)value;
}

/* Returns an exit status, or -1 when there is a command to run. */
static int parse(int argc, char **argv, struct request *request) {
	for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		switch (option) {
		case 'p': request->profile = optarg; break;
		case 'v': request->vault = optarg; break;
		case 'l': request->layers = optarg; break;
		case 'n': request->no_input = true; break;
		case 's':
			if ((request->status_fd = parse_fd(optarg)) >= 0)
				break;
			fputs("envseal-exec: --status-fd: not the number of a descriptor\n", stderr);
			return EXIT_REFUSED;
		case 'h': fputs(usage, stdout); return 0;
		case 'V': puts("envseal-exec " PACKAGE_VERSION); return 0;
		default: fputs(usage, stderr); return EXIT_REFUSED;
		}
	}
	if (optind >= argc) {
		fputs(usage, stderr);
		return EXIT_REFUSED;
	}
	request->argv = argv + optind;
	return -1;
}

static int refuse(int status, const struct error *err) {
	fprintf(stderr, "envseal-exec: %s\n", err->text);
	return status;
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

int main(int argc, char **argv, char **environment) {
	struct error err = {0};
	struct outcome outcome = {.status = EXIT_REFUSED};
	struct request request = {.uid = getuid(), .gid = getgid(), .environment = environment, .status_fd = -1};
	if (argc < 1)
		return EXIT_REFUSED;
	if (hygiene_begin(&err) < 0)
		return refuse(EXIT_REFUSED, &err);
	int status = parse(argc, argv, &request);
	if (status >= 0)
		return status;
	if (run_request(&request, &outcome, &err) < 0)
		return refuse(outcome.status, &err);
	if (outcome.signal)
		die_by(outcome.signal);
	return outcome.signal ? 128 + outcome.signal : outcome.status;
}
