/*
 * exec COMMAND [ARG...]
 *
 * The floor of tier none in `make bench`, the "static exec": a program that is linked like
 * envseal-exec, with the same three libraries, initialises each of them, and only executes the
 * command. A program without them would start faster and would not be comparable. Not installed.
 */

#include <cap-ng.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * libcap-ng.a asks for these two, and with them glibc's NSS: envseal-exec keeps it out the same
 * way.
 */
struct passwd *getpwuid(uid_t uid) {
	(void)uid;
	abort();
}

int initgroups(const char *user, gid_t group) {
	(void)user;
	(void)group;
	abort();
}

/* In memory only: no filter is loaded, no capability changed. */
static int wake_libraries(void) {
	if (sodium_init() < 0)
		return -1;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return -1;
	seccomp_release(filter);
	capng_clear(CAPNG_SELECT_BOTH);
	return 0;
}

int main(int argc, char **argv) {
	if (argc < 2) {
		fputs("usage: exec COMMAND [ARG...]\n", stderr);
		return 125;
	}
	if (wake_libraries() < 0) {
		fputs("exec: a library does not start\n", stderr);
		return 125;
	}
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
