#include "run/run.h"

#include "run/choose.h"
#include "run/mode.h"
#include "run/stages.h"
#include "util/cleanup.h"

/*
 * The sandbox is freed last: it ends by itself while secrets are wiped here. After a failure it is
 * killed.
 */
void run_free(struct run *run) {
	output_free(&run->output);
	environment_free(&run->environment);
	vault_free(run->vault);
	unlocking_free(&run->unlocking);
	program_free(&run->program);
	free(run->spec);
	policy_free(run->policy);
	policy_found_free(&run->found);
	layers_free(&run->layers);
	pin_free(run->pin);
	free(run->real);
	free(run->name);
	free(run->path);
	home_free(&run->home);
	launch_free(&run->launch);
	cgroup_free(&run->cgroup);
	record_close(&run->record);
}

/*
 * The stages of a run, and with whose rights each acts (doc/sandbox.md has the child's side). Each
 * stage may rely on those before it. `envseal explain` has a table of the same stages in
 * cmd/explain/stages.c.
 */
const struct stage run_stages[] = {
	/* clang-format off */
	{"mode",         ACTOR_SERVICE, stage_mode},
	{"system",       ACTOR_SERVICE, stage_system},
	{"status",       ACTOR_CALLER,  stage_status},
	{"command",      ACTOR_CALLER,  stage_command},
	{"policy",       ACTOR_SERVICE, stage_policy},
	{"grant",        ACTOR_CALLER,  stage_grant},
	{"keys",         ACTOR_CALLER,  stage_keys},
	{"validity",     ACTOR_CALLER,  stage_validity},
	{"places",       ACTOR_CALLER,  stage_places},
	{"tier",         ACTOR_CALLER,  stage_tier},
	{"arguments",    ACTOR_CALLER,  stage_arguments},
	{"program",      ACTOR_CALLER,  stage_program},
	{"output",       ACTOR_CALLER,  stage_output},
	{"limits",       ACTOR_SERVICE, stage_limits},
	{"sandbox",      ACTOR_TARGET,  stage_sandbox},
	{"child",        ACTOR_OWNER,   stage_child},
	{"cryptography", ACTOR_SERVICE, stage_cryptography},
	{"vault",        ACTOR_SERVICE, stage_vault},
	{"approval",     ACTOR_SERVICE, stage_approval},
	{"pin",          ACTOR_SERVICE, stage_pin},
	{"secrets",      ACTOR_SERVICE, stage_secrets},
	{"log",          ACTOR_SERVICE, stage_log},
	{"start",        ACTOR_SERVICE, stage_start},
	/* clang-format on */
};

const size_t run_stage_count = ARRAY_SIZE(run_stages);

static int act_as(struct run *run, enum actor actor, struct error *err) {
	if (run->actor == actor)
		return 0;
	int r = actor_switch(run->actor, actor, run->policy, err);
	if (r < 0)
		return r;
	run->actor = actor;
	return 0;
}

static int take(struct run *run, const struct stage *stage, struct error *err) {
	int r = act_as(run, stage->actor, err);
	return r < 0 ? r : stage->act(run, err);
}

/* After a failure the service acts again: the system's log may need its rights. */
static int go_through(struct run *run, struct error *err) {
	for (size_t i = 0; i < run_stage_count; i++) {
		struct error ignored;
		int r = take(run, &run_stages[i], err);
		if (r < 0) {
			act_as(run, ACTOR_SERVICE, &ignored);
			return r;
		}
	}
	return 0;
}

/* A user who expected system mode must see why user mode refused. */
int run_say_withheld(const struct run *run, int code, struct error *err) {
	const char *reason = run->request->privilege->withheld;
	if (!reason)
		return code;
	struct error so_far = *err;
	return error_set(err, code,
	                 "%s (in user mode, because the kernel gave envseal-exec no privilege: %s)",
	                 so_far.text, reason);
}

/*
 * A refusal may come before system mode was entered. A process that still has a capability sends
 * no line.
 */
static void log_refusal(struct run *run, const struct error *err) {
	struct privilege *privilege = run->request->privilege;
	struct error ignored;
	if (run->system && !privilege->entered && privilege_give_up(privilege, &ignored) < 0)
		return;
	run_log_decision(run, err->text);
}

int run_request(const struct request *request, struct outcome *ret_outcome, struct error *err) {
	__attribute__((cleanup(run_free))) struct run run = RUN_INIT(request);
	output_init(&run.output);
	int r = go_through(&run, err);
	*ret_outcome = run.outcome;
	if (r >= 0)
		return 0;
	log_refusal(&run, err);
	return run_say_withheld(&run, r, err);
}
