#include "sandbox/probe.h"

#include "sandbox/confine.h"
#include "sandbox/diagnose.h"
#include "sandbox/namespaces.h"
#include "sandbox/steps.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* What the child says at its end. */
struct answer {
	int code;
	struct error err;
};

/* One probe: what the child does. */
struct probe {
	int (*run)(struct probe *probe, struct error *err);
	struct sandbox_spec spec;
};

/* Dumpable, because root would own its id maps otherwise (proc(5)). It holds no secret. */
static int answer(struct probe *probe, struct error *err) {
	for (int fd = 0; fd <= 2; fd++) {
		int r = fd_null(fd);
		if (r < 0)
			return error_errno(err, r, "cannot open /dev/null");
	}
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become dumpable");
	return probe->run(probe, err);
}

static void child(struct probe *probe, int to) {
	struct answer said = {0};
	said.code = answer(probe, &said.err);
	_exit(fd_write_full(to, &said, sizeof(said)) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int wait_for(pid_t pid) {
	int status = 0;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Filters, namespaces and rules cannot be removed again; they end with the child. */
static int in_child(struct probe *probe, struct error *err) {
	struct answer said;
	cleanup_fd int from = -1;
	int to = -1;
	int r = fd_pipe(&from, &to, err);
	if (r < 0)
		return r;
	pid_t pid = fork();
	if (pid == 0)
		child(probe, to);
	int failure = errno;
	close(to);
	if (pid < 0)
		return error_errno(err, failure, "cannot start a process");
	r = fd_read_full(from, &said, sizeof(said));
	int ended_by = wait_for(pid);
	if (r < 0)
		return error_set(err, ECHILD, "the process that tried was ended by signal %d",
		                 ended_by);
	*err = said.err;
	return said.code;
}

static int enter_user_namespace(struct probe *probe, struct error *err) {
	(void)probe;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (unshare(CLONE_NEWUSER) < 0)
		return sandbox_diagnose(err,
		                        error_errno(err, errno, "cannot make a user namespace"));
	return sandbox_map_ids(uid, gid, err);
}

int probe_user_namespace(struct error *err) {
	struct probe probe = {.run = enter_user_namespace};
	return in_child(&probe, err);
}

/*
 * The child writes its answer here: it shares the memory of the process that started it, which
 * waits.
 */
struct sandboxed {
	const struct sandbox_spec *spec;
	uid_t uid;
	gid_t gid;
	int code;
	struct error *err;
};

static int take_steps(const struct sandboxed *in, int user_namespace) {
	int r = user_namespace ? sandbox_map_ids(in->uid, in->gid, in->err) : 0;
	if (r < 0)
		return r;
	r = sandbox_unshare(in->spec->namespaces, in->err);
	if (r < 0)
		return r;
	r = confine_keep_for_helper(in->err);
	return r < 0 ? r : sandbox_take_steps(in->spec, in->err);
}

static void run_sandboxed(void *context, int user_namespace) {
	struct sandboxed *in = context;
	in->code = take_steps(in, user_namespace);
	_exit(EXIT_SUCCESS);
}

static int enter_sandbox(struct probe *probe, struct error *err) {
	struct sandbox_spec *spec = &probe->spec;
	struct sandboxed in = {
		.spec = spec,
		.uid = geteuid(),
		.gid = getegid(),
		.code = -ECHILD,
		.err = err,
	};
	struct sandbox_child entry = {.run = run_sandboxed, .context = &in};
	error_set(err, ECHILD, "the sandboxed child ended without an answer");
	spec->cgroup_fd = spec->script_fd = spec->program_fd = -1;
	int r = sandbox_mount_namespace(&spec->starter_mounts, err);
	if (r < 0)
		return r;
	r = sandbox_spec_add(spec, SANDBOX_PLACE_DIRECTORY, "/", 0, 0, err);
	if (r < 0)
		return r;
	pid_t pid = sandbox_start(spec->namespaces, &entry, err);
	if (pid < 0)
		return (int)pid;
	wait_for(pid);
	return in.code;
}

int probe_fresh_proc(struct error *err) {
	struct probe probe = {
		.run = enter_sandbox,
		.spec = {.namespaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS,
	                 .features = SANDBOX_FRESH_PROC},
	};
	return in_child(&probe, err);
}

static int load_filter(struct probe *probe, struct error *err) {
	int r = confine_drop_privileges(false, err);
	return r < 0 ? r : confine_seccomp(probe->spec.features, SANDBOX_PROFILE_DEFAULT, err);
}

int probe_tier(enum sandbox_tier tier, struct error *err) {
	struct probe probe = {.run = enter_sandbox};
	sandbox_spec_set_tier(&probe.spec, tier);
	if (!probe.spec.namespaces)
		probe.run = load_filter;
	return in_child(&probe, err);
}

int probe_seccomp(struct error *err) {
	struct probe probe = {
		.run = load_filter,
		.spec.features = sandbox_tier_features(SANDBOX_TIER_HARDENED),
	};
	return in_child(&probe, err);
}

/* Before Linux 6.3 memory files are always executable, and MFD_EXEC is EINVAL. */
int probe_executable_memory(struct error *err) {
	cleanup_fd int fd = sys_memfd_create("envseal-probe", MFD_CLOEXEC | MFD_EXEC);
	if (fd < 0 && errno != EINVAL)
		return error_errno(err, errno,
		                   "cannot make an executable memory file (vm.memfd_noexec?)");
	return 0;
}
