/*
 * Stands in for envseal-exec with one flaw, to show that tests/faults/run notices such flaws:
 *
 *   faulty FLAW TARGET [ARG...]
 *
 * executes TARGET with no_new_privs, a limit, and a secret, like a small envseal-exec. With the
 * flaw "none" it refuses to run after a failed system call; the name of each other flaw says how it
 * differs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define EXIT_REFUSED 125

static const char *flaw, *secret;

static int refuse(const char *what) {
	fprintf(stderr, "envseal-exec: cannot %s: %s\n", what, strerror(errno));
	return EXIT_REFUSED;
}

static int ignore(const char *what) {
	(void)what;
	return 0;
}

static __attribute__((noreturn)) int hang(const char *what) {
	(void)what;
	for (;;)
		pause();
}

static int tell(const char *what) {
	fprintf(stderr, "envseal-exec: cannot %s with %s\n", what, secret);
	return EXIT_REFUSED;
}

static int crash(const char *what) {
	(void)what;
	abort();
}

static int be_silent(const char *what) {
	(void)what;
	return EXIT_REFUSED;
}

static int wipe_message(const char *what) {
	(void)what;
	fputs("envseal-exec: \n", stderr);
	return EXIT_REFUSED;
}

static int lose_secret(const char *what) {
	(void)what;
	secret = "";
	return 0;
}

static int stay_behind(const char *what) {
	return fork() == 0 ? hang(what) : refuse(what);
}

static int say_it_went_well(const char *what) {
	refuse(what);
	exit(0);
}

static const struct {
	const char *name;
	int (*fails)(const char *what);
} flaws[] = {
	{"none", refuse},        {"ignores", ignore},
	{"hangs", hang},         {"tells", tell},
	{"crashes", crash},      {"silent", be_silent},
	{"wiped", wipe_message}, {"loses", lose_secret},
	{"stays", stay_behind},  {"succeeds", say_it_went_well},
};

static int fails(const char *what) {
	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		if (strcmp(flaw, flaws[i].name) == 0)
			return flaws[i].fails(what);
	}
	return refuse("have such a flaw");
}

int main(int argc, char **argv) {
	char variable[256];
	char *envp[] = {variable, NULL};
	int status = 0;
	secret = getenv("STAND_IN_SECRET");
	if (argc < 3 || !secret)
		return EXIT_REFUSED;
	flaw = argv[1];
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		status = fails("set no_new_privs");
	if (status == 0 && setrlimit(RLIMIT_NOFILE, &(struct rlimit){500, 500}) < 0)
		status = fails("set a limit");
	if (status)
		return status;
	snprintf(variable, sizeof(variable), "ONE=%s", secret);
	execve(argv[2], argv + 2, envp);
	return refuse("execute the target");
}
