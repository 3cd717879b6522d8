#ifndef ENVSEAL_RUN_CHOOSE_H
#define ENVSEAL_RUN_CHOOSE_H

#include "run/run.h"
#include "util/error.h"

/*
 * A run's first stages: whose rules hold, what command was meant, and which policy it has. Where the system says nothing of a
 * command, the privileges are given up and the other two are chosen again for the user.
 */

/* System mode or user mode: run->system. Sets run->own_layer where system mode was withheld. */
int stage_mode(struct run *run, struct error *err);

/* The same, but changes nothing of the process: what was chosen is only checked. */
int run_find_mode(struct run *run, struct error *err);

/* In system mode: run->signatures, from system.toml. Errors as policy/system.h. */
int stage_system(struct run *run, struct error *err);

/* The command's names and its file: run->path, name, real, pin. A refusal sets the exit status as env(1) has it. */
int stage_command(struct run *run, struct error *err);

/* run->layers, trust, found. -ENOENT and others: policy/find.h. */
int stage_policy(struct run *run, struct error *err);

/* In system mode: whether root granted the policy to the caller. Errors as policy/grant.h. */
int stage_grant(struct run *run, struct error *err);

/* What the caller's environment says to envseal itself: nothing while there are privileges. */
char *const *run_own_environment(const struct run *run);

#endif
