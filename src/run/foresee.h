#ifndef ENVSEAL_RUN_FORESEE_H
#define ENVSEAL_RUN_FORESEE_H

#include "run/run.h"
#include "util/error.h"

#include <stdbool.h>

/*
 * What an explanation (run/run.h) does where a run acts: the same refusals, as far as they can be known without
 * starting, unsealing or asking. What is left: values that do not fit, what the kernel refuses the sandbox.
 */

/* The vault is opened as far as it goes without asking; the system's, only by root. */
int foresee_vault(struct run *run, struct error *err);

int foresee_sandbox(struct run *run, struct error *err);
int foresee_secrets(struct run *run, struct error *err);
int foresee_start(struct run *run, struct error *err);

/* Whether there is what a stage looks at. */
bool foresee_always(const struct run *run);
bool foresee_command(const struct run *run);
bool foresee_found(const struct run *run);
bool foresee_policy(const struct run *run);
bool foresee_program(const struct run *run);
bool foresee_approval(const struct run *run);

#endif
