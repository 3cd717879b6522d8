#ifndef ENVSEAL_STDIO_OUTPUT_H
#define ENVSEAL_STDIO_OUTPUT_H

#include "policy/policy.h"
#include "mask/mask.h"
#include "stdio/session.h"
#include "util/buffer.h"
#include "util/error.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Carries the target's output through the mask. The target's standard output and error are a pipe
 * or a terminal of ours; we read it, mask, and write where the caller's descriptors lead. If both
 * lead to the same place, they share one stream, which keeps their order.
 */
struct output_stream {
	int from; /* ours, non-blocking; -1: not carried, or at its end */
	int to;   /* where the caller's descriptor leads */
	bool terminal;
	bool masked;         /* else only carried, because the target has a terminal of its own */
	bool returned_twice; /* both terminals put a carriage return before a line feed */
	size_t at_once;      /* so many bytes can be written without waiting */
	struct mask_stream *stream; /* NULL: not masked */
	struct session *session;    /* of the terminal that it leads to; NULL: none */
	struct buffer out;
	size_t written; /* of `out` */
	int error;      /* errno: output was lost */
};

struct output {
	struct output_stream streams[2];
	int standard[3]; /* what the child gets in place of 0-2; -1: the caller's */
	int controlling; /* index in it of the target's controlling terminal; -1: none */
	struct session_place place;
	struct session session;
	struct mask *mask;
};

#define OUTPUT_EVENTS (4 + SESSION_EVENTS)

void output_init(struct output *output);

/*
 * Makes the pipes and terminals that the policy's masking needs; none for /dev/null, where nobody
 * reads. `confined`: the target also gets a terminal of its own, masked or not, if nobody else uses
 * the caller's, because a terminal signals whole process groups. `plain`: replaces only what
 * lockdown accepts or relays (bit N of `relayed` for descriptor N), so that lockdown still refuses
 * the rest.
 */
int output_plan(const struct policy *policy, bool confined, bool plain, uint32_t relayed,
                struct output *output, struct error *err);

/* Whether there is output to carry, or still to write: then a supervisor has to stay. */
bool output_carries(const struct output *output);

/* Whether some of that is masked. */
bool output_masks(const struct output *output);

/* Bit N: the child gets something else in place of descriptor N. */
uint32_t output_replaced(const struct output *output);

/* Call when the child has its ends: closes ours of the outputs. */
void output_launched(struct output *output);

/*
 * Takes over `mask` (NULL: nothing is masked), and begins the session that `init` leads, if the
 * target has a terminal of its own.
 */
int output_begin(struct output *output, struct mask *mask, pid_t init, struct error *err);

/*
 * What to wait for, for how long (-1: as long as it takes), and what to do then. -ENOMEM: the run
 * must end.
 */
void output_events(const struct output *output, struct pollfd events[static OUTPUT_EVENTS]);
int output_patience(const struct output *output);
int output_move(struct output *output, const struct pollfd events[static OUTPUT_EVENTS]);

/* The outer terminal has another size. */
void output_resize(const struct output *output);

/* What kept output from being written, or 0. */
int output_error(const struct output *output);

/* Before we stop: shows what has been written so far. */
int output_catch_up(struct output *output);

/*
 * Call when all writers are gone: carries the rest. True while some of it waits for a reader.
 */
bool output_finish(struct output *output);

/* Wipes, and gives the terminal back. */
void output_free(struct output *output);

#endif
