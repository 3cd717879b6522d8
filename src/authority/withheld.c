#include "authority/withheld.h"

#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/proc.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool is_traced(const char *program) {
	(void)program;
	int tracer = 0;
	return proc_field(AT_FDCWD, "/proc/self/status", "TracerPid", &tracer) == 0 && tracer != 0;
}

static bool no_new_privileges(const char *program) {
	(void)program;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/* The initial user namespace maps every id to itself, in one line; a new one maps none. */
static bool in_user_namespace(const char *program) {
	(void)program;
	char text[256] = "";
	unsigned int inside = 0, outside = 0, count = 0;
	cleanup_fd int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return false;
	return sscanf(text, "%u %u %u", &inside, &outside, &count) != 3 || inside != 0 ||
	       outside != 0 || count != UINT_MAX;
}

static bool on_nosuid_mount(const char *program) {
	struct statvfs mount;
	return statvfs(program, &mount) == 0 && (mount.f_flag & ST_NOSUID);
}

static const struct cause {
	bool (*holds)(const char *program);
	const char *text;
} causes[] = {
	{is_traced, "envseal-exec is being traced (strace, a debugger)"},
	{no_new_privileges,
         "no_new_privs is in force (bubblewrap, a container, a unit with NoNewPrivileges=)"},
	{in_user_namespace, "this is a user namespace of the caller's own"},
	{on_nosuid_mount, "envseal-exec lies on a file system that is mounted nosuid"},
};

const char *withheld_cause(const char *program, bool container) {
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].holds(program) &&
		    !(container && causes[i].holds == in_user_namespace))
			return causes[i].text;
	}
	return NULL;
}

bool withheld_in_user_namespace(void) {
	return in_user_namespace(NULL);
}

bool file_sets_user(const struct stat *st, uid_t uid) {
	return (st->st_mode & S_ISUID) && st->st_uid != uid;
}

/* Without the group's x bit this bit does not mean set-group-ID (inode(7)). */
bool file_sets_group(const struct stat *st, gid_t gid) {
	return (st->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && st->st_gid != gid;
}

/* The file has the two capabilities, and this process has not: the kernel did not grant them. */
static bool lacks_capabilities(const char *program) {
	bool effective, both;
	struct error ignored;
	return capabilities_are_both(capabilities_of_file(program, &effective)) &&
	       capabilities_permit(&both, &ignored) == 0 && !both;
}

/*
 * Whether the file's bits ask for other ids than this process has (execve(2)). In a user namespace
 * without maps all ids look the same, and only AT_SECURE tells. A process that envseal-exec started
 * has the run group already.
 */
const char *withheld_because(bool secure) {
	static const char program[] = "/proc/self/exe";
	struct stat st;
	if (stat(program, &st) < 0)
		return NULL;
	if (!file_sets_user(&st, geteuid()) && !file_sets_group(&st, getegid()) &&
	    !(secure && (in_user_namespace(program) || lacks_capabilities(program))))
		return NULL;
	const char *cause = withheld_cause(program, false);
	return cause ? cause : "the kernel did not say why (was it traced when it started?)";
}
