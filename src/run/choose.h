#ifndef ENVSEAL_RUN_CHOOSE_H
#define ENVSEAL_RUN_CHOOSE_H

#include "run/run.h"
#include "util/error.h"

/*
 * A run's first stages: the mode, the command, and its policy. Where the system has no policy for a
 * command, the run gives up its privileges and looks for the command and its policy again as the
 * user.
 */

/* System mode or user mode: run->system. Sets run->own_layer where system mode was withheld. */
int stage_mode(struct run *run, struct error *err);

/* The same for explain: checks the choice, and changes nothing of the process. */
int run_find_mode(struct run *run, struct error *err);

/* In system mode: run->signatures, from system.toml. Errors as policy/system.h. */
int stage_system(struct run *run, struct error *err);

/*
 * The command's names and its file: run->path, name, real, pin. On failure it sets the exit status
 * of env(1).
 */
int stage_command(struct run *run, struct error *err);

/* run->layers, trust, found. -ENOENT and others: policy/find.h. */
int stage_policy(struct run *run, struct error *err);

/* In system mode: checks that root granted the policy to the caller. Errors as policy/grant.h. */
int stage_grant(struct run *run, struct error *err);

/* What the caller's environment says to envseal itself: nothing while there are privileges. */
char *const *run_own_environment(const struct run *run);

#endif
