#ifndef ENVSEAL_RUN_RELAY_H
#define ENVSEAL_RUN_RELAY_H

#include <poll.h>
#include <stdbool.h>

/*
 * Standard input by way of a pipe of our own. The caller's pipe could be opened again for writing through
 * /proc/self/fd, and whoever else reads it would read what the target wrote; ours has no other reader.
 * What has been moved is gone for those who share the caller's pipe, whether or not the target reads it.
 */
struct relay {
	int to;      /* write end of our pipe, non-blocking; -1: nothing (more) to relay */
	bool full;   /* it takes no more for now */
};

/* Whether standard input is a pipe that only reads: the kind that has to be relayed. */
bool relay_wanted(void);

/* What to wait for: two entries. */
void relay_events(const struct relay *relay, struct pollfd events[static 2]);

/* Moves what there is. Closes `to` at the end of the input, and standard input once nobody reads ours. */
void relay_move(struct relay *relay, const struct pollfd events[static 2]);

#endif
