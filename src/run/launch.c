#include "run/launch.h"

#include "authority/hygiene.h"
#include "authority/identity.h"
#include "run/run.h"
#include "sandbox/confine.h"
#include "sandbox/exec_list.h"
#include "sandbox/namespaces.h"
#include "sandbox/report.h"
#include "stdio/descriptors.h"
#include "stdio/relay.h"
#include "stdio/session.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* The child's ends of the pipes, and what else only it needs. */
struct child_ends {
	int environment_fd;
	int report_fd;
	int status_fd;
	int life_fd;
	int relayed[3]; /* what the target gets as 0-2 instead of the caller's */
	int spec_fd;
	int helper_fd;
	int exec_fd;
};

#define CHILD_ENDS_NONE ((struct child_ends){-1, -1, -1, -1, {-1, -1, -1}, -1, -1, -1})

/* What the child works from. It shares our memory until its exec and changes nothing in it. */
struct child {
	const struct run *run;
	/*
	 * Read before the start: in a user namespace without maps every id is the overflow id.
	 */
	uid_t uid;
	gid_t gid;
};

static void child_ends_free(struct child_ends *ends) {
	if (!ends)
		return;
	const int all[] = {ends->environment_fd, ends->report_fd,  ends->status_fd,  ends->life_fd,
	                   ends->relayed[0],     ends->relayed[1], ends->relayed[2], ends->spec_fd,
	                   ends->helper_fd,      ends->exec_fd};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i] >= 0)
			close(all[i]);
	}
	free(ends);
}

static int make_pipes(struct launch *launch, struct error *err) {
	struct child_ends *ends = launch->ends;
	struct {
		int *read, *write;
	} pipes[] = {
		{&ends->environment_fd, &launch->environment_fd},
		{&launch->report_fd, &ends->report_fd},
		{&launch->status_fd, &ends->status_fd},
		{&ends->life_fd, &launch->life_fd},
	};
	for (size_t i = 0; i < ARRAY_SIZE(pipes); i++) {
		int r = fd_pipe(pipes[i].read, pipes[i].write, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int make_relay(struct launch *launch, int fd, bool joined, struct error *err) {
	int *ours = &launch->relayed[fd], *childs = &launch->ends->relayed[fd];
	if (fd == STDIN_FILENO)
		return fd_pipe(childs, ours, err);
	if (fd != STDERR_FILENO || !joined)
		return fd_pipe(ours, childs, err);
	*childs = fcntl(launch->ends->relayed[STDOUT_FILENO], F_DUPFD_CLOEXEC, 0);
	return *childs < 0 ? error_errno(err, errno, "cannot relay a standard descriptor") : 0;
}

static int make_relays(struct launch *launch, uint32_t relayed, struct error *err) {
	bool joined = relay_error_joins_output(relayed);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int r = relayed & (1U << fd) ? make_relay(launch, fd, joined, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int launch_open_helper(int *ret_fd, struct error *err) {
	int fd = open(ENVSEAL_HELPER, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno,
		                   "cannot find the sandbox helper '%s'; reinstall envseal",
		                   ENVSEAL_HELPER);
	*ret_fd = fd;
	return 0;
}

/* From here on in the child: it may only report and end. */
static _Noreturn void child_fail(const struct child_ends *ends, int code, const struct error *err) {
	struct sandbox_report report = {.failed = SANDBOX_FAILED_SETUP, .error = -code};
	memcpy(report.text, err->text, sizeof(report.text));
	fd_write_full(ends->report_fd, &report, sizeof(report));
	_exit(EXIT_FAILURE);
}

static int place_standard(const int ends[static 3], struct error *err) {
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (ends[fd] >= 0 && dup2(ends[fd], fd) < 0)
			return error_errno(err, errno, "cannot place a standard descriptor");
	}
	return 0;
}

/* Puts our pipes and terminals in place of 0-2: the relays first, then the masked outputs. */
static int child_place_standard(const struct run *run, struct error *err) {
	int r = place_standard(run->launch.ends->relayed, err);
	if (r < 0)
		return r;
	r = place_standard(run->output.standard, err);
	if (r < 0 || run->output.controlling < 0)
		return r;
	r = session_lead(run->output.controlling);
	return r < 0 ? error_errno(err, r, "cannot lead a terminal of its own") : 0;
}

/*
 * Only what the helper needs survives its exec, whatever else the caller had open. Tier none keeps
 * all of that.
 */
static int child_keep_descriptors(const struct run *run, struct error *err) {
	const struct sandbox_spec *spec = run->spec;
	const int kept[] = {spec->program_fd, spec->script_fd, spec->environment_fd,
	                    spec->report_fd,  spec->status_fd, spec->life_fd,
	                    spec->exec_fd,    spec->cgroup_fd, run->launch.ends->spec_fd};
	int r = spec->namespaces ? confine_close_on_exec(STDERR_FILENO + 1, err) : 0;
	if (r < 0)
		return r;
	r = child_place_standard(run, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		r = kept[i] >= 0 ? fd_set_cloexec(kept[i], false) : 0;
		if (r < 0)
			return error_errno(err, r, "cannot hand a descriptor on");
	}
	return descriptors_hand_on(spec, err);
}

static int child_execute(const struct run *run, struct error *err) {
	char *const *target = run->program.argv;
	char target_fd[16], spec_fd[16];
	size_t count = 0;
	while (target[count])
		count++;
	snprintf(target_fd, sizeof(target_fd), "%d", run->program.fd);
	snprintf(spec_fd, sizeof(spec_fd), "%d", run->launch.ends->spec_fd);
	const char *const head[] = {"envseal-sandbox-helper",
	                            "--target-fd",
	                            target_fd,
	                            "--spec-fd",
	                            spec_fd,
	                            "--arg0",
	                            target[0],
	                            "--"};
	char **argv = calloc(ARRAY_SIZE(head) + count, sizeof(*argv));
	if (!argv)
		return error_errno(err, ENOMEM, "cannot start the sandbox helper");
	memcpy(argv, head, sizeof(head));
	memcpy(argv + ARRAY_SIZE(head), target + 1, (count - 1) * sizeof(*argv));
	char *const empty[] = {NULL};
	sys_execveat(run->launch.ends->helper_fd, "", argv, empty, AT_EMPTY_PATH);
	return error_errno(err, errno, "cannot execute the sandbox helper '%s'", ENVSEAL_HELPER);
}

static uint64_t namespaces_at_start(const struct sandbox_spec *spec) {
	return spec->own_users ? CLONE_NEWUSER : spec->namespaces;
}

/*
 * In user mode the child writes its own maps and waits for nobody (user_namespaces(7) lets it map
 * its own ids). In system mode the service user owns the namespace, and the mapper writes the maps
 * that let us become the target.
 */
static int child_take_ids(const struct child *child, int user_namespace, struct error *err) {
	const struct privilege *privilege = child->run->request->privilege;
	if (!child->run->system)
		return user_namespace ? sandbox_map_ids(child->uid, child->gid, err) : 0;
	int r = namespaces_at_start(child->run->spec) ? privilege_await_maps(privilege, err) : 0;
	return r < 0 ? r : privilege_become_target(privilege, err);
}

/*
 * Ids come before namespaces, which they will own; descriptors last, because earlier steps open
 * some.
 */
static int become_helper(const struct child *child, int user_namespace, struct error *err) {
	const struct run *run = child->run;
	const uint64_t namespaces = run->spec->namespaces;
	int r = hygiene_end(err);
	if (r < 0)
		return r;
	r = child_take_ids(child, user_namespace, err);
	if (r < 0)
		return r;
	r = identity_settle(run->policy, err);
	if (r < 0)
		return r;
	r = namespaces ? sandbox_unshare(namespaces, err) : 0;
	if (r < 0)
		return r;
	r = child_keep_descriptors(run, err);
	if (r < 0)
		return r;
	r = namespaces ? confine_keep_for_helper(err) : 0;
	return r < 0 ? r : child_execute(run, err);
}

/*
 * The supervisor's end of the life pipe closes first: a child that held it would never see the
 * supervisor die.
 */
static _Noreturn void run_child(void *context, int user_namespace) {
	const struct child *child = context;
	struct error err;
	close(child->run->launch.life_fd);
	int r = become_helper(child, user_namespace, &err);
	child_fail(child->run->launch.ends, r, &err);
}

/*
 * The child is born dumpable, because root would own its id maps otherwise (proc(5)), and nothing
 * secret is in memory yet. The helper is undumpable again.
 */
static int start(struct run *run, struct error *err) {
	struct child child = {.run = run, .uid = geteuid(), .gid = getegid()};
	struct sandbox_child entry = {.run = run_child, .context = &child, .copy = run->system};
	const uint64_t namespaces = namespaces_at_start(run->spec);
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become dumpable");
	pid_t pid = sandbox_start(namespaces, &entry, err);
	run->launch.child = pid;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	if (pid < 0)
		return (int)pid;
	return run->system && namespaces ? privilege_request_maps(run->request->privilege, pid, err)
	                                 : 0;
}

/* The last of the spec: the numbers that its descriptors have in the child. */
static int send_spec(struct sandbox_spec *spec, struct child_ends *ends, struct error *err) {
	spec->environment_fd = ends->environment_fd;
	spec->report_fd = ends->report_fd;
	spec->status_fd = ends->status_fd;
	spec->life_fd = ends->life_fd;
	spec->exec_fd = ends->exec_fd;
	return sandbox_spec_send(spec, &ends->spec_fd, err);
}

static int prepare(struct run *run, struct error *err) {
	const struct policy_strings *exec = &run->policy->process.exec;
	struct sandbox_spec *spec = run->spec;
	struct child_ends *ends = run->launch.ends;
	int r = launch_open_helper(&ends->helper_fd, err);
	if (r < 0)
		return r;
	r = make_pipes(&run->launch, err);
	if (r < 0)
		return r;
	if (spec->features & SANDBOX_EXEC_LIST)
		r = exec_list_send(exec->items, exec->count, &ends->exec_fd, err);
	if (r < 0)
		return r;
	r = make_relays(&run->launch, spec->relayed, err);
	return r < 0 ? r : send_spec(spec, ends, err);
}

int launch_prepare(struct run *run, struct error *err) {
	struct child_ends *ends = malloc(sizeof(*ends));
	if (!ends)
		return error_errno(err, ENOMEM, "cannot start the sandbox");
	*ends = CHILD_ENDS_NONE;
	run->launch.ends = ends;
	run->launch.walks = run->spec->namespaces == 0;
	run->launch.timeout = run->spec->limits.timeout;
	int r = prepare(run, err);
	return r < 0 ? error_wrap(err, r, "cannot start the sandbox") : 0;
}

int launch_start(struct run *run, struct error *err) {
	int r = start(run, err);
	if (r < 0) {
		/*
		 * The child may wait for maps that nobody asked for. It has no tree to end yet, so
		 * launch_free may kill it.
		 */
		run->launch.walks = false;
		return error_wrap(err, r, "cannot start the sandbox");
	}
	descriptors_let_go(run->spec);
	child_ends_free(steal_pointer(run->launch.ends));
	return 0;
}

void launch_free(struct launch *launch) {
	child_ends_free(launch->ends);
	cleanup_fd_(&launch->environment_fd);
	cleanup_fd_(&launch->report_fd);
	cleanup_fd_(&launch->status_fd);
	cleanup_fd_(&launch->life_fd);
	for (size_t i = 0; i < ARRAY_SIZE(launch->relayed); i++)
		cleanup_fd_(&launch->relayed[i]);
	if (launch->child > 0) {
		/*
		 * In tier none the child must end the tree itself, when the life pipe closes;
		 * SIGCONT, because it may have been stopped.
		 */
		if (!launch->ending)
			kill(launch->child, launch->walks ? SIGCONT : SIGKILL);
		while (waitpid(launch->child, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	*launch = LAUNCH_NONE;
}
