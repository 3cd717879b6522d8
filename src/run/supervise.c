#include "run/supervise.h"

#include "stdio/relay.h"
#include "sandbox/envp.h"
#include "sandbox/init.h"
#include "sandbox/report.h"
#include "sandbox/tree.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

/* Sent to us, they are meant for the target. */
static const int forwarded[] = {SIGTERM,  SIGINT,  SIGHUP,  SIGQUIT, SIGUSR1, SIGUSR2,
                                SIGWINCH, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU};

static void supervised_set(sigset_t *set) {
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
		sigaddset(set, forwarded[i]);
}

int supervise_block_signals(sigset_t *ret_caller, struct error *err) {
	sigset_t set;
	supervised_set(&set);
	sigaddset(&set, SIGPIPE); /* a sandbox that died shows as EPIPE */
	sigaddset(&set, SIGXFSZ); /* and a file that may not grow as EFBIG */
	if (sigprocmask(SIG_BLOCK, &set, ret_caller) < 0)
		return error_errno(err, errno, "cannot block signals");
	return 0;
}

/* How long output may wait for a reader, once we were told to end and the target has ended. */
#define GIVE_UP_MS 2000

/* What is still to be written: the header, then the strings. */
struct outgoing {
	struct sandbox_environment header;
	size_t sent;
};

struct supervision {
	struct launch *launch;
	struct environment *environment;
	struct outgoing outgoing;
	int signals;
	bool reported;
	struct sandbox_report report;
	int send_error;
	bool ended;
	struct sandbox_status end;
	struct relay relay;
	struct output *output;
	int output_error;
	sigset_t told; /* the signals that were sent to us */
	struct record *record;
	const struct record_facts *facts;
	uint64_t started;  /* microseconds of the monotonic clock */
	uint64_t deadline; /* of that clock: when we end the run, should PID 1 not; 0: never */
	bool overdue;      /* we ended it */
};

static void stop_sending(struct supervision *run) {
	cleanup_fd_(&run->launch->environment_fd);
	run->launch->environment_fd = -1;
	environment_free(run->environment);
}

/* Writes as much as the pipe takes. EPIPE: the sandbox failed, and its report says why. */
static void send_environment(struct supervision *run) {
	struct outgoing *out = &run->outgoing;
	const size_t header_size = sizeof(out->header);
	const unsigned char *from = (const unsigned char *)&out->header + out->sent;
	size_t size = header_size - out->sent;
	if (out->sent >= header_size) {
		from = run->environment->block->bytes + (out->sent - header_size);
		size = run->environment->block->size - (out->sent - header_size);
	}
	ssize_t n = write(run->launch->environment_fd, from, size);
	if (n > 0)
		out->sent += (size_t)n;
	bool done = out->sent == header_size + run->environment->block->size;
	bool failed = n < 0 && errno != EAGAIN && errno != EINTR;
	if (failed && errno != EPIPE)
		run->send_error = errno;
	if (done || failed)
		stop_sending(run);
}

/*
 * Whether to pass a signal on. The terminal sends its signals to the whole process group, target
 * included, so we pass on only those from a process. A target with a terminal of its own is not in
 * that group: we tell it when the caller's terminal is gone, and its own terminal signals its size
 * and keys.
 */
static bool meant_for_target(const struct supervision *run, const struct signalfd_siginfo *info) {
	bool raised = info->ssi_code > 0;
	if (run->launch->child <= 0)
		return false;
	if (run->output->controlling >= 0)
		return !raised || info->ssi_signo == SIGHUP || info->ssi_signo == SIGINT ||
		       info->ssi_signo == SIGQUIT || info->ssi_signo == SIGCONT;
	/* Its terminals got the new size only now. */
	return !raised || (info->ssi_signo == SIGWINCH && output_carries(run->output));
}

/* Whether the signal of a key was sent on, as if the key were typed at the target's terminal. */
static bool raised_inside(const struct supervision *run, const struct signalfd_siginfo *info) {
	const int number = (int)info->ssi_signo;
	return info->ssi_code > 0 && (number == SIGINT || number == SIGQUIT || number == SIGTSTP) &&
	       session_raise(&run->output->session, number);
}

/*
 * init_run reads it. We do not wait for PID 1, which reads nothing while somebody has stopped it.
 */
static void ask_to_pass_on(const struct launch *launch, int number) {
	struct pollfd life = {.fd = launch->life_fd, .events = POLLOUT};
	const unsigned char byte = (unsigned char)number;
	if (number == SIGCONT)
		kill(launch->child, number);
	if (poll(&life, 1, 0) > 0)
		fd_write_full(launch->life_fd, &byte, sizeof(byte));
}

static void pass_signals_on(struct supervision *run) {
	struct signalfd_siginfo info;
	while (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			output_resize(run->output);
		if (info.ssi_signo == SIGCONT)
			session_resume(&run->output->session);
		sigaddset(&run->told, (int)info.ssi_signo);
		if (raised_inside(run, &info))
			continue;
		if (meant_for_target(run, &info))
			ask_to_pass_on(run->launch, (int)info.ssi_signo);
	}
}

static void close_end(int *fd) {
	cleanup_fd_(fd);
	*fd = -1;
}

/*
 * The helper comes from the same build, but we check what it reports: exit status and message go to
 * the caller.
 */
static void report_nonsense(struct supervision *run) {
	run->report = (struct sandbox_report){.failed = SANDBOX_FAILED_SETUP,
	                                      .error = EPROTO,
	                                      .text = "the sandbox reported an impossible state"};
	run->reported = true;
}

/* What waitid(2) can say of a process that is gone. */
static bool can_be_an_end(const struct sandbox_status *status) {
	if (status->code == CLD_EXITED)
		return status->value >= 0 && status->value <= UINT8_MAX;
	return (status->code == CLD_KILLED || status->code == CLD_DUMPED) && status->value > 0 &&
	       status->value < NSIG;
}

/* How long after PID 1 should have ended the tree we kill it ourselves, and how often. */
#define OVERDUE_MS 250
#define AGAIN_MS 100

static uint64_t deadline_after(uint64_t started, uint64_t timeout) {
	return timeout ? started + (timeout + INIT_GRACE + OVERDUE_MS) * 1000 : 0;
}

/*
 * The timeout's second keeper. The first is PID 1 (sandbox/init.c), but the target has its uid and
 * can stop or starve it (SCHED_IDLE, affinity). We also kill the processes that starve it, because
 * a process dies only when it gets to run. In tier none the init is killed last: without it, its
 * orphans would leave the tree.
 */
static void end_overdue(struct supervision *run) {
	const struct launch *launch = run->launch;
	if (run->deadline == 0 || clock_now() < run->deadline)
		return;
	bool below = tree_signal_below(launch->child, SIGKILL);
	if (!below || !launch->walks)
		kill(launch->child, SIGKILL);
	run->overdue = true;
	run->deadline = clock_now() + AGAIN_MS * 1000;
}

/* The time for poll(2), rounded up: until the deadline, or until the output wants to act. */
static int patience(const struct supervision *run) {
	const int output = output_patience(run->output);
	const uint64_t time = clock_now();
	if (run->deadline == 0)
		return output;
	uint64_t left = run->deadline > time ? (run->deadline - time) / 1000 + 1 : 0;
	return output >= 0 && (uint64_t)output < left ? output
	                                              : (int)(left < INT_MAX ? left : INT_MAX);
}

/*
 * The pipe closed without a report after all of the environment was sent: the target was executed.
 */
static void read_report(struct supervision *run) {
	bool told = fd_read_full(run->launch->report_fd, &run->report, sizeof(run->report)) >= 0;
	run->reported = run->reported || told;
	run->report.text[sizeof(run->report.text) - 1] = '\0';
	if (told && (run->report.error <= 0 || run->report.text[0] == '\0'))
		report_nonsense(run);
	close_end(&run->launch->report_fd);
	if (run->reported || run->send_error || run->launch->environment_fd >= 0)
		return;
	run->started = clock_now();
	run->deadline = deadline_after(run->started, run->launch->timeout);
	record_started(run->record, run->facts);
}

/*
 * Stops us because the target has stopped. A stopped process cannot enforce the timeout, and the
 * target may have stopped itself for that reason, so a timer continues us at the deadline. The
 * timer repeats, because a SIGCONT that comes before the stop has no effect. If the kernel gives us
 * no timer (RLIMIT_SIGPENDING), we do not stop.
 */
static void stop_until_deadline(uint64_t deadline) {
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT};
	const struct itimerspec from = {
		.it_value = {(time_t)(deadline / 1000000), (long)(deadline % 1000000 * 1000)},
		.it_interval = {0, AGAIN_MS * 1000000L},
	};
	timer_t timer;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		return;
	if (timer_settime(timer, TIMER_ABSTIME, &from, NULL) == 0)
		raise(SIGSTOP);
	timer_delete(timer);
}

static void stop(struct supervision *run) {
	run->output_error = output_catch_up(run->output);
	session_suspend(&run->output->session);
	if (run->deadline)
		stop_until_deadline(run->deadline);
	else
		raise(SIGSTOP);
	session_resume(&run->output->session);
}

/* The shell that started us must see that we stop; it continues the whole process group. */
static void read_status(struct supervision *run) {
	struct sandbox_status status;
	if (fd_read_full(run->launch->status_fd, &status, sizeof(status)) < 0) {
		close_end(&run->launch->status_fd);
	} else if (status.code == CLD_STOPPED) {
		stop(run);
	} else if (status.code != CLD_CONTINUED && !can_be_an_end(&status)) {
		report_nonsense(run);
		close_end(&run->launch->status_fd);
	} else if (status.code != CLD_CONTINUED) {
		run->end = status;
		run->ended = true;
	}
}

/* Runs until the target has ended, or PID 1 has, which closes its end of the status pipe. */
static int watch(struct supervision *run, struct error *err) {
	while (run->launch->status_fd >= 0 && !run->ended) {
		struct pollfd events[5 + RELAY_EVENTS + OUTPUT_EVENTS] = {
			{.fd = run->signals, .events = POLLIN},
			{.fd = run->launch->environment_fd, .events = POLLOUT},
			{.fd = run->launch->report_fd, .events = POLLIN},
			{.fd = run->launch->status_fd, .events = POLLIN},
			record_events(run->record),
		};
		relay_events(&run->relay, &events[5]);
		output_events(run->output, &events[5 + RELAY_EVENTS]);
		if (poll(events, ARRAY_SIZE(events), patience(run)) < 0) {
			if (errno == EINTR)
				continue;
			/*
			 * poll(2): EINVAL means that the limit of open files is below the number of
			 * descriptors.
			 */
			return error_errno(
				err, errno, "cannot wait for the command%s",
				errno == EINVAL ? ": the limit of open files was lowered meanwhile"
						: "");
		}
		end_overdue(run);
		if (events[0].revents)
			pass_signals_on(run);
		if (events[1].revents)
			send_environment(run);
		if (events[2].revents)
			read_report(run);
		if (events[3].revents)
			read_status(run);
		if (events[4].revents)
			record_write(run->record);
		relay_move(&run->relay, &events[5]);
		int r = run->output_error < 0 ? run->output_error
		                              : output_move(run->output, &events[5 + RELAY_EVENTS]);
		if (r < 0)
			return error_errno(err, r, "cannot mask the output");
	}
	if (run->launch->report_fd >= 0)
		read_report(run);
	return 0;
}

/*
 * From here on only the target has the caller's pipes: readers of its output must see its end, and
 * writers to its input must see that nobody reads.
 */
static int release_standard(struct supervision *run, struct error *err) {
	int *const ends = run->launch->relayed;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int r = ends[fd] < 0 ? 0 : relay_add(&run->relay, fd, steal_fd(&ends[fd]), err);
		if (r < 0)
			return r;
	}
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++) {
		int r = relay_has(&run->relay, fd) ? 0 : fd_null(fd);
		if (r < 0)
			return error_errno(err, r, "cannot close the standard descriptors");
	}
	return 0;
}

/*
 * Whether to end: a signal that ends programs came, or the one that has ended the target, or the
 * timeout is over.
 */
static bool told_to_end(const struct supervision *run) {
	static const int ending[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
		if (sigismember(&run->told, ending[i]) > 0)
			return true;
	}
	return run->overdue || (run->ended && run->end.timed_out) ||
	       (run->ended && run->end.code != CLD_EXITED &&
	        sigismember(&run->told, run->end.value) > 0);
}

/* The target's last output may wait for a slow reader. */
static void drain(struct supervision *run) {
	struct pollfd events[RELAY_EVENTS + 1] = {{.fd = run->signals, .events = POLLIN}};
	while (relay_drain(&run->relay, events + 1)) {
		int ready = poll(events, ARRAY_SIZE(events), told_to_end(run) ? GIVE_UP_MS : -1);
		if ((ready < 0 && errno != EINTR) || (ready == 0 && told_to_end(run)))
			return;
		if (events[0].revents)
			pass_signals_on(run);
	}
}

/* PID 1 ended without a status: most likely it was killed. */
static int killed_by(struct launch *launch) {
	int status = 0;
	pid_t pid;
	do {
		pid = waitpid(launch->child, &status, 0);
	} while (pid < 0 && errno == EINTR);
	launch->child = -1;
	return pid > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* As timeout(1): its own status, whatever the target made of the signals. */
static void conclude_end(const struct supervision *run, struct outcome *outcome) {
	bool exited = run->end.code == CLD_EXITED;
	outcome->status = exited ? run->end.value : EXIT_REFUSED;
	outcome->signal = outcome->ended_by = exited ? 0 : run->end.value;
	outcome->cpu = run->end.cpu;
	outcome->peak_memory = run->end.peak_memory;
	outcome->timed_out = run->end.timed_out || run->overdue;
	if (outcome->timed_out) {
		outcome->status = EXIT_TIMED_OUT;
		outcome->signal = 0;
	}
}

/*
 * As with a full disk under a shell's `>`: some of the target's output is lost, and it does not
 * know.
 */
static void conclude_output(const struct supervision *run, struct outcome *outcome) {
	outcome->lost = run->relay.error ? -run->relay.error : output_error(run->output);
	if (outcome->lost && !outcome->signal && outcome->status == 0)
		outcome->status = EXIT_REFUSED;
}

static int conclude(const struct supervision *run, struct outcome *ret_outcome, struct error *err) {
	if (run->reported) {
		bool setup = run->report.failed == SANDBOX_FAILED_SETUP;
		ret_outcome->status = setup ? EXIT_REFUSED : EXIT_NOT_EXECUTABLE;
		error_set(err, run->report.error, "%s", run->report.text);
		return -run->report.error;
	}
	if (run->send_error)
		return error_errno(err, run->send_error, "cannot hand the environment over");
	ret_outcome->elapsed = run->started ? clock_now() - run->started : 0;
	if (run->ended) {
		conclude_end(run, ret_outcome);
		return 0;
	}
	ret_outcome->status = run->overdue ? EXIT_TIMED_OUT : EXIT_REFUSED;
	ret_outcome->timed_out = run->overdue;
	ret_outcome->ended_by = killed_by(run->launch);
	if (run->overdue)
		return 0;
	ret_outcome->signal = ret_outcome->ended_by;
	/* In tier none the target may kill it, like any process of its uid. */
	return ret_outcome->signal
	               ? 0
	               : error_set(err, ECHILD,
	                           "the command was ended: the process that watches it could not "
	                           "go on, because its limits were lowered (prlimit(2)) or memory "
	                           "is short");
}

/* The tree has ended, or is about to; its output may still be on its way. */
static void finish_output(struct supervision *run) {
	if (!output_carries(run->output))
		return;
	if (run->ended && run->launch->child > 0)
		killed_by(run->launch);
	while (output_finish(run->output)) {
		struct pollfd events[1 + OUTPUT_EVENTS] = {{.fd = run->signals, .events = POLLIN}};
		output_events(run->output, &events[1]);
		int ready = poll(events, ARRAY_SIZE(events), told_to_end(run) ? GIVE_UP_MS : -1);
		if ((ready < 0 && errno != EINTR) || (ready == 0 && told_to_end(run)))
			break;
		if (events[0].revents)
			pass_signals_on(run);
		if (output_move(run->output, &events[1]) < 0)
			break;
	}
}

static int stay(struct supervision *run, struct outcome *ret_outcome, struct error *err) {
	int r = release_standard(run, err);
	if (r < 0)
		return r;
	r = watch(run, err);
	if (r < 0)
		return r;
	drain(run);
	run->launch->ending = run->ended;
	r = conclude(run, ret_outcome, err);
	finish_output(run);
	conclude_output(run, ret_outcome);
	return r;
}

int supervise(struct launch *launch, struct environment *environment, struct output *output,
              struct record *record, const struct record_facts *facts, struct outcome *ret_outcome,
              struct error *err) {
	sigset_t set;
	supervised_set(&set);
	cleanup_fd int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	struct supervision run = {
		.launch = launch,
		.environment = environment,
		.signals = signals,
		.output = output,
		.record = record,
		.facts = facts,
		.outgoing.header = environment_header(environment),
	};
	if (signals < 0 || fcntl(launch->environment_fd, F_SETFL, O_NONBLOCK) < 0)
		return error_errno(err, errno, "cannot watch the sandbox");
	int r = stay(&run, ret_outcome, err);
	relay_free(&run.relay);
	return r;
}
