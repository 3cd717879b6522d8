#ifndef ENVSEAL_RUN_STAGES_H
#define ENVSEAL_RUN_STAGES_H

#include "run/run.h"
#include "util/error.h"

/*
 * The stages of a run after those of run/mode.h and run/choose.h, in the order of run.c's table,
 * which says with whose rights each acts. All return 0 or a negative errno, and set
 * run->outcome.status where the exit status is not EXIT_REFUSED.
 */

/* --status-fd is taken over: run->record. */
int stage_status(struct run *run, struct error *err);

/* The policy's text becomes run->policy, and run->spec as far as its keys say. */
int stage_keys(struct run *run, struct error *err);

/* The policy is for this command, and in force. */
int stage_validity(struct run *run, struct error *err);

/* run->home, and the features for the policy's places. */
int stage_places(struct run *run, struct error *err);

/* The installation can have the tier. */
int stage_tier(struct run *run, struct error *err);

/* The policy allows the arguments. They are checked before anything is started with them. */
int stage_arguments(struct run *run, struct error *err);

/* run->program: what is executed, opened, and copied where others could change it. */
int stage_program(struct run *run, struct error *err);

/* run->output: pipes and terminals that are masked. The child takes its ends along. */
int stage_output(struct run *run, struct error *err);

/* A cgroup where there can be one, else resource limits. */
int stage_limits(struct run *run, struct error *err);

/* run->launch: the child's pipes and the description of its sandbox. */
int stage_sandbox(struct run *run, struct error *err);

/* Starts the child. The kernel builds its namespaces while this process verifies and unseals. */
int stage_child(struct run *run, struct error *err);

/* Initialises libsodium. Only now, because finding out what the processor can do takes time. */
int stage_cryptography(struct run *run, struct error *err);

/* run->vault, open. */
int stage_vault(struct run *run, struct error *err);

/* User mode: the vault's key proves that the user approved the policy. */
int stage_approval(struct run *run, struct error *err);

/* What is executed has a hash that the policy accepts. */
int stage_pin(struct run *run, struct error *err);

/* run->environment with the secrets; the vault's keys are gone afterwards. */
int stage_secrets(struct run *run, struct error *err);

/* System mode: one line in the system's log, before anything is handed out. */
int stage_log(struct run *run, struct error *err);

/* The target runs: as this process, or in the child until it ends. */
int stage_start(struct run *run, struct error *err);

/* Once for each run in system mode: what was decided. `refusal` NULL: allowed. */
void run_log_decision(struct run *run, const char *refusal);

#endif
