#include "authority/hygiene.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

/*
 * The first character of the host's core pattern. If it cannot be read: '|', the worst case that a
 * limit still prevents.
 */
static char core_pattern(void) {
	char first = '|';
	cleanup_fd int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY | O_CLOEXEC);
	return fd < 0 || read(fd, &first, 1) != 1 ? '|' : first;
}

/*
 * In system mode no core file may be written: coredump_filter does not protect the memory, because
 * that file belongs to the user as soon as the target runs. A limit of 1 prevents a core file and
 * keeps memory from a core handler; a limit of 0 prevents only a core file. A socket (Linux 6.16)
 * gets all of memory whatever the limit.
 */
static int insist_on_no_core(bool limited, struct error *err) {
	const char pattern = core_pattern();
	if (pattern == '@')
		return error_set(
			err, EPERM,
			"kernel.core_pattern is a socket, to which the kernel sends a crashed "
			"program's memory whatever its limits; as root set a file or a program "
			"instead (sysctl kernel.core_pattern=core)");
	if (limited || pattern != '|')
		return 0;
	return error_set(
		err, EPERM,
		"the hard limit on core files is 0, with which this system's core handler would "
		"get the program's memory; raise it to at least 1 (limits.conf: 'hard core 1', "
		"or as root 'prlimit --core=1:1 --pid PID' for the shell)");
}

/*
 * With such a stack the kernel limits arguments and environment to 128 KiB (execve(2)), so a
 * program never dies at its start by their size.
 */
#define STACK_LEAST_KIB 256ULL

static int check_stack(struct error *err) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_STACK, &limit) < 0)
		return error_errno(err, errno, "cannot read the stack limit");
	if (limit.rlim_cur / 1024 >= STACK_LEAST_KIB)
		return 0;
	return error_set(
		err, ENOMEM,
		"the stack limit is %llu KiB; envseal-exec needs at least %llu KiB (ulimit -s "
		"%llu)",
		(unsigned long long)limit.rlim_cur / 1024, STACK_LEAST_KIB, STACK_LEAST_KIB);
}

/*
 * No part of memory goes into a core file, nor to a handler or socket (core(5)); fork and exec keep
 * this. A kernel without core files (CONFIG_ELF_CORE) has no such setting.
 */
static int empty_core_files(bool limited, struct error *err) {
	cleanup_fd int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && limited)
		return 0;
	if (fd < 0 || write(fd, "0", 1) != 1)
		return error_errno(err, errno, "cannot forbid core files");
	return 0;
}

/*
 * 1 and not 0: with 0, a core_pattern that is a pipe still gets all of memory; with 1 it gets
 * nothing (core(5), do_coredump in the kernel). The target, whose memory has the secrets, inherits
 * it.
 */
static int forbid_core_files(struct error *err) {
	const struct rlimit one = {.rlim_cur = 1, .rlim_max = 1};
	struct rlimit now;
	if (getrlimit(RLIMIT_CORE, &now) < 0)
		return error_errno(err, errno, "cannot read the core file limit");
	/* Only CAP_SYS_RESOURCE can raise a hard limit of 0. */
	bool limited = setrlimit(RLIMIT_CORE, &one) == 0;
	if (!limited && now.rlim_max != 0)
		return error_errno(err, errno, "cannot forbid core files");
	return getauxval(AT_SECURE) ? insist_on_no_core(limited, err)
	                            : empty_core_files(limited, err);
}

static int become_undumpable(struct error *err) {
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	return 0;
}

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67 /* Linux 6.4; EINVAL before, and where the kernel has no KSM */
#endif

/*
 * A caller may have the kernel merge all memory of a program with equal pages of others (KSM), and
 * that survives exec(2). Any process of the same uid can read the number of merged pages in
 * /proc/PID/ksm_stat, which would confirm a right guess of a page.
 */
static int merge_no_memory(struct error *err) {
	if (prctl(PR_SET_MEMORY_MERGE, 0, 0, 0, 0) < 0 && errno != EINVAL)
		return error_errno(err, errno, "cannot keep memory from being merged");
	return 0;
}

/*
 * With a small file size limit SIGXFSZ would kill us while we write memory files; ignored, the
 * write fails with a message.
 */
static void (*caller_xfsz)(int);

static int ignore_xfsz(struct error *err) {
	caller_xfsz = signal(SIGXFSZ, SIG_IGN);
	return caller_xfsz == SIG_ERR ? error_errno(err, errno, "cannot ignore SIGXFSZ") : 0;
}

/*
 * With the caller's umask, our own files and directories could have modes that nobody can work
 * with.
 */
static mode_t caller_umask;

mode_t hygiene_umask(void) {
	return caller_umask;
}

int hygiene_end(struct error *err) {
	if (signal(SIGXFSZ, caller_xfsz) == SIG_ERR)
		return error_errno(err, errno, "cannot give SIGXFSZ back");
	return 0;
}

static int stop_timers(struct error *err) {
	static const int timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
	const struct itimerval off = {0};
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		if (setitimer(timers[i], &off, NULL) < 0)
			return error_errno(err, errno, "cannot stop the inherited timers");
	}
	return 0;
}

int hygiene_begin(struct error *err) {
	int r = check_stack(err);
	if (r < 0)
		return r;
	caller_umask = umask(022);
	/* umask(2) cannot fail, but a caller's seccomp filter can make it fail (seccomp(2)). */
	if (caller_umask > 0777)
		return error_errno(err, EPERM, "cannot set the umask");
	if ((r = fd_reserve_standard()) < 0)
		return error_errno(err, r,
		                   "cannot open /dev/null for a missing standard descriptor");
	/* In this order: /proc/self belongs to root once we are undumpable. */
	if ((r = forbid_core_files(err)) < 0 || (r = become_undumpable(err)) < 0)
		return r;
	if ((r = merge_no_memory(err)) < 0 || (r = ignore_xfsz(err)) < 0)
		return r;
	/* An ignored SIGCHLD makes wait(2) fail. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return error_errno(err, errno, "cannot reset SIGCHLD");
	return stop_timers(err);
}
