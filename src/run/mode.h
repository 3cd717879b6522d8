#ifndef ENVSEAL_RUN_MODE_H
#define ENVSEAL_RUN_MODE_H

#include "run/run.h"
#include "util/error.h"

/* A run's first stages: system mode or user mode, and what system.toml says. */

/* System mode or user mode: run->system. Sets run->own_layer where system mode was withheld. */
int stage_mode(struct run *run, struct error *err);

/* The same for explain: checks the choice, and changes nothing of the process. */
int run_find_mode(struct run *run, struct error *err);

/* In system mode: run->signatures, from system.toml. Errors as policy/system.h. */
int stage_system(struct run *run, struct error *err);

/* Takes on the service's ids and drops the capabilities. Errors as privilege_enter. */
int run_enter(struct run *run, struct error *err);

/* What the caller's environment says to envseal itself: nothing while there are privileges. */
char *const *run_own_environment(const struct run *run);

#endif
