#ifndef ENVSEAL_SANDBOX_INIT_H
#define ENVSEAL_SANDBOX_INIT_H

#include <sys/types.h>

/*
 * PID 1 of the sandbox: passes on the signals that the supervisor sends, says on `status_fd` when the
 * target stops, continues and ends, reaps everything else, and leaves, taking the whole tree with it, when the
 * target has ended or `life_fd` closes because the supervisor is gone. Signals must be blocked already
 * (init_block_signals). Never returns.
 */
void init_run(pid_t target, int status_fd, int life_fd) __attribute__((noreturn));

/* The value, with sigqueue(3), that marks a signal as the supervisor's. */
#define INIT_FORWARDED 0x65736667

/* Blocks every signal, so that none is lost between fork and init_run. */
void init_block_signals(void);

#endif
