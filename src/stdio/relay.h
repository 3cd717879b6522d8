#ifndef ENVSEAL_STDIO_RELAY_H
#define ENVSEAL_STDIO_RELAY_H

#include "util/error.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Standard descriptors that the target does not get itself; a pipe of ours relays them:
 *
 *   a pipe to read from     the target could open it again for writing through /proc/self/fd, and
 *                           whoever else reads it would read what the target wrote
 *   a stream socket         it has a name of its own, and could be connected elsewhere
 *   a file without a path   it could be opened again for writing, and changed in mode and times
 *   an appended file        fcntl(2) takes O_APPEND away, and it could be written anywhere
 *   a file to write to      where only listed programs may run, the target could write a program
 *                           into it, which the loader then runs
 *
 * Input that was moved is gone for others who share the descriptor, whether or not the target reads
 * it. A socket or file goes one way: input on 0, output on 1 and 2.
 */
#define RELAY_MAX 3

/* One stream. An input moves by splice(2); an output has a buffer between its two ends. */
struct relay_stream {
	int standard; /* which of 0-2 */
	int from;     /* read end; -1: ended */
	int to;       /* write end; -1: ended */
	bool full;    /* `to` takes no more for now */
	bool socket;  /* output: `to` is one, else a file */
	char *buffer; /* output: what was read and not yet written */
	size_t start, end;
};

struct relay {
	struct relay_stream streams[RELAY_MAX];
	size_t count;
	int error; /* what was written could not be kept: negative */
};

/*
 * Which standard descriptors must be relayed: bit N of *ret_wanted for descriptor N. `paths`: files
 * have the same paths inside. `programs`: the target may start any program.
 */
int relay_wanted(bool paths, bool programs, uint32_t *ret_wanted, struct error *err);

/*
 * Whether standard error is the same socket or file as standard output. Then they share a stream,
 * which keeps their order.
 */
bool relay_error_joins_output(uint32_t wanted);

/* Adds a stream for a standard descriptor; takes over `end`, our end of its pipe. */
int relay_add(struct relay *relay, int standard, int end, struct error *err);

bool relay_has(const struct relay *relay, int standard);

/* What to poll for: two entries for each stream, RELAY_MAX streams; unused ones are negative. */
#define RELAY_EVENTS (2 * RELAY_MAX)
void relay_events(const struct relay *relay, struct pollfd events[static RELAY_EVENTS]);

/*
 * Moves what there is. At the end of an input its pipe is closed. When nobody reads our pipe any
 * more, the caller's descriptor is closed; for an output the other way round.
 */
void relay_move(struct relay *relay, const struct pollfd events[static RELAY_EVENTS]);

/*
 * After the target's end: writes what is left of its output. True while there is more, with what to
 * poll for.
 */
bool relay_drain(struct relay *relay, struct pollfd events[static RELAY_EVENTS]);

void relay_free(struct relay *relay);

#endif
