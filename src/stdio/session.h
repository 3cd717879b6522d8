#ifndef ENVSEAL_STDIO_SESSION_H
#define ENVSEAL_STDIO_SESSION_H

#include "util/error.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/*
 * A terminal of the target's own, between it and the caller's: what it writes can be masked on the
 * way, and all else is as before. The caller's terminal is raw meanwhile, so that echo, line
 * editing and the keys that send signals are the inner one's; it is the caller's again while the
 * target is stopped, and in the background.
 */
struct session {
	int outer;      /* the caller's terminal, a descriptor of our own; -1: none */
	int master;     /* the inner one; not owned */
	bool on_demand; /* keys are taken only while the inner one is set up for single keys, or is
	                   read from */
	pid_t init;     /* leads the session, and is above all who are in it */
	bool halted;    /* what read from the background was stopped */
	bool raw;       /* the outer one is */
	bool lost;      /* the outer one has hung up */
	struct termios before; /* the outer one's settings */
	tcflag_t output;       /* its c_oflag meanwhile, */
	tcflag_t signals;      /* and the ISIG of its c_lflag */
	bool unsettled; /* made in the background, with whatever settings the shell has for itself:
	                   these */
	struct termios given;
	size_t size, sent; /* keys on their way */
	char keys[4096];
};

#define SESSION_NONE ((struct session){.outer = -1, .master = -1})
#define SESSION_EVENTS 2

/*
 * Makes a pair of terminals with the size and the settings of the terminal `like`; but `masked`, it
 * does not rewrite what is printed. Both close-on-exec, the master non-blocking.
 */
int session_make_pair(int like, bool masked, int *ret_master, int *ret_slave, struct error *err);

/*
 * Copies the size of one terminal to another: the kernel tells those who have it in the foreground.
 */
void session_copy_size(int from, int to);

/* Whose the keys are of the terminal that controls us. */
enum session_keys {
	/*
	 * Nobody's in particular: none of 0-2 is that terminal; or input is, but output goes on to
	 * others who may read keys.
	 */
	SESSION_KEYS_SHARED,
	/*
	 * Input is from elsewhere: from others who may read keys, too. The target's are those that
	 * it asks for.
	 */
	SESSION_KEYS_ON_DEMAND,
	/* Input and an output are that terminal, and nobody else is in between. */
	SESSION_KEYS_OURS,
};

/* Where 0-2 lead. */
struct session_place {
	enum session_keys keys;
	uint32_t on;        /* bit N: descriptor N is the terminal that controls us */
	uint32_t terminals; /* that one and others */
};

int session_look(struct session_place *ret_place, struct error *err);

/*
 * Whether a target has a terminal that others use, too. It gets something else in place of those of
 * 0-2 in `replaced`. `device`: it sees the caller's /dev/tty.
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
 * Where the outer terminal has us in the foreground, and keys are wanted, it becomes raw and they
 * are taken from it.
 */
void session_resume(struct session *session);

/*
 * Takes keys, or stops taking them, as the target's terminal now is; stops it where it reads from
 * the background. `idle`: there is nothing else to do.
 */
void session_heed(struct session *session, bool idle);

/*
 * Before something is written: stops us in the background, if the outer terminal is set up so
 * (SIGTTOU is blocked).
 */
void session_await_turn(struct session *session);

/*
 * The outer terminal has raised a signal for our group, which the target is not in: raises it for
 * those who have the inner one in the foreground. False: that is still the init.
 */
bool session_raise(const struct session *session, int signal_number);

/*
 * Whether the target has changed what its terminal does to output, and the outer one has yet to
 * follow (session_follow): what was written before has to be out first.
 */
bool session_differs(const struct session *session);
void session_follow(struct session *session);

/* Whether both terminals put a carriage return before each line feed. */
bool session_returns_twice(const struct session *session);

/* Gives the outer terminal back as it was. */
void session_suspend(struct session *session);

/*
 * Milliseconds after which to ask again (session_resume, session_heed), or -1: nobody says when we
 * are brought to the foreground, or when the target changes its terminal.
 */
int session_patience(const struct session *session);

void session_events(const struct session *session, struct pollfd events[static SESSION_EVENTS]);
void session_move(struct session *session, const struct pollfd events[static SESSION_EVENTS]);

void session_end(struct session *session);

#endif
