#include "run/hygiene.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

/*
 * 1, not 0: with 0 a core_pattern that is a pipe still gets all of memory, with 1 it gets nothing
 * (core(5), do_coredump in the kernel). The target inherits it: its memory has the secrets.
 */
static int forbid_core_files(struct error *err) {
	const struct rlimit one = {.rlim_cur = 1, .rlim_max = 1};
	struct rlimit now;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	if (getrlimit(RLIMIT_CORE, &now) < 0)
		return error_errno(err, errno, "cannot read the core file limit");
	/* A hard limit of 0 may only be raised by CAP_SYS_RESOURCE; for files it is as good. */
	if (now.rlim_max == 0 && setrlimit(RLIMIT_CORE, &one) < 0)
		return 0;
	if (setrlimit(RLIMIT_CORE, &one) < 0)
		return error_errno(err, errno, "cannot forbid core files");
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
	if (getauxval(AT_SECURE))
		return error_set(err, EPERM,
		                 "envseal-exec is installed with set-id bits or capabilities, which this version "
		                 "does not support; remove them (chmod ug-s, setcap -r)");
	int r = fd_reserve_standard();
	if (r < 0)
		return error_errno(err, r, "cannot open /dev/null for a missing standard descriptor");
	if ((r = forbid_core_files(err)) < 0)
		return r;
	/* An ignored SIGCHLD makes wait(2) fail. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return error_errno(err, errno, "cannot reset SIGCHLD");
	return stop_timers(err);
}
