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
 * The way of the target's output through the mask: standard output and error are a pipe or a
 * terminal of ours, and what comes out of it goes, masked, where they led. Where both led to the
 * same place they share one, so that nothing changes its order.
 */
struct output_stream {
	int from; /* ours, non-blocking; -1: not carried over, or at its end */
	int to;   /* where it led */
	bool terminal;
	bool masked; /* else it is only carried over: the target has a terminal of its own */
	bool returned_twice;        /* both terminals put a carriage return before a line feed */
	size_t at_once;             /* that many bytes can be written without waiting */
	struct mask_stream *stream; /* NULL: not masked */
	struct session *session;    /* NULL: none; whose terminal it leads to */
	struct buffer out;
	size_t written; /* of `out` */
	int error;      /* errno: output was lost */
};

struct output {
	struct output_stream streams[2];
	int standard[3]; /* what the child gets in place of 0-2; -1: what we have */
	int controlling; /* which of them is a terminal that is to be the target's controlling one;
	                    -1: none */
	struct session_place place;
	struct session session;
	struct mask *mask;
};

#define OUTPUT_EVENTS (4 + SESSION_EVENTS)

void output_init(struct output *output);

/*
 * Makes what the policy asks for, and what makes sense: /dev/null keeps secrets. `confined`: the
 * target gets a terminal of its own where the caller's would be its alone, masked or not; a
 * terminal signals whole process groups. `plain`: only what a lockdown would take anyway, or have
 * relayed (bit N of `relayed` for descriptor N), is replaced, so that it goes on refusing the rest.
 */
int output_plan(const struct policy *policy, bool confined, bool plain, uint32_t relayed,
                struct output *output, struct error *err);

/* Whether there is anything to carry over, or to be written still: then somebody has to stay. */
bool output_carries(const struct output *output);

/* Whether some of that is masked. */
bool output_masks(const struct output *output);

/* Bit N: the child gets something else in place of descriptor N. */
uint32_t output_replaced(const struct output *output);

/* The child has its ends. */
void output_launched(struct output *output);

/*
 * Takes the mask over, NULL where nothing is masked, and the terminal if it is to have a session,
 * which `init` leads.
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
 * All who could write are gone: what is left is all there will be. False: there was nothing left.
 */
bool output_finish(struct output *output);

/* Wipes, and gives the terminal back. */
void output_free(struct output *output);

#endif
