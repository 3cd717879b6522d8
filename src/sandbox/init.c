#include "sandbox/init.h"

#include "sandbox/report.h"
#include "sandbox/tree.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

int init_watch_signals(int *ret_fd, struct error *err) {
	sigset_t all;
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return error_errno(err, errno, "cannot block signals");
	int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_errno(err, errno, "cannot watch signals");
	*ret_fd = fd;
	return 0;
}

/* The signals are sent when the step's time comes; then the next step's time begins. */
static const struct ending {
	int signals[2];
	uint64_t next; /* milliseconds */
} steps[] = {
	/* A stopped process handles SIGTERM only once it continues. */
	{{SIGTERM, SIGCONT}, INIT_GRACE},
	/* Repeated: in tier none a pass may miss a process that is being forked. */
	{{SIGKILL, 0}, 100},
};

struct deadline {
	uint64_t at; /* milliseconds of the monotonic clock; 0: not running */
	size_t step;
	bool passed;
};

static uint64_t now(void) {
	struct timespec time = {0};
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* For poll(2), rounded up. */
static int remaining(const struct deadline *deadline) {
	uint64_t time = now();
	if (deadline->at == 0)
		return -1;
	if (deadline->at <= time)
		return 0;
	uint64_t left = deadline->at - time + 1;
	return left > INT_MAX ? INT_MAX : (int)left;
}

static void check_deadline(struct deadline *deadline) {
	if (deadline->at == 0 || deadline->at > now())
		return;
	const struct ending *step = &steps[deadline->step];
	for (size_t i = 0; i < ARRAY_SIZE(step->signals) && step->signals[i]; i++)
		tree_signal(step->signals[i]);
	deadline->passed = true;
	deadline->at = now() + step->next;
	if (deadline->step + 1 < ARRAY_SIZE(steps))
		deadline->step++;
}

static uint64_t microseconds(const struct timeval *time) {
	return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

static void tell(const struct init *init, const siginfo_t *child, bool timed_out) {
	struct rusage used = {0};
	getrusage(RUSAGE_CHILDREN, &used);
	struct sandbox_status status = {
		.code = child->si_code,
		.value = child->si_status,
		.timed_out = timed_out,
		.cpu = microseconds(&used.ru_utime) + microseconds(&used.ru_stime),
		.peak_memory = (uint64_t)used.ru_maxrss * 1024,
	};
	fd_write_full(init->status_fd, &status, sizeof(status));
}

static bool is_over(const siginfo_t *child) {
	return child->si_code != CLD_STOPPED && child->si_code != CLD_CONTINUED;
}

/* Reaps every child; true when the target has ended, or cannot be waited for. */
static bool reap(const struct init *init, bool timed_out) {
	for (;;) {
		siginfo_t child = {0};
		if (waitid(P_ALL, 0, &child, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) < 0) {
			if (errno == EINTR)
				continue;
			return true;
		}
		if (child.si_pid == 0)
			return false;
		if (child.si_pid != init->target)
			continue;
		/*
		 * A PID namespace ends with its PID 1. Without one, nobody else would end the rest.
		 */
		if (is_over(&child) && getpid() != 1)
			tree_end();
		tell(init, &child, timed_out);
		if (is_over(&child))
			return true;
	}
}

/* What the shell, and the terminal's end, would have sent to all of the group. */
static bool is_for_group(const struct init *init, int number) {
	return init->own_terminal && (number == SIGCONT || number == SIGHUP);
}

static void pass_on(const struct init *init, int number) {
	if (!is_for_group(init, number) || kill(-init->target, number) < 0)
		kill(init->target, number);
}

/* False: the supervisor is gone. */
static bool take_requests(const struct init *init) {
	unsigned char numbers[64];
	ssize_t count = read(init->life_fd, numbers, sizeof(numbers));
	for (ssize_t i = 0; i < count; i++)
		pass_on(init, numbers[i]);
	return count > 0;
}

/*
 * What goes to the whole process group, from a terminal or from kill(2), has reached the target as
 * well. But where we lead a session of the sandbox's own, the kernel tells us of its terminal, and
 * not the target.
 */
static bool target_ended(int signals, const struct init *init, bool timed_out) {
	struct signalfd_siginfo info;
	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		const int number = (int)info.ssi_signo;
		if (number == SIGCHLD && reap(init, timed_out))
			return true;
		if (info.ssi_code == SI_KERNEL && is_for_group(init, number))
			pass_on(init, number);
	}
	return false;
}

void init_run(const struct init *init) {
	struct deadline deadline = {0};
	const int signals = init->signals_fd;
	struct pollfd events[] = {{.fd = signals, .events = POLLIN},
	                          {.fd = init->life_fd, .events = POLLIN},
	                          {.fd = init->started_fd, .events = POLLIN}};
	for (;;) {
		if (poll(events, ARRAY_SIZE(events), remaining(&deadline)) < 0 && errno != EINTR)
			break;
		if (events[1].revents && !take_requests(init))
			break;
		if (events[2].revents) {
			deadline.at = now() + init->timeout;
			events[2].fd = -1;
		}
		if (events[0].revents && target_ended(signals, init, deadline.passed))
			break;
		check_deadline(&deadline);
	}
	if (getpid() != 1)
		tree_end();
	_exit(0);
}
