#ifndef ENVSEAL_RUN_RUN_H
#define ENVSEAL_RUN_RUN_H

#include "authority/actor.h"
#include "policy/find.h"
#include "policy/layers.h"
#include "policy/policy.h"
#include "run/environment.h"
#include "run/home.h"
#include "run/launch.h"
#include "stdio/output.h"
#include "run/program.h"
#include "run/record.h"
#include "run/request.h"
#include "run/unlocking.h"
#include "sandbox/cgroup.h"
#include "sandbox/limits.h"
#include "sandbox/spec.h"
#include "util/error.h"
#include "util/trust.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Everything that one run holds, in the order in which the stages make it. The stages change it, in
 * stages.c, choose.c, launch.c and become.c.
 */
struct run {
	const struct request *request;
	enum actor actor;     /* whose rights act now */
	bool system;          /* in system mode: its layers, its vault, grants for approvals */
	uint32_t signatures;  /* system mode: the layers that must be signed (policy/system.h) */
	bool logged;          /* what was decided is in the system's log */
	bool own_layer;       /* system mode was withheld: the caller's own policies alone */
	char *path;           /* what the look-up led to */
	char *name;           /* the command's name, as policies call it */
	char *real;           /* its real path */
	struct pin *pin;      /* until the program takes it over */
	struct layers layers; /* those that were searched, and whose files are trusted */
	struct trust trust;
	struct policy_found found;
	struct policy *policy;
	struct sandbox_spec *spec; /* the sandbox; there is one as soon as there is a policy */
	struct home home;          /* the private one; empty: the host's */
	struct program program;
	struct record record;
	struct cgroup cgroup;
	enum limits_by limits_by;
	struct launch launch;
	struct unlocking unlocking;
	struct vault *vault;
	struct environment environment;
	struct output output;
	struct outcome outcome;
};

#define RUN_INIT(asked)                                                                            \
	((struct run){                                                                             \
		.request = (asked),                                                                \
		.record = RECORD_NONE,                                                             \
		.cgroup = CGROUP_NONE,                                                             \
		.launch = LAUNCH_NONE,                                                             \
		.outcome = {.status = EXIT_REFUSED},                                               \
		.unlocking = {.passphrase_fd = (asked)->passphrase_fd},                            \
	})

/* One step of a run's life. */
struct stage {
	const char *name;
	enum actor actor; /* whose rights `act` has */
	int (*act)(struct run *run, struct error *err);
};

/* All of them, in their order. */
extern const struct stage run_stages[];
extern const size_t run_stage_count;

/*
 * Tier none, where no supervisor is needed: this process becomes the target. Returns only when it
 * cannot (become.c).
 */
int run_become_target(struct run *run, struct error *err);

/* What `envseal explain` uses besides the stages. */

/* Frees all that a run holds, and ends its sandbox. */
void run_free(struct run *run);

/* Whether a supervisor stays beside the target. */
bool run_supervised(const struct run *run);

/* Sets run->limits_by and makes the cgroup where there can be one. */
int run_hold_limits(struct run *run, struct error *err);

/* User mode: fills run->unlocking, and finds the vault. The caller frees the path. */
int run_find_vault(struct run *run, char **ret_directory, struct error *err);
int run_unlock_system(struct run *run, struct error *err);

/* Adds why the kernel gave envseal-exec no privilege, where it did not. Returns `code`. */
int run_say_withheld(const struct run *run, int code, struct error *err);

#endif
