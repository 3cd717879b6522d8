#include "run/run.h"

#include "run/filesystem.h"
#include "authority/hygiene.h"
#include "authority/identity.h"
#include "sandbox/confine.h"
#include "sandbox/environment.h"
#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/*
 * From here on the run group is all that keeps the user out (doc/system-mode.md), and a Landlock domain of its own
 * other programs of the same user that have the run group too. The user namespace of its own keeps it from mapping that
 * group into one of the user's (doc/run-group.md).
 */
static int take_targets_ids(struct run *run, struct error *err) {
	struct privilege *privilege = run->request->privilege;
	if (!run->system)
		return identity_become(run->policy, err);
	int r = run->plan.own_users ? privilege_leave_users(privilege, err) : 0;
	if (r < 0)
		return r;
	privilege_free(privilege);
	r = privilege_become_target(privilege, err);
	if (r < 0)
		return r;
	/* Those of that namespace, which whoever makes one has. */
	r = run->plan.own_users ? capabilities_drop(err) : 0;
	return r < 0 ? r : confine_own_domain(err);
}

/* Tier none: this process becomes the target, with the same PID. */
int run_become_target(struct run *run, struct error *err) {
	struct target *target = &run->program.target;
	int *const own[] = {&target->fd};
	const struct sandbox_needed needed = {own, ARRAY_SIZE(own), target->script_fd};
	size_t count = 0;
	while (target->arguments[count])
		count++;
	cleanup_free char **argv = calloc(count + 2, sizeof(*argv));
	cleanup_free char **envp = NULL;
	if (!argv)
		return error_errno(err, ENOMEM, "cannot execute '%s'", target->arg0);
	argv[0] = (char *)target->arg0;
	memcpy(argv + 1, target->arguments, count * sizeof(*argv));
	int r = confine_no_new_privileges(err);
	if (r == 0)
		r = take_targets_ids(run, err);
	if (r == 0)
		r = filesystem_enter(run->policy, err);
	if (r == 0)
		r = confine_drop_privileges(false, err);
	if (r == 0 && target->script_fd >= 0 && (r = fd_set_cloexec(target->script_fd, false)) < 0)
		error_errno(err, r, "cannot hand the script on");
	/* Files in memory belong to whoever makes them: by now that is the target's user. */
	const struct sandbox_environment header = environment_header(&run->environment);
	if (r == 0)
		r = sandbox_environment_make(&header, (char *)run->environment.block->bytes, &needed, &envp,
		                             err);
	if (r == 0)
		r = limits_apply(&run->policy->limits, err);
	if (r == 0)
		r = hygiene_end(err);
	if (r == 0 && umask(run->system ? privilege_umask(hygiene_umask()) : hygiene_umask()) > 0777)
		r = error_errno(err, EPERM, "cannot set the umask");
	/* Last: the profile may not have the calls above. */
	if (r == 0)
		r = confine_seccomp(run->plan.features, run->plan.profile, err);
	if (r < 0)
		return r;
	sys_execveat(target->fd, "", argv, envp, AT_EMPTY_PATH);
	run->outcome.status = EXIT_NOT_EXECUTABLE;
	return error_errno(err, errno, "cannot execute '%s'", target->arg0);
}
