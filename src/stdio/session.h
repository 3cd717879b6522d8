#ifndef ENVSEAL_STDIO_SESSION_H
#define ENVSEAL_STDIO_SESSION_H

#include "util/error.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/*
 * A terminal of the target's own (the inner one), between the target and the caller's terminal (the
 * outer one), so that output can be masked on the way. Meanwhile the outer terminal is raw, so the
 * inner one does echo, line editing and the keys that send signals. The outer terminal has the
 * caller's settings while the target is stopped or in the background.
 */
struct session {
	int outer;      /* the caller's terminal, a descriptor of our own; -1: none */
	int master;     /* the inner one; not owned */
	bool on_demand; /* take keys only while the target has set the inner one up for single keys,
	                   or reads from it */
	pid_t init;     /* leads the session, and is above all who are in it */
	bool halted;    /* we stopped the target because it read in the background */
	bool raw;       /* the outer one is */
	bool lost;      /* the outer one has hung up */
	struct termios before; /* the outer one's settings */
	tcflag_t output;       /* the outer one's c_oflag while it is raw */
	tcflag_t signals;      /* and the ISIG of its c_lflag */
	bool unsettled; /* the inner one was made in the background, with the settings that a shell
	                   has for itself: `given` */
	struct termios given;
	size_t size, sent; /* keys on their way */
	char keys[4096];
};

#define SESSION_NONE ((struct session){.outer = -1, .master = -1})
#define SESSION_EVENTS 2

/*
 * Makes a pair of terminals with the size and the settings of the terminal `like`. If `masked`, the
 * pair does not rewrite what is printed. Both are close-on-exec, the master is non-blocking.
 */
int session_make_pair(int like, bool masked, int *ret_master, int *ret_slave, struct error *err);

/*
 * Copies the size of one terminal to another. The kernel sends SIGWINCH to the foreground there.
 */
void session_copy_size(int from, int to);

/* Who gets the keys of the terminal that controls us. */
enum session_keys {
	/*
	 * Anybody: none of 0-2 is that terminal; or input is, but output goes through a pipe to
	 * programs that may read keys themselves (less).
	 */
	SESSION_KEYS_SHARED,
	/*
	 * An output is that terminal, but input is from elsewhere, perhaps from programs that read
	 * keys too. The target gets keys only when it asks for them.
	 */
	SESSION_KEYS_ON_DEMAND,
	/* The target: input and an output are that terminal, and no pipe leads on. */
	SESSION_KEYS_OURS,
};

/* Where 0-2 lead. */
struct session_place {
	enum session_keys keys;
	uint32_t on;        /* bit N: descriptor N is the terminal that controls us */
	uint32_t terminals; /* bit N: descriptor N is that terminal or another */
};

int session_look(struct session_place *ret_place, struct error *err);

/*
 * Whether the target has a terminal that others use too. `replaced`: the descriptors of 0-2 in
 * whose place it gets something else. `device`: it sees the caller's /dev/tty.
 */
int session_shared(const struct session_place *place, uint32_t replaced, bool device,
                   bool *ret_shared, struct error *err);

/* In the child: makes a terminal the controlling one of a new session. */
int session_lead(int terminal);

/*
 * `outer` is the terminal that controls us; `master` belongs to the pair that the target has, whose
 * session `init` leads.
 */
int session_begin(int outer, int master, bool on_demand, pid_t init, struct session *ret_session,
                  struct error *err);

/*
 * Makes the outer terminal raw and takes keys from it, if it has us in the foreground and the
 * target wants keys.
 */
void session_resume(struct session *session);

/*
 * Starts or stops taking keys, as the inner terminal is set up now. Stops a target that reads in
 * the background. `idle`: there is nothing else to do.
 */
void session_heed(struct session *session, bool idle);

/*
 * Call before writing. Stops us if we are in the background and the outer terminal is set to stop
 * writers there (TOSTOP): the kernel does not, because SIGTTOU is blocked.
 */
void session_await_turn(struct session *session);

/*
 * The outer terminal has sent a signal to our process group, which the target is not in. Sends it
 * to the foreground of the inner terminal. False: that is still the init.
 */
bool session_raise(const struct session *session, int signal_number);

/*
 * Whether the target has changed what its terminal does to output. Then write what came before, and
 * call session_follow, which changes the outer one likewise.
 */
bool session_differs(const struct session *session);
void session_follow(struct session *session);

/* Whether both terminals put a carriage return before each line feed. */
bool session_returns_twice(const struct session *session);

/* Gives the outer terminal the caller's settings again. */
void session_suspend(struct session *session);

/*
 * Milliseconds after which to call session_resume and session_heed again, or -1. The kernel does
 * not tell us when we come to the foreground, or when the target changes its terminal.
 */
int session_patience(const struct session *session);

void session_events(const struct session *session, struct pollfd events[static SESSION_EVENTS]);
void session_move(struct session *session, const struct pollfd events[static SESSION_EVENTS]);

void session_end(struct session *session);

#endif
