#include "run/run.h"

#include "run/filesystem.h"
#include "authority/hygiene.h"
#include "authority/identity.h"
#include "sandbox/confine.h"
#include "sandbox/envp.h"
#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/*
 * From here on the run group alone keeps the user out (doc/system-mode.md). A Landlock domain of
 * its own keeps out the same user's other programs, which have the run group too. In a user
 * namespace of its own the target cannot map that group into a namespace of the user's
 * (doc/run-group.md).
 */
static int take_targets_ids(struct run *run, struct error *err) {
	struct privilege *privilege = run->request->privilege;
	if (!run->system)
		return identity_become(run->policy, err);
	int r = run->spec->own_users ? privilege_leave_users(privilege, err) : 0;
	if (r < 0)
		return r;
	privilege_free(privilege);
	r = privilege_become_target(privilege, err);
	if (r < 0)
		return r;
	/* Whoever makes a user namespace has every capability in it. */
	r = run->spec->own_users ? capabilities_drop(err) : 0;
	return r < 0 ? r : confine_own_domain(err);
}

/* A script is read through its descriptor. */
static int hand_script_on(const struct sandbox_spec *spec, struct error *err) {
	int r = spec->script_fd < 0 ? 0 : fd_set_cloexec(spec->script_fd, false);
	return r < 0 ? error_errno(err, r, "cannot hand the script on") : 0;
}

/* Files in memory belong to the user who makes them, which by now is the target's. */
static int make_environment(struct run *run, char ***ret_envp, struct error *err) {
	int *const own[] = {&run->program.fd};
	const struct sandbox_needed needed = {own, ARRAY_SIZE(own), run->spec->script_fd};
	const struct sandbox_environment header = environment_header(&run->environment);
	return envp_make(&header, (char *)run->environment.block->bytes, &needed, ret_envp, err);
}

static int set_umask(const struct sandbox_spec *spec, struct error *err) {
	return umask((mode_t)spec->umask) > 0777 ? error_errno(err, EPERM, "cannot set the umask")
	                                         : 0;
}

/*
 * Everything but the exec. The filter comes last: its profile may refuse the calls of the other
 * steps.
 */
static int become_target(struct run *run, char ***ret_envp, struct error *err) {
	int r = confine_no_new_privileges(err);
	if (r < 0)
		return r;
	r = take_targets_ids(run, err);
	if (r < 0)
		return r;
	r = filesystem_enter(run->policy, err);
	if (r < 0)
		return r;
	r = confine_drop_privileges(false, err);
	if (r < 0)
		return r;
	r = hand_script_on(run->spec, err);
	if (r < 0)
		return r;
	r = make_environment(run, ret_envp, err);
	if (r < 0)
		return r;
	r = limits_apply(&run->spec->limits, err);
	if (r < 0)
		return r;
	r = hygiene_end(err);
	if (r < 0)
		return r;
	r = set_umask(run->spec, err);
	return r < 0 ? r : confine_seccomp(run->spec->features, run->spec->profile, err);
}

/* Tier none: this process becomes the target, with the same PID. */
int run_become_target(struct run *run, struct error *err) {
	cleanup_free char **envp = NULL;
	int r = become_target(run, &envp, err);
	if (r < 0)
		return r;
	sys_execveat(run->program.fd, "", run->program.argv, envp, AT_EMPTY_PATH);
	run->outcome.status = EXIT_NOT_EXECUTABLE;
	return error_errno(err, errno, "cannot execute '%s'", run->program.argv[0]);
}
