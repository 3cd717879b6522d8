#include "run/choose.h"

#include "policy/grant.h"
#include "run/location.h"
#include "run/mode.h"
#include "run/resolve.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <string.h>

/* The exit statuses of env(1): 127 where there is no file, 126 where it cannot be executed. */
static int not_runnable(struct run *run, int code) {
	bool absent =
		code == -ENOENT || code == -ENOTDIR || code == -ELOOP || code == -ENAMETOOLONG;
	run->outcome.status = absent ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	return code;
}

static int look_up(struct run *run, struct error *err) {
	const char *search = location_variable(run_own_environment(run), "PATH");
	int r = resolve_command(run->request->argv[0], search, &run->path, err);
	if (r < 0)
		return not_runnable(run, r);
	r = path_command_names(run->path, &run->name, &run->real, err);
	if (r < 0)
		return not_runnable(run, r);
	r = pin_open(run->real, &run->pin, err);
	return r < 0 ? not_runnable(run, r) : 0;
}

/*
 * The system has no policy for this command: gives up every privilege, and looks for one that the
 * user approved.
 */
static int fall_to_user(struct run *run, struct error *err) {
	int r = privilege_give_up(run->request->privilege, err);
	pin_free(steal_pointer(run->pin));
	free(steal_pointer(run->real));
	free(steal_pointer(run->name));
	free(steal_pointer(run->path));
	layers_free(&run->layers);
	run->system = false;
	run->own_layer = true;
	run->outcome.status = EXIT_REFUSED;
	return r < 0 ? r : look_up(run, err);
}

int stage_command(struct run *run, struct error *err) {
	int r = look_up(run, err);
	/* The caller's PATH may have a command that the secure path does not have. */
	bool absent = run->outcome.status == EXIT_NOT_FOUND && !strchr(run->request->argv[0], '/');
	return r < 0 && run->system && absent ? fall_to_user(run, err) : r;
}

static int find_in(struct run *run, struct error *err) {
	const char *const names[] = {run->name, run->real};
	size_t count = strcmp(run->name, run->real) == 0 ? 1 : 2;
	return policy_find(&run->layers, names, count, run->request->profile, &run->trust,
	                   &run->found, err);
}

static int find_system(struct run *run, struct error *err) {
	run->trust = TRUST_ROOT;
	int r = layers_for_system(&run->layers, err);
	if (r < 0)
		return r;
	run->layers.signatures = run->signatures;
	return find_in(run, err);
}

static void keep_first(struct layers *layers) {
	for (; layers->count > 1; layers->count--)
		free(layers->paths[layers->count - 1]);
}

static int find_users(struct run *run, struct error *err) {
	char *const *environment = run_own_environment(run);
	bool named = run->request->layers || location_variable(environment, "ENVSEAL_LAYERS");
	run->trust = (struct trust){.owner = run->request->uid, .sticky = true, .unmapped = true};
	int r = location_layers(run->request->layers, environment, &run->layers, err);
	if (r < 0)
		return r;
	if (run->own_layer && !named)
		keep_first(&run->layers);
	return find_in(run, err);
}

/* Falls to user mode only where the system has no policy, and not where its policy refuses. */
int stage_policy(struct run *run, struct error *err) {
	if (!run->system)
		return find_users(run, err);
	int r = find_system(run, err);
	if (r == -ENOENT && !run->found.name) {
		r = fall_to_user(run, err);
		return r < 0 ? r : find_users(run, err);
	}
	if (r < 0)
		return r;
	return run->request->privilege->entered ? 0 : run_enter(run, err);
}

/* The caller must be able to read it, so this stage acts as the caller. */
int stage_grant(struct run *run, struct error *err) {
	const struct request *request = run->request;
	if (!run->system)
		return 0;
	return grant_check(&run->layers, run->found.name, request->profile, request->uid,
	                   &TRUST_ROOT, err);
}
