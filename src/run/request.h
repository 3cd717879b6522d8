#ifndef ENVSEAL_RUN_REQUEST_H
#define ENVSEAL_RUN_REQUEST_H

#include "authority/privilege.h"
#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Who asks for what. A run starts from this and never from globals, so that another program can
 * pass a request in. Whoever makes it owns its strings.
 */
struct request {
	uid_t uid;
	gid_t gid;
	struct privilege *privilege; /* of this process; a run uses it up */
	char *const *argv;           /* the command as named, then its arguments; NULL at the end */
	char *const *environment;    /* the caller's */
	const char *vault;           /* --vault, or NULL */
	const char *layers;          /* --layers, or NULL */
	const char *profile;         /* --profile, or NULL */
	bool no_input;               /* never ask for a passphrase */
	int passphrase_fd;           /* --passphrase-fd, or -1; it is closed */
	int status_fd;               /* --status-fd, or -1 */
};

/* How a run ended, unless this process became the target. */
struct outcome {
	int status;           /* exit status */
	int signal;           /* the signal to end by, as the target did; 0 for none */
	bool timed_out;       /* limits.timeout was over: status is EXIT_TIMED_OUT */
	int lost;             /* errno: not all of its output could be written */
	int ended_by;         /* the signal that ended the target; 0 for none */
	uint64_t elapsed;     /* microseconds since it was executed */
	uint64_t cpu;         /* microseconds of the whole tree */
	uint64_t peak_memory; /* bytes */
};

/*
 * Exit statuses of envseal-exec itself, as env(1) and timeout(1) have them; all others are the
 * target's.
 */
enum exit_status {
	EXIT_TIMED_OUT = 124,      /* limits.timeout ended it */
	EXIT_REFUSED = 125,        /* refused, or failed: ours */
	EXIT_NOT_EXECUTABLE = 126, /* found, but cannot be executed */
	EXIT_NOT_FOUND = 127,
};

/*
 * One run, from look-up to the target's end. On success it does not return (tier none: this process
 * is the target from then on) or returns 0 with the target's end in *ret_outcome. On failure it
 * returns a negative errno, and *ret_outcome has the exit status; nothing of the target has run
 * then.
 */
int run_request(const struct request *request, struct outcome *ret_outcome, struct error *err);

#endif
