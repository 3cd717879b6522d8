#ifndef ENVSEAL_RUN_RECORD_H
#define ENVSEAL_RUN_RECORD_H

#include "run/request.h"
#include "sandbox/limits.h"
#include "util/error.h"

#include <limits.h>
#include <poll.h>
#include <stdbool.h>

/*
 * --status-fd: what happens to the target, as JSON, one object a line (doc/formats/status.md). Each
 * line is shorter than PIPE_BUF, so a pipe takes it whole or not at all. A reader that does not
 * read delays nobody: lines that it cannot take wait until the end of the run, and two seconds
 * longer, and are then dropped.
 */
struct record {
	int fd; /* -1: nobody asked, or nobody reads any more */
	bool socket;
	size_t size; /* of what has yet to be written */
	char pending[2 * PIPE_BUF];
};

#define RECORD_NONE ((struct record){.fd = -1})

/* What both lines say. */
struct record_facts {
	const char *command;
	const char *tier;
	const char *mode;
	enum limits_by limits_by;
};

/*
 * Takes descriptor `fd` over, so that the target does not inherit it; -1: none. -EBADF: it is not
 * open for writing, or is a standard descriptor.
 */
int record_open(int fd, struct record *ret_record, struct error *err);

void record_started(struct record *record, const struct record_facts *facts);
void record_finished(struct record *record, const struct record_facts *facts,
                     const struct outcome *outcome);

/* What to poll for, and what to do then. SIGPIPE must be blocked or ignored. */
struct pollfd record_events(const struct record *record);
void record_write(struct record *record);

/*
 * Writes what is left, as far as the reader takes it within two seconds, and closes the descriptor.
 */
void record_close(struct record *record);

#endif
