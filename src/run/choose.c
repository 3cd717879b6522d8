#include "run/choose.h"

#include "policy/grant.h"
#include "policy/system.h"
#include "run/location.h"
#include "run/resolve.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* The exit statuses of env(1): 127 where there is no file, 126 where it cannot be executed. */
static int not_runnable(struct run *run, int code) {
	bool absent = code == -ENOENT || code == -ENOTDIR || code == -ELOOP || code == -ENAMETOOLONG;
	run->outcome.status = absent ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	return code;
}

/*
 * The caller's environment, as far as it is for envseal itself; nothing while there are privileges
 * (AT_SECURE). PATH alone could do no harm, because the policy is found by the file that it leads
 * to. But a rule without exceptions is safer, and nobody is asked about a 'gh' that somebody
 * planted in front of the real one.
 */
char *const *run_own_environment(const struct run *run) {
	static char *const nothing[] = {NULL};
	return run->request->privilege->secure ? nothing : run->request->environment;
}

/* Root can choose: a root shell that names a vault of its own gets user mode with it. */
static bool root_wants_system(const struct run *run) {
	static const char *const own[] = {"ENVSEAL_VAULT", "ENVSEAL_LAYERS", "ENVSEAL_KEY_FILE"};
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (location_variable(run_own_environment(run), own[i]))
			return false;
	}
	struct stat st;
	return stat(SYSTEM_FILE, &st) == 0 || errno != ENOENT;
}

static int check_system(const struct run *run, struct error *err) {
	int r = privilege_check(run->request->privilege, SYSTEM_FILE, err);
	if (r == -ENOENT)
		return error_set(
			err, r,
			"envseal-exec is installed for system mode, but there is no '%s'; as root run: "
			"envseal init --system (or use user mode: envseal-exec --user)",
			SYSTEM_FILE);
	return r < 0 ? error_wrap(err, r, "system mode") : 0;
}

static int enter(struct run *run, struct error *err) {
	int r = privilege_enter(run->request->privilege, err);
	return r < 0 ? error_wrap(err, r, "system mode") : 0;
}

int run_find_mode(struct run *run, struct error *err) {
	const struct privilege *privilege = run->request->privilege;
	run->own_layer = privilege->withheld != NULL;
	if (privilege->source == PRIVILEGE_NONE)
		return 0;
	run->system = privilege->source != PRIVILEGE_ROOT || root_wants_system(run);
	return run->system ? check_system(run, err) : 0;
}

/*
 * Comes before we look at anything that the caller could have prepared. Root enters system mode
 * later, once a policy is found, because root could not take back for user mode what it gave up.
 */
int stage_mode(struct run *run, struct error *err) {
	struct privilege *privilege = run->request->privilege;
	int r = run_find_mode(run, err);
	if (r < 0)
		return r;
	if (!run->system)
		return privilege->source == PRIVILEGE_NONE ? 0 : privilege_give_up(privilege, err);
	return privilege->source == PRIVILEGE_ROOT ? 0 : enter(run, err);
}

/*
 * Reads all of system.toml, now that no capability is left. The ids were read without the TOML
 * reader.
 */
int stage_system(struct run *run, struct error *err) {
	const struct privilege *privilege = run->request->privilege;
	struct system system;
	if (!run->system)
		return 0;
	int r = system_read(SYSTEM_FILE, &TRUST_ROOT, &system, err);
	if (r < 0)
		return error_wrap(err, r, "system mode");
	if (system.service_uid != privilege->service_uid || system.run_gid != privilege->run_gid)
		return error_set(
			err, EBADMSG,
			"system mode: %s: service_uid and run_gid must each stand on a line of their own",
			SYSTEM_FILE);
	run->signatures = system.require_signature;
	return 0;
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
	return policy_find(&run->layers, names, count, run->request->profile, &run->trust, &run->found, err);
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
	return run->request->privilege->entered ? 0 : enter(run, err);
}

/* The caller must be able to read it, so this stage acts as the caller. */
int stage_grant(struct run *run, struct error *err) {
	const struct request *request = run->request;
	if (!run->system)
		return 0;
	return grant_check(&run->layers, run->found.name, request->profile, request->uid, &TRUST_ROOT, err);
}
