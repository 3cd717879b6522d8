#include "run/stages.h"

#include "authority/hygiene.h"
#include "policy/approval.h"
#include "policy/arguments.h"
#include "policy/system.h"
#include "run/mode.h"
#include "run/decision.h"
#include "run/filesystem.h"
#include "run/location.h"
#include "stdio/descriptors.h"
#include "stdio/relay.h"
#include "stdio/session.h"
#include "run/supervise.h"
#include "run/unlocking.h"
#include "sandbox/cgroup.h"
#include "sandbox/limits.h"
#include "sandbox/namespaces.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <sched.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

int stage_status(struct run *run, struct error *err) {
	return record_open(run->request->status_fd, &run->record, err);
}

int stage_validity(struct run *run, struct error *err) {
	const struct policy *policy = run->policy;
	int r = policy_check_command(policy, run->found.name, run->found.file, err);
	if (r < 0)
		return r;
	if (policy->expires && time(NULL) >= policy->expires_at)
		return error_set(err, EKEYEXPIRED, "%s: expires: the policy has expired; renew it",
		                 run->found.file);
	return 0;
}

/* The tier, and the keys of the policy that change it. */
static void describe_policy(const struct policy *policy, struct sandbox_spec *spec) {
	sandbox_spec_set_tier(spec, policy->tier);
	if (spec->namespaces)
		sandbox_spec_set_network(spec, policy->network.access == POLICY_NETWORK_HOST);
	if (policy->network.listen)
		spec->features &= ~(uint32_t)SANDBOX_NO_LISTEN;
	if (policy->network.unix_sockets)
		spec->features &= ~(uint32_t)SANDBOX_NO_UNIX;
	sandbox_spec_set_profile(spec, policy->process.seccomp);
	if (policy->process.exec.items)
		spec->features |= SANDBOX_EXEC_LIST;
	spec->limits = policy->limits;
}

int stage_tier(struct run *run, struct error *err) {
	const bool can_map = run->request->privilege->can_map;
	run->spec->own_users = run->system && !run->spec->namespaces && can_map;
	if (!run->system || !run->spec->namespaces || can_map)
		return 0;
	return error_set(
		err, EPERM,
		"%s: tier: '%s' needs namespaces, which this envseal-exec cannot make: it has "
		"set-id bits but no capabilities; as root run envseal-system-setup",
		run->found.file, policy_tier_name(run->policy->tier));
}

int stage_places(struct run *run, struct error *err) {
	return filesystem_plan(run->policy, run->request, run->spec, &run->home, err);
}

int stage_keys(struct run *run, struct error *err) {
	const struct policy_found *found = &run->found;
	struct sandbox_spec *spec = run->spec = sandbox_spec_new();
	if (!spec)
		return error_errno(err, ENOMEM, "cannot describe the sandbox");
	int r = policy_parse(found->text.bytes, found->text.size, found->file, &run->policy, err);
	if (r < 0)
		return r;
	describe_policy(run->policy, spec);
	spec->umask = run->system ? privilege_umask(hygiene_umask()) : hygiene_umask();
	if (!run->system)
		return 0;
	/*
	 * A file with the run group and a set-id bit would let any user into that group
	 * (doc/run-group.md).
	 */
	spec->features |= SANDBOX_NO_SETID | SANDBOX_KNOWN_CALLS;
	return policy_for_system(run->policy, err);
}

/* Comes before any process starts: the sandbox helper gets the arguments too. */
int stage_arguments(struct run *run, struct error *err) {
	int r = arguments_check(run->policy, run->request->argv + 1, err);
	return r < 0 ? error_wrap(err, r, "%s", run->found.file) : 0;
}

int stage_program(struct run *run, struct error *err) {
	return program_prepare(steal_pointer(run->pin), run->policy, run->request->argv + 1,
	                       run->spec, &run->program, err);
}

/*
 * A supervisor has to end, measure or report the target. Without such a task tier none needs no
 * child.
 */
bool run_supervised(const struct run *run) {
	const struct sandbox_limits *limits = &run->policy->limits;
	return run->spec->namespaces || output_carries(&run->output) || limits->timeout ||
	       limits->memory || limits->processes || run->record.fd >= 0;
}

/* Lockdown hands on only descriptors that lead nowhere else; the supervisor relays the others. */
static int relay_plain(struct run *run, uint32_t *ret_relayed, struct error *err) {
	const uint32_t features = run->spec->features;
	if (!(features & SANDBOX_PLAIN_STDIO))
		return 0;
	return relay_wanted(!(features & SANDBOX_OWN_ROOT), !(features & SANDBOX_EXEC_LIST),
	                    ret_relayed, err);
}

/*
 * Comes before the child, which takes its ends along. It acts as the caller, who may open the
 * outputs again.
 */
int stage_output(struct run *run, struct error *err) {
	uint32_t relayed = 0;
	bool plain = run->spec->features & SANDBOX_PLAIN_STDIO;
	int r = relay_plain(run, &relayed, err);
	if (r < 0)
		return error_wrap(err, r, "output.mask");
	r = output_plan(run->policy, run->spec->namespaces != 0, plain, relayed, &run->output, err);
	if (r < 0)
		return error_wrap(err, r, "output.mask");
	run->spec->own_terminal = run->output.controlling >= 0;
	return 0;
}

/* A cgroup limits the whole tree; without one, each process has resource limits. */
int run_hold_limits(struct run *run, struct error *err) {
	struct sandbox_limits *limits = &run->spec->limits;
	if (!limits->memory && !limits->processes)
		return 0;
	int r = cgroup_make(limits, &run->cgroup, err);
	if (r == -ENOENT) {
		bool own_users = run->spec->own_users || (run->spec->namespaces & CLONE_NEWUSER);
		run->limits_by = LIMITS_BY_RLIMIT;
		return limits_by_rlimit(limits, filesystem_uid(run->policy, run->request),
		                        own_users, err);
	}
	if (r < 0)
		return r;
	run->limits_by = LIMITS_BY_CGROUP;
	run->spec->cgroup_fd = run->cgroup.procs_fd;
	limits_by_cgroup(limits);
	return 0;
}

int stage_limits(struct run *run, struct error *err) {
	return run_supervised(run) ? run_hold_limits(run, err) : 0;
}

/* 1 when one of them is a terminal, 0 when none is, -errno. */
static int any_terminal(const int *fds, size_t count) {
	for (size_t i = 0; i < count; i++) {
		int r = fd_is_terminal(fds[i]);
		/* EIO: it has hung up. EBADF: only a path (O_PATH). */
		if (r != 0 && r != -EIO && r != -EBADF)
			return r;
	}
	return 0;
}

/* On a terminal that the target shares: no calls that signal its process groups. */
static int restrict_terminals(struct run *run, struct error *err) {
	struct sandbox_spec *spec = run->spec;
	const bool device = !spec->own_terminal && !(spec->features & SANDBOX_MINIMAL_DEV);
	bool shared = false;
	if (!spec->namespaces)
		return 0;
	int r = session_shared(&run->output.place, output_replaced(&run->output), device, &shared,
	                       err);
	if (r < 0)
		return r;
	int kept = shared ? 1 : any_terminal(spec->kept_fds, spec->kept_count);
	if (kept < 0)
		return error_errno(err, kept, "process.keep_fds: cannot look at a descriptor");
	if (kept > 0)
		spec->features |=
			SANDBOX_NO_RESIZE | (spec->own_terminal ? 0 : SANDBOX_NO_FOREGROUND);
	return 0;
}

/*
 * Which of 0-2 are relayed, and which others are kept. Masked outputs have pipes of ours already.
 */
static int describe_descriptors(struct run *run, struct error *err) {
	struct sandbox_spec *spec = run->spec;
	int r = relay_plain(run, &spec->relayed, err);
	if (r < 0)
		return r;
	spec->relayed &= ~output_replaced(&run->output);
	r = descriptors_keep(run->policy, spec, err);
	return r < 0 ? r : restrict_terminals(run, err);
}

int stage_sandbox(struct run *run, struct error *err) {
	if (!run_supervised(run))
		return 0;
	int r = supervise_block_signals(&run->spec->signal_mask, err);
	if (r < 0)
		return r;
	if (run->system && !run->spec->namespaces)
		run->spec->features |= SANDBOX_OWN_DOMAIN;
	r = describe_descriptors(run, err);
	if (r < 0)
		return r;
	r = sandbox_mount_namespace(&run->spec->starter_mounts, err);
	if (r < 0)
		return r;
	r = filesystem_describe(run->policy, run->request, &run->home, run->spec, err);
	return r < 0 ? r : launch_prepare(run, err);
}

/* Started now, so that the kernel makes its namespaces while we verify and unseal. */
int stage_child(struct run *run, struct error *err) {
	if (!run_supervised(run))
		return 0;
	int r = launch_start(run, err);
	output_launched(&run->output);
	return r;
}

/*
 * After the child's start, because libsodium takes its time to find out what the processor can do.
 */
int stage_cryptography(struct run *run, struct error *err) {
	(void)run;
	if (sodium_init() < 0)
		return error_set(err, ENOSYS, "cannot initialise libsodium");
	secret_lock_stack();
	return 0;
}

static int open_vault(struct run *run, const char *directory, const struct vault_unlock *how,
                      struct error *err) {
	int r = vault_open(directory, &run->vault, err);
	return r < 0 ? r : vault_unlock(run->vault, how, err);
}

/*
 * Only the service user, which is our effective uid, can read the system's vault. No user is asked
 * for it.
 */
int run_unlock_system(struct run *run, struct error *err) {
	static const struct vault_keep keep = {.directory = SYSTEM_KEEP};
	return open_vault(run, SYSTEM_VAULT, &(struct vault_unlock){.keep = &keep}, err);
}

int run_find_vault(struct run *run, char **ret_directory, struct error *err) {
	const struct request *request = run->request;
	char *const *environment = run_own_environment(run);
	int r = unlocking_prepare(&run->unlocking, environment, request->passphrase_fd,
	                          request->no_input, err);
	return r < 0 ? r : location_vault(request->vault, environment, ret_directory, err);
}

int stage_vault(struct run *run, struct error *err) {
	if (run->system)
		return run_unlock_system(run, err);
	cleanup_free char *directory = NULL;
	int r = run_find_vault(run, &directory, err);
	return r < 0 ? r : open_vault(run, directory, &run->unlocking.how, err);
}

/* In system mode the policy is root's, and the grant was checked when it was found. */
int stage_approval(struct run *run, struct error *err) {
	if (run->system)
		return 0;
	return approval_check(run->vault, &run->found, run->request->profile, err);
}

int stage_pin(struct run *run, struct error *err) {
	return program_verify(&run->program, run->policy, &run->found.hashes, err);
}

static int begin_output(struct run *run, struct secrets *secrets, struct error *err) {
	struct mask *mask = NULL;
	int r = output_masks(&run->output) ? secrets_become_mask(secrets, &mask, err) : 0;
	return r < 0 ? r : output_begin(&run->output, mask, run->launch.child, err);
}

int stage_secrets(struct run *run, struct error *err) {
	const char *script = run->program.is_script ? run->policy->command : NULL;
	cleanup_secrets struct secrets secrets = {0};
	int r = secrets_open(run->policy, run->request->uid, run->vault, &secrets, err);
	/* No key is needed from here on: this wipes them. */
	vault_free(steal_pointer(run->vault));
	if (r < 0)
		return r;
	r = environment_build(run->policy, run->request->environment, script, run->home.directory,
	                      &secrets, &run->environment, err);
	if (r < 0)
		return r;
	r = output_carries(&run->output) ? begin_output(run, &secrets, err) : 0;
	return r < 0 ? error_wrap(err, r, "output.mask") : 0;
}

/*
 * Once for each run in system mode: after all checks and before anything is delivered, or with the
 * refusal.
 */
void run_log_decision(struct run *run, const char *refusal) {
	if (run->system && !run->logged)
		decision_record(run->request, run->name, run->found.file, run->policy, refusal);
	run->logged = true;
}

int stage_log(struct run *run, struct error *err) {
	(void)err;
	run_log_decision(run, NULL);
	return 0;
}

/* Without namespaces nobody asked the mapper for maps, so it would not end by itself. */
static int await_mapper(struct run *run, struct error *err) {
	if (run->spec->namespaces || run->spec->own_users)
		return privilege_await_mapper(run->request->privilege, err);
	privilege_free(run->request->privilege);
	return 0;
}

int stage_start(struct run *run, struct error *err) {
	if (!run_supervised(run))
		return run_become_target(run, err);
	const struct record_facts facts = {.command = run->policy->command,
	                                   .tier = policy_tier_name(run->policy->tier),
	                                   .mode = run->system ? "system" : "user",
	                                   .limits_by = run->limits_by};
	int r = await_mapper(run, err);
	if (r < 0)
		return r;
	r = supervise(&run->launch, &run->environment, &run->output, &run->record, &facts,
	              &run->outcome, err);
	if (r < 0)
		return r;
	cgroup_usage(&run->cgroup, &run->outcome.cpu, &run->outcome.peak_memory);
	record_finished(&run->record, &facts, &run->outcome);
	return 0;
}
