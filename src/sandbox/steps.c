#include "sandbox/steps.h"

#include "sandbox/confine.h"
#include "sandbox/copies.h"
#include "sandbox/exec_list.h"
#include "sandbox/mounts.h"
#include "sandbox/places.h"
#include "util/cleanup.h"

#include <errno.h>
#include <sched.h>

/* These need a mount namespace of the sandbox's own. */
#define MOUNTING                                                                                   \
	(uint32_t)(SANDBOX_READONLY_ROOT | SANDBOX_FRESH_PROC | SANDBOX_PRIVATE_TMP |              \
	           SANDBOX_FRESH_RUN | SANDBOX_MINIMAL_DEV | SANDBOX_PLACES | SANDBOX_OWN_ROOT |   \
	           SANDBOX_EXEC_LIST)

static int make_private(const struct sandbox_spec *spec, struct error *err) {
	if (!(spec->namespaces & CLONE_NEWNS))
		return spec->features & MOUNTING || spec->copies[0] != '\0'
		               ? error_set(err, EPROTO,
		                           "mounts are asked for, without a namespace for them")
		               : 0;
	int r = mounts_refuse_shared(spec->starter_mounts, err);
	return r < 0 ? r : mounts_make_private(err);
}

/*
 * The target can write a cgroup that belongs to the user: it could lift its limits there, or leave.
 */
static int protect_cgroups(const struct sandbox_spec *spec, struct error *err) {
	if (spec->cgroup_fd < 0 || !(spec->namespaces & CLONE_NEWNS))
		return 0;
	return mounts_set_readonly("/sys/fs/cgroup", 1, err);
}

static int drop(const struct sandbox_spec *spec, struct error *err) {
	return confine_drop_privileges(spec->namespaces != 0, err);
}

static int take_domain(const struct sandbox_spec *spec, struct error *err) {
	(void)spec;
	return confine_own_domain(err);
}

/* All but the target's own filter: the final child still needs some of those calls. */
static int filter(const struct sandbox_spec *spec, struct error *err) {
	uint32_t lacks = 0;
	int r = confine_landlock_lacks(spec->features, &lacks, err);
	return r < 0 ? r
	             : confine_seccomp((spec->features | lacks) & ~confine_left_for_target(spec),
	                               SANDBOX_PROFILE_DEFAULT, err);
}

/*
 * The order matters. The root comes first, because all paths are meant in it. Read-only comes
 * before the fresh mounts and writable places, which it must not reach; /dev before /dev/shm.
 * Hidden places come above all other mounts. The exec list then makes all of them noexec, so
 * private copies, which are executed, are mounted after it. Landlock needs the final paths; seccomp
 * refuses calls that all others make.
 */
static const struct step {
	uint32_t features; /* any of them; 0: always */
	const char *name;
	int (*take)(const struct sandbox_spec *spec, struct error *err);
} steps[] = {
	{0, "private mounts", make_private},
	{SANDBOX_READONLY_ROOT, "program", confine_reopen_program},
	{SANDBOX_OWN_ROOT, "root directory", places_enter_root},
	{SANDBOX_PLACES, "writable places", places_take_writable},
	{0, "read-only cgroups", protect_cgroups},
	{SANDBOX_READONLY_ROOT, "read-only root", mounts_readonly_root},
	{SANDBOX_PLACES, "kept places", places_take_kept},
	{SANDBOX_PLAIN_STDIO, "standard descriptors", confine_reopen_files},
	{SANDBOX_FRESH_PROC, "fresh /proc", mounts_fresh_proc},
	{SANDBOX_FRESH_RUN, "fresh /run", mounts_fresh_run},
	{SANDBOX_MINIMAL_DEV, "minimal /dev", mounts_minimal_dev},
	{SANDBOX_PLAIN_STDIO, "standard descriptors", confine_reopen_devices},
	{SANDBOX_PRIVATE_TMP, "private /tmp", mounts_private_tmp},
	{SANDBOX_PLACES, "writable and kept places", places_put_back},
	{SANDBOX_PLACES, "hidden places", places_hide},
	{SANDBOX_EXEC_LIST, "exec list", exec_list_mount},
	{0, "private copies", copies_make},
	{SANDBOX_OWN_NETWORK, "network", confine_own_network},
	{0, "working directory", places_enter_directory},
	{SANDBOX_PLACES | SANDBOX_OWN_ROOT, "descriptors", confine_check_directories},
	{SANDBOX_PLAIN_STDIO, "standard descriptors", confine_check_stdio},
	{SANDBOX_SECCOMP, "session keyring", confine_fresh_keyring},
	{0, "capabilities", drop},
	{SANDBOX_WRITE_RULE | SANDBOX_SCOPE, "Landlock", confine_landlock},
	{SANDBOX_OWN_DOMAIN, "Landlock", take_domain},
	{SANDBOX_PLAIN_STDIO, "standard descriptors", confine_check_reopening},
	{SANDBOX_EXEC_LIST, "exec list", exec_list_enforce},
	{0, "seccomp", filter},
};

int sandbox_take_steps(const struct sandbox_spec *spec, struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (steps[i].features && !(spec->features & steps[i].features))
			continue;
		int r = steps[i].take(spec, err);
		if (r < 0)
			return error_wrap(err, r, "%s", steps[i].name);
	}
	return 0;
}
