#ifndef ENVSEAL_RUN_SUPERVISE_H
#define ENVSEAL_RUN_SUPERVISE_H

#include "run/environment.h"
#include "run/launch.h"
#include "stdio/output.h"
#include "run/record.h"
#include "run/request.h"
#include "util/error.h"

#include <signal.h>

/*
 * Blocks the signals that a supervisor deals with, so that none is lost from here on. *ret_caller gets
 * the mask as it was: the target's.
 */
int supervise_block_signals(sigset_t *ret_caller, struct error *err);

/*
 * Sends the environment, which is the "go", and stays with the target to its end: passes on signals, stops
 * when it stops, and says in `record` that it started. Wipes the environment as soon as it is sent.
 * `output`, begun, is masked to its end. 0 with *ret_outcome when the target ran; a
 * negative errno when it never started, with *ret_outcome's status saying which failure it was.
 */
int supervise(struct launch *launch, struct environment *environment, struct output *output,
              struct record *record, const struct record_facts *facts, struct outcome *ret_outcome,
              struct error *err);

#endif
