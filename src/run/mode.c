#include "run/mode.h"

#include "policy/system.h"
#include "run/location.h"
#include "util/cleanup.h"

#include <errno.h>
#include <sys/stat.h>

/*
 * The caller's environment, as far as it is for envseal itself; nothing while there are privileges
 * (AT_SECURE). PATH alone could do no harm, because the policy is found by the file that it leads
 * to. But a rule without exceptions is safer, and a 'gh' that somebody planted in front of the real
 * one is not even looked at.
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
			"envseal-exec is installed for system mode, but there is no '%s'; as "
			"root run: envseal init --system (or use user mode: envseal-exec --user)",
			SYSTEM_FILE);
	return r < 0 ? error_wrap(err, r, "system mode") : 0;
}

int run_enter(struct run *run, struct error *err) {
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
	return privilege->source == PRIVILEGE_ROOT ? 0 : run_enter(run, err);
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
			"system mode: %s: service_uid and run_gid must each stand on a line of "
			"their own",
			SYSTEM_FILE);
	run->signatures = system.require_signature;
	return 0;
}
