#include "sandbox/init.h"

#include "sandbox/report.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

void init_block_signals(void) {
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static void tell(int status_fd, const siginfo_t *child) {
	struct sandbox_status status = {.code = child->si_code, .value = child->si_status};
	fd_write_full(status_fd, &status, sizeof(status));
}

static bool is_over(const siginfo_t *child) {
	return child->si_code != CLD_STOPPED && child->si_code != CLD_CONTINUED;
}

/* Takes every child that has something to say; true when the target has ended, or cannot be waited for. */
static bool reap(pid_t target, int status_fd) {
	for (;;) {
		siginfo_t child = {0};
		if (waitid(P_ALL, 0, &child, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) < 0) {
			if (errno == EINTR)
				continue;
			return true;
		}
		if (child.si_pid == 0)
			return false;
		if (child.si_pid != target)
			continue;
		tell(status_fd, &child);
		if (is_over(&child))
			return true;
	}
}

/*
 * Only what the supervisor queued with its mark: what goes to the whole process group, from a terminal or
 * from kill(2), has reached the target as well.
 */
static void pass_on(pid_t target, const struct signalfd_siginfo *info) {
	if (info->ssi_code == SI_QUEUE && info->ssi_int == INIT_FORWARDED)
		kill(target, (int)info->ssi_signo);
}

static bool target_ended(int signals, pid_t target, int status_fd) {
	struct signalfd_siginfo info;
	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			pass_on(target, &info);
		else if (reap(target, status_fd))
			return true;
	}
	return false;
}

void init_run(pid_t target, int status_fd, int life_fd) {
	sigset_t all;
	sigfillset(&all);
	int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	struct pollfd events[] = {{.fd = signals, .events = POLLIN}, {.fd = life_fd, .events = POLLIN}};
	while (signals >= 0) {
		if (poll(events, ARRAY_SIZE(events), -1) < 0 && errno != EINTR)
			break;
		if (events[1].revents)
			break;
		if (events[0].revents && target_ended(signals, target, status_fd))
			break;
	}
	_exit(0);
}
