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
 * Blocks the signals that a supervisor handles, so that none is lost from here on. *ret_caller gets
 * the mask as it was, which is the target's.
 */
int supervise_block_signals(sigset_t *ret_caller, struct error *err);

/*
 * Sends the environment, which starts the target, and stays until the target's end: passes signals
 * on, stops when it stops, and writes to `record` that it started. Wipes the environment as soon as
 * it is sent. Masks `output`, which was begun, to its end. 0 with *ret_outcome when the target ran;
 * a negative errno when it never started, with the failure's exit status in *ret_outcome.
 */
int supervise(struct launch *launch, struct environment *environment, struct output *output,
              struct record *record, const struct record_facts *facts, struct outcome *ret_outcome,
              struct error *err);

#endif
