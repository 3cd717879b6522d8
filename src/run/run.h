#ifndef ENVSEAL_RUN_RUN_H
#define ENVSEAL_RUN_RUN_H

#include "authority/actor.h"
#include "policy/find.h"
#include "policy/layers.h"
#include "policy/policy.h"
#include "run/environment.h"
#include "run/launch.h"
#include "stdio/output.h"
#include "run/program.h"
#include "run/record.h"
#include "run/request.h"
#include "run/unlocking.h"
#include "sandbox/cgroup.h"
#include "sandbox/limits.h"
#include "sandbox/tier.h"
#include "util/error.h"
#include "util/trust.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>

/* Everything that one run holds, in the order in which it comes to be. Only run.c and choose.c change it. */
struct run {
	const struct request *request;
	enum actor actor;     /* whose rights act now */
	bool system;          /* in system mode: its layers, its vault, grants for approvals */
	bool recorded;        /* what was decided is in the system's log */
	bool own_layer;       /* user mode for want of system mode: the caller's own policies alone */
	char *path;           /* what the look-up led to */
	char *name;           /* the command's name, as policies call it */
	char *real;           /* its real path */
	struct pin *pin;      /* until the program takes it over */
	struct layers layers; /* those that were asked for the policy, and whose files are believed there */
	struct trust trust;
	struct policy_found found;
	struct policy *policy;
	struct sandbox_plan plan;
	struct home home; /* the private one; empty: the host's */
	struct program program;
	struct record record;
	struct surroundings around;
	struct cgroup cgroup;
	enum limits_by limits_by;
	struct launch launch;
	struct unlocking unlocking;
	struct vault *vault;
	struct environment environment;
	struct output output;
	struct outcome outcome;
	bool explained;    /* nothing is to be run, opened or asked, only foreseen */
	bool would_ask;    /* explained: for the vault's passphrase */
	bool vault_hidden; /* explained: the system's vault, which only the service user may look into */
};

/* One stage of it: what a run does, and what an explanation does in its place. */
struct run_work {
	const char *name;
	enum actor actor; /* whose rights `real` acts with */
	int (*real)(struct run *run, struct error *err);
	int (*dry)(struct run *run, struct error *err); /* NULL: it decides nothing */
	bool (*possible)(const struct run *run); /* whether `dry` has what it needs, behind a refusal too */
};

/* All of them, in their order; the last has no name. */
extern const struct run_work run_works[];

/* Tier none, where nobody has to stay: this process becomes the target. Returns only when it cannot (become.c). */
int run_become_target(struct run *run, struct error *err);

/* What run/foresee.c shares with run.c. */
bool run_supervised(const struct run *run);
int run_hold_limits(struct run *run, struct error *err);
int run_unlock(struct run *run, struct error *err);
int run_say_withheld(const struct run *run, int code, struct error *err);
void run_free(struct run *run);

/* What an explanation found at one of a run's stages. */
struct run_stage {
	const char *name;
	enum {
		RUN_STAGE_UNKNOWN, /* an earlier refusal left nothing to look at */
		RUN_STAGE_PASSED,
		RUN_STAGE_REFUSED,
	} state;
	int status;       /* refused: the exit status */
	struct error why; /* refused: what envseal-exec says */
};

#define RUN_STAGES_MAX 24

struct run_explanation {
	const struct run *run; /* with all that could be found out, also behind a refusal */
	struct run_stage stages[RUN_STAGES_MAX];
	size_t stage_count;
	const struct run_stage *refusal; /* the first, which is the run's; NULL: it would run */
};

/*
 * Goes through a run's stages without running, unsealing, asking or changing anything, and hands what it found
 * to `tell`, for the time of that call. The request's privilege is one that was foreseen (authority/privilege.h).
 */
void run_explain(const struct request *request,
                 void (*tell)(void *context, const struct run_explanation *explanation), void *context);

/* The stage of that name; NULL: there is none. */
const struct run_stage *run_explanation_stage(const struct run_explanation *explanation, const char *name);

#endif
