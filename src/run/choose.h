#ifndef ENVSEAL_RUN_CHOOSE_H
#define ENVSEAL_RUN_CHOOSE_H

#include "run/run.h"
#include "util/error.h"

/*
 * Which command a run is for, and its policy. Where the system has no policy for a command, the run
 * gives up its privileges and looks for the command and its policy again as the user.
 */

/*
 * The command's names and its file: run->path, name, real, pin. On failure it sets the exit status
 * of env(1).
 */
int stage_command(struct run *run, struct error *err);

/* run->layers, trust, found. -ENOENT and others: policy/find.h. */
int stage_policy(struct run *run, struct error *err);

/* In system mode: checks that root granted the policy to the caller. Errors as policy/grant.h. */
int stage_grant(struct run *run, struct error *err);

#endif
