#include "cmd/explain/stages.h"

#include "cmd/explain/preview.h"
#include "policy/system.h"
#include "run/choose.h"
#include "run/mode.h"
#include "run/location.h"
#include "util/cleanup.h"
#include "util/terminal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Whether a stage has what it examines. */

static bool always(const struct run *run) {
	(void)run;
	return true;
}

static bool has_command(const struct run *run) {
	return run->name && run->real;
}

static bool has_file(const struct run *run) {
	return run->found.file != NULL;
}

static bool has_policy(const struct run *run) {
	return run->policy != NULL;
}

static bool has_program(const struct run *run) {
	return run->program.command != NULL;
}

/* The vault's key proves an approval. */
static bool can_prove(const struct run *run) {
	return run->found.file && (run->system || (run->vault && vault_is_open(run->vault)));
}

/* `run` is the first member of the explanation. */
static struct explanation *explanation_of(struct run *run) {
	return (struct explanation *)(void *)run;
}

/* This privilege is only described, so there is nothing to give up, now or later. */
static int look_mode(struct run *run, struct error *err) {
	struct privilege *privilege = run->request->privilege;
	int r = run_find_mode(run, err);
	if (r < 0)
		return r;
	privilege->entered = run->system;
	privilege->can_map = run->system && privilege->source != PRIVILEGE_SET_ID;
	privilege->secure = privilege->secure && run->system;
	privilege->source = PRIVILEGE_NONE;
	return 0;
}

/* Whether pinentry could show a window. */
static bool has_pinentry(char *const environment[]) {
	bool display = location_variable(environment, "DISPLAY") ||
	               location_variable(environment, "WAYLAND_DISPLAY");
	return display && access(ENVSEAL_PINENTRY, X_OK) == 0;
}

/* Stands in for asking, and notes that a run would ask. */
static int note_asking(void *context, const char *what, struct secret **ret_answer,
                       struct error *err) {
	(void)what;
	(void)ret_answer;
	struct explanation *explanation = context;
	if (!terminal_present() && !has_pinentry(explanation->run.unlocking.environment))
		return unlocking_nobody_to_ask(err);
	explanation->would_ask = true;
	return error_set(err, ECANCELED, "its passphrase would be asked for");
}

static int look_users_vault(struct run *run, struct error *err) {
	struct explanation *explanation = explanation_of(run);
	struct vault_unlock *how = &run->unlocking.how;
	cleanup_free char *directory = NULL;
	int r = run_find_vault(run, &directory, err);
	if (r < 0)
		return r;
	if (how->ask && run->unlocking.passphrase_fd < 0) {
		how->ask = note_asking;
		how->context = explanation;
	}
	r = vault_open(directory, &run->vault, err);
	if (r < 0)
		return r;
	r = vault_unlock(run->vault, how, err);
	return explanation->would_ask ? 0 : r;
}

/* Opens the vault as far as possible without asking; the system's only as root. */
static int look_vault(struct run *run, struct error *err) {
	if (!run->system)
		return look_users_vault(run, err);
	explanation_of(run)->vault_hidden = run->request->uid != 0;
	if (run->request->uid != 0)
		return 0;
	/* A run would act as the service user, who owns the vault's files. */
	vault_serve(run->request->privilege->service_uid);
	return run_unlock_system(run, err);
}

/* The stages of run/run.c, in the same order. */
static const struct look {
	const char *name;
	bool (*possible)(const struct run *run);            /* NULL: it can refuse nothing */
	int (*instead)(struct run *run, struct error *err); /* NULL: the same as the run */
} looks[] = {
	/* clang-format off */
	{"mode",         always,      look_mode},
	{"system",       always,      NULL},
	{"status",       NULL,        NULL},
	{"command",      always,      NULL},
	{"policy",       has_command, NULL},
	{"grant",        has_file,    NULL},
	{"keys",         has_file,    NULL},
	{"validity",     has_policy,  NULL},
	{"places",       has_policy,  NULL},
	{"tier",         has_policy,  NULL},
	{"arguments",    has_policy,  NULL},
	{"program",      has_policy,  NULL},
	{"output",       NULL,        NULL},
	{"limits",       NULL,        NULL},
	{"sandbox",      has_policy,  preview_sandbox},
	{"child",        NULL,        NULL},
	{"cryptography", always,      NULL},
	{"vault",        has_file,    look_vault},
	{"approval",     can_prove,   NULL},
	{"pin",          has_program, NULL},
	{"secrets",      has_policy,  preview_secrets},
	{"log",          NULL,        NULL},
	{"start",        has_program, preview_start},
	/* clang-format on */
};
_Static_assert(ARRAY_SIZE(looks) <= EXPLANATION_STAGES_MAX,
               "an explanation has room for all stages");

/* The first refusal is the run's; a status after it means nothing. */
static void look(struct explanation *explanation, size_t i) {
	struct run *run = &explanation->run;
	struct explanation_stage *stage = &explanation->stages[explanation->stage_count++];
	stage->name = looks[i].name;
	if (!looks[i].possible(run))
		return;
	run->outcome.status = EXIT_REFUSED;
	int r = looks[i].instead ? looks[i].instead(run, &stage->why)
	                         : run_stages[i].act(run, &stage->why);
	stage->state = r < 0 ? STAGE_REFUSED : STAGE_PASSED;
	if (r >= 0)
		return;
	run_say_withheld(run, r, &stage->why);
	stage->status = run->outcome.status;
	if (!explanation->refusal)
		explanation->refusal = stage;
}

void explanation_make(const struct request *request, struct explanation *ret_explanation) {
	*ret_explanation = (struct explanation){.run = RUN_INIT(request)};
	ret_explanation->run.unlocking.passphrase_fd = -1;
	output_init(&ret_explanation->run.output);
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		if (looks[i].possible)
			look(ret_explanation, i);
	}
}

const struct explanation_stage *explanation_stage(const struct explanation *explanation,
                                                  const char *name) {
	for (size_t i = 0; i < explanation->stage_count; i++) {
		if (strcmp(explanation->stages[i].name, name) == 0)
			return &explanation->stages[i];
	}
	return NULL;
}
