#ifndef ENVSEAL_STDIO_SESSION_H
#define ENVSEAL_STDIO_SESSION_H

#include "util/error.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/*
 * A terminal of the target's own, between it and the caller's: what it writes can be masked on the
 * way, and all else is as before. The caller's terminal is raw meanwhile, so that echo, line
 * editing and the keys that send signals are the inner one's; it is the caller's again while the
 * target is stopped, and in the background.
 */
struct session {
	int outer;             /* the caller's terminal, a descriptor of our own; -1: none */
	int master;            /* the inner one; not owned */
	bool raw;              /* the outer one is */
	bool lost;             /* the outer one has hung up */
	struct termios before; /* the outer one's settings */
	tcflag_t output;       /* its c_oflag meanwhile */
	bool unsettled; /* made in the background, with whatever settings the shell has for itself: these */
	struct termios given;
	size_t size, sent; /* keys on their way */
	char keys[4096];
};

#define SESSION_NONE ((struct session){.outer = -1, .master = -1})
#define SESSION_EVENTS 2

/*
 * Makes a pair of terminals with the size and the settings of the terminal `like`. Both close-on-
 * exec, the master non-blocking.
 */
int session_make_pair(int like, int *ret_master, int *ret_slave, struct error *err);

/*
 * Copies the size of one terminal to another: the kernel tells those who have it in the foreground.
 */
void session_copy_size(int from, int to);

/*
 * Whether the caller uses us in person: standard input and output are the one terminal that
 * controls us.
 */
int session_possible(void);

enum session_sharing {
	SESSION_NOT_SHARED,
	SESSION_SHARED_IN_PART, /* others of its process group may use it as well: `envseal-exec COMMAND | less` */
	SESSION_SHARED,
};

/* How much of the caller's terminal a target without a session of its own gets. `device`: it sees the caller's /dev/tty. */
int session_sharing(bool device, enum session_sharing *ret_sharing, struct error *err);

/* In the child: makes standard input, a terminal, the controlling one of a new session. */
int session_lead(void);

/* `master` belongs to the pair that the target has. */
int session_begin(int master, struct session *ret_session, struct error *err);

/* Where the outer terminal has us in the foreground it becomes raw, and keys are taken from it. */
void session_resume(struct session *session);

/*
 * Whether the target has changed what its terminal does to output, and the outer one has yet to follow (session_follow):
 * what was written before has to be out first.
 */
bool session_differs(const struct session *session);
void session_follow(struct session *session);

/* Whether both terminals put a carriage return before each line feed. */
bool session_returns_twice(const struct session *session);

/* Gives the outer terminal back as it was. */
void session_suspend(struct session *session);

/*
 * Whether to ask again in a while (session_resume): we may be brought to the foreground without a
 * word.
 */
bool session_in_background(const struct session *session);

void session_events(const struct session *session, struct pollfd events[static SESSION_EVENTS]);
void session_move(struct session *session, const struct pollfd events[static SESSION_EVENTS]);

void session_end(struct session *session);

#endif
