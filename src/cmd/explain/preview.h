#ifndef ENVSEAL_CMD_EXPLAIN_PREVIEW_H
#define ENVSEAL_CMD_EXPLAIN_PREVIEW_H

#include "run/run.h"
#include "util/error.h"

/* What the stages of a run that start or unseal something would refuse, with the run's errors. */

/* The policy's limits, places and identity, and the caller's directory. */
int preview_sandbox(struct run *run, struct error *err);

/* Whether all required secrets exist and have not expired, as far as that shows without a key. */
int preview_secrets(struct run *run, struct error *err);

/* Whether the kernel would execute the program. Sets the exit status. */
int preview_start(struct run *run, struct error *err);

#endif
