#ifndef ENVSEAL_SANDBOX_INIT_H
#define ENVSEAL_SANDBOX_INIT_H

#include "util/error.h"

#include <stdint.h>
#include <stdbool.h>
#include <sys/types.h>

/* What the sandbox's first process needs. */
struct init {
	pid_t target;
	int status_fd;     /* write: struct sandbox_status */
	int life_fd;       /* read: a byte for each signal; ends with the supervisor */
	int started_fd;    /* read: ends when the target was executed; -1: no timeout */
	int signals_fd;    /* from init_watch_signals */
	bool own_terminal; /* the target's process group is its own, in a session of its own */
	uint64_t timeout;  /* milliseconds from then on; 0: none */
};

/*
 * PID 1 of the sandbox: passes on the signals that the supervisor asks for, says on `status_fd`
 * when the target stops, continues and ends, reaps everything else, and leaves, taking the whole
 * tree with it, when the target has ended or `life_fd` closes because the supervisor is gone. Never
 * returns.
 *
 * The supervisor asks on `life_fd` and does not send the signals themselves, since PID 1 gets those
 * of its process group too. A mark by sigqueue(3) would not tell them apart: any program of the
 * user can use up the user's queued signals (RLIMIT_SIGPENDING), and the kernel then delivers a
 * signal without saying who sent it.
 *
 * After the timeout everything in the sandbox gets SIGTERM, and SIGKILL two seconds later. PID 1
 * keeps the clock because the supervisor stops when the target does, while the target's children go
 * on. The supervisor keeps a second clock (end_overdue in run/supervise.c), because the target has
 * PID 1's uid and can stop or starve it.
 *
 * In tier none it is no PID 1, and ends the tree by walking it (sandbox/tree.h).
 */
void init_run(const struct init *init) __attribute__((noreturn));

/* Milliseconds between the SIGTERM of a timeout and the SIGKILL. */
#define INIT_GRACE 2000

/*
 * Blocks every signal, so that none is lost between fork and init_run, and opens what init_run
 * reads them from: once there is a target nothing must fail any more.
 */
int init_watch_signals(int *ret_fd, struct error *err);

#endif
