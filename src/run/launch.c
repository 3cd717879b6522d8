#include "run/launch.h"

#include "stdio/descriptors.h"
#include "run/filesystem.h"
#include "authority/hygiene.h"
#include "authority/identity.h"
#include "stdio/relay.h"
#include "stdio/session.h"
#include "sandbox/confine.h"
#include "sandbox/exec_list.h"
#include "sandbox/namespaces.h"
#include "sandbox/report.h"
#include "sandbox/spec.h"
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

/* The child's ends of the pipes, and what else it takes along. */
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

/* All that the child works from; it shares our memory until its exec and changes nothing in it. */
struct child {
	const struct sandbox_plan *plan;
	const struct target *target;
	const struct child_ends *ends;
	uint32_t relayed;
	const struct policy *policy;
	struct sandbox_spec *spec;
	const struct privilege *privilege; /* NULL: user mode */
	const struct surroundings *around;
	int life_fd; /* the supervisor's end */
	uid_t uid;
	gid_t gid;
};

/* What is prepared for the child, until it is on its way. */
struct launch_draft {
	struct child child;
	struct child_ends ends;
	struct sandbox_spec spec;
};

static void child_ends_close(struct child_ends *ends) {
	int *const all[] = {&ends->environment_fd, &ends->report_fd,  &ends->status_fd,  &ends->life_fd,
	                    &ends->relayed[0],     &ends->relayed[1], &ends->relayed[2], &ends->spec_fd,
	                    &ends->helper_fd,      &ends->exec_fd};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		cleanup_fd_(all[i]);
		*all[i] = -1;
	}
}

static int make_pipes(struct launch *launch, struct child_ends *ends, struct error *err) {
	int r = fd_pipe(&ends->environment_fd, &launch->environment_fd, err);
	if (r == 0)
		r = fd_pipe(&launch->report_fd, &ends->report_fd, err);
	if (r == 0)
		r = fd_pipe(&launch->status_fd, &ends->status_fd, err);
	if (r == 0)
		r = fd_pipe(&ends->life_fd, &launch->life_fd, err);
	return r;
}

/* Lockdown hands on what leads nowhere else; the rest goes through us. */
static int make_relays(const struct sandbox_plan *plan, const struct surroundings *around,
                       struct launch *launch, struct child_ends *ends, uint32_t *ret_relayed,
                       struct error *err) {
	uint32_t all = 0;
	int r = plan->features & SANDBOX_PLAIN_STDIO
	                ? relay_wanted(!(plan->features & SANDBOX_OWN_ROOT),
	                               !(plan->features & SANDBOX_EXEC_LIST), &all, err)
	                : 0;
	if (r < 0)
		return r;
	/* What is masked goes another way of ours already. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		all &= around->standard[fd] >= 0 ? ~(1U << fd) : ~0U;
	bool joined = relay_error_joins_output(all);
	for (int fd = STDIN_FILENO; r == 0 && fd <= STDERR_FILENO; fd++) {
		if (!(all & (1U << fd)))
			continue;
		if (fd == STDERR_FILENO && joined)
			ends->relayed[fd] = fcntl(ends->relayed[STDOUT_FILENO], F_DUPFD_CLOEXEC, 0);
		else if (fd == STDIN_FILENO)
			r = fd_pipe(&ends->relayed[fd], &launch->relayed[fd], err);
		else
			r = fd_pipe(&launch->relayed[fd], &ends->relayed[fd], err);
		if (r == 0 && ends->relayed[fd] < 0)
			r = error_errno(err, errno, "cannot relay a standard descriptor");
	}
	*ret_relayed = all;
	return r;
}

static void describe_copies(struct sandbox_spec *spec, const struct target *target) {
	if (!target->script_name && !target->program_name)
		return;
	snprintf(spec->copies, sizeof(spec->copies), "%s", target->copies);
	snprintf(spec->script_name, sizeof(spec->script_name), "%s",
	         target->script_name ? target->script_name : "");
	snprintf(spec->program_name, sizeof(spec->program_name), "%s",
	         target->program_name ? target->program_name : "");
}

static int describe(const struct child *child, const struct request *request, struct child_ends *ends,
                    struct error *err) {
	struct sandbox_spec *spec = child->spec;
	*spec = (struct sandbox_spec){
		.features = child->plan->features,
		.environment_fd = ends->environment_fd,
		.report_fd = ends->report_fd,
		.status_fd = ends->status_fd,
		.life_fd = ends->life_fd,
		.script_fd = child->target->script_fd,
		.program_fd = child->target->fd,
		.relayed = child->relayed,
		.namespaces = child->plan->namespaces,
		.cgroup_fd = child->around->cgroup_fd,
		.limits = child->around->limits,
		.umask = child->privilege ? privilege_umask(hygiene_umask()) : hygiene_umask(),
		.exec_fd = ends->exec_fd,
		.profile = child->plan->profile,
		.signal_mask = child->around->caller_mask,
		.own_terminal = child->around->leads_session,
	};
	describe_copies(spec, child->target);
	int r = sandbox_mount_namespace(&spec->starter_mounts, err);
	if (r == 0)
		r = filesystem_describe(child->policy, request, child->around->home, spec, err);
	if (r == 0)
		r = descriptors_keep(child->policy, spec, err);
	return r < 0 ? r : sandbox_spec_send(spec, &ends->spec_fd, err);
}

int launch_open_helper(int *ret_fd, struct error *err) {
	int fd = open(ENVSEAL_HELPER, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "cannot find the sandbox helper '%s'; reinstall envseal",
		                   ENVSEAL_HELPER);
	*ret_fd = fd;
	return 0;
}

/* From here on in the child: it may only report and end. */
static void child_fail(const struct child_ends *ends, int code, const struct error *err) {
	struct sandbox_report report = {.stage = SANDBOX_STAGE_SETUP, .error = -code};
	memcpy(report.text, err->text, sizeof(report.text));
	fd_write_full(ends->report_fd, &report, sizeof(report));
	_exit(EXIT_FAILURE);
}

/* What is masked on its way out, and the terminal that it may come by. */
static int child_place_standard(const struct surroundings *around, struct error *err) {
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (around->standard[fd] >= 0 && dup2(around->standard[fd], fd) < 0)
			return error_errno(err, errno, "cannot place a standard descriptor");
	}
	int r = around->leads_session ? session_lead() : 0;
	return r < 0 ? error_errno(err, r, "cannot lead a terminal of its own") : 0;
}

/* Only what the helper needs survives its exec, whatever else the caller had open; all of that in tier none. */
static int child_keep_descriptors(const struct child *child, struct error *err) {
	const struct target *target = child->target;
	const struct child_ends *ends = child->ends;
	const int kept[] = {target->fd,      target->script_fd, ends->environment_fd,
	                    ends->report_fd, ends->status_fd,   ends->life_fd,
	                    ends->spec_fd,   ends->exec_fd,     child->around->cgroup_fd};
	int r = child->plan->namespaces ? confine_close_on_exec(STDERR_FILENO + 1, err) : 0;
	for (int fd = STDIN_FILENO; r == 0 && fd <= STDERR_FILENO; fd++) {
		if (ends->relayed[fd] >= 0 && dup2(ends->relayed[fd], fd) < 0)
			r = error_errno(err, errno, "cannot hand a standard descriptor on");
	}
	if (r == 0)
		r = child_place_standard(child->around, err);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(kept); i++) {
		if (kept[i] >= 0 && (r = fd_set_cloexec(kept[i], false)) < 0)
			error_errno(err, r, "cannot hand a descriptor on");
	}
	return r < 0 ? r : descriptors_hand_on(child->spec, err);
}

static int child_execute(const struct target *target, const struct child_ends *ends, struct error *err) {
	size_t count = 0;
	while (target->arguments[count])
		count++;
	char target_fd[16], spec_fd[16];
	snprintf(target_fd, sizeof(target_fd), "%d", target->fd);
	snprintf(spec_fd, sizeof(spec_fd), "%d", ends->spec_fd);
	const char *const head[] = {"envseal-sandbox-helper",
	                            "--target-fd",
	                            target_fd,
	                            "--spec-fd",
	                            spec_fd,
	                            "--arg0",
	                            target->arg0,
	                            "--"};
	char **argv = calloc(ARRAY_SIZE(head) + count + 1, sizeof(*argv));
	if (!argv)
		return error_errno(err, ENOMEM, "cannot start the sandbox helper");
	memcpy(argv, head, sizeof(head));
	memcpy(argv + ARRAY_SIZE(head), target->arguments, count * sizeof(*argv));
	char *const empty[] = {NULL};
	sys_execveat(ends->helper_fd, "", argv, empty, AT_EMPTY_PATH);
	return error_errno(err, errno, "cannot execute the sandbox helper '%s'", ENVSEAL_HELPER);
}

static uint64_t namespaces_at_start(const struct child *child) {
	return child->plan->own_users ? CLONE_NEWUSER : child->plan->namespaces;
}

/*
 * In user mode the child waits for nobody: it writes its own maps, as it may (user_namespaces(7): one line, its
 * own ids). In system mode the namespace is the service user's, and the mapper writes what lets us become the target.
 */
static int child_take_ids(const struct child *child, int user_namespace, struct error *err) {
	if (!child->privilege)
		return user_namespace ? sandbox_map_ids(child->uid, child->gid, err) : 0;
	int r = namespaces_at_start(child) ? privilege_await_maps(child->privilege, err) : 0;
	return r < 0 ? r : privilege_become_target(child->privilege, err);
}

/*
 * The supervisor's end of the life pipe is closed first: while the child held it, it would never see
 * the supervisor die.
 */
static void run_child(void *context, int user_namespace) {
	const struct child *child = context;
	struct error err;
	close(child->life_fd);
	int r = hygiene_end(&err);
	if (r == 0)
		r = child_take_ids(child, user_namespace, &err);
	if (r == 0)
		r = identity_settle(child->policy, &err);
	if (r == 0 && child->plan->namespaces)
		r = sandbox_unshare(child->plan->namespaces, &err);
	if (r == 0)
		r = child_keep_descriptors(child, &err);
	if (r == 0 && child->plan->namespaces)
		r = confine_keep_for_helper(&err);
	if (r == 0)
		r = child_execute(child->target, child->ends, &err);
	child_fail(child->ends, r, &err);
}

/*
 * The child is born dumpable, for its maps would belong to root otherwise (proc(5)), and nothing secret
 * is in memory yet. The helper is undumpable again.
 */
static int start(const struct child *child, struct launch *launch, struct error *err) {
	const struct privilege *privilege = child->privilege;
	struct sandbox_child entry = {.run = run_child, .context = (void *)child, .copy = privilege != NULL};
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become dumpable");
	pid_t pid = sandbox_start(namespaces_at_start(child), &entry, err);
	launch->child = pid;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	if (pid < 0)
		return (int)pid;
	return privilege && namespaces_at_start(child) ? privilege_request_maps(privilege, pid, err) : 0;
}

static int prepare(struct launch *launch, struct launch_draft *draft, const struct request *request,
                   struct error *err) {
	const struct sandbox_plan *plan = draft->child.plan;
	struct child_ends *ends = &draft->ends;
	int r = launch_open_helper(&ends->helper_fd, err);
	if (r < 0)
		return r;
	r = make_pipes(launch, ends, err);
	if (r < 0)
		return r;
	if (plan->features & SANDBOX_EXEC_LIST)
		r = exec_list_send(plan->exec, plan->exec_count, &ends->exec_fd, err);
	if (r < 0)
		return r;
	r = make_relays(plan, draft->child.around, launch, ends, &draft->child.relayed, err);
	return r < 0 ? r : describe(&draft->child, request, ends, err);
}

static void draft_free(struct launch_draft *draft) {
	if (draft)
		child_ends_close(&draft->ends);
	free(draft);
}

int launch_prepare(const struct sandbox_plan *plan, const struct target *target, const struct policy *policy,
                   const struct request *request, const struct surroundings *around, struct launch *ret_launch,
                   struct error *err) {
	cleanup_launch struct launch launch = LAUNCH_NONE;
	struct launch_draft *draft = launch.draft = calloc(1, sizeof(*draft));
	if (!draft)
		return error_errno(err, ENOMEM, "cannot start the sandbox");
	draft->ends = CHILD_ENDS_NONE;
	draft->child = (struct child){
		.plan = plan,
		.target = target,
		.ends = &draft->ends,
		.policy = policy,
		.spec = &draft->spec,
		.around = around,
		.privilege = request->privilege->entered ? request->privilege : NULL,
	};
	launch.walks = plan->namespaces == 0;
	launch.timeout = around->limits.timeout;
	int r = prepare(&launch, draft, request, err);
	if (r < 0)
		return error_wrap(err, r, "cannot start the sandbox");
	*ret_launch = launch;
	launch = LAUNCH_NONE;
	return 0;
}

int launch_start(struct launch *launch, struct error *err) {
	struct launch_draft *draft = launch->draft;
	/* The ids are asked for here: inside, without a map, they are nobody's. */
	draft->child.uid = geteuid();
	draft->child.gid = getegid();
	draft->child.life_fd = launch->life_fd;
	int r = start(&draft->child, launch, err);
	if (r < 0)
		return error_wrap(err, r, "cannot start the sandbox");
	descriptors_let_go(&draft->spec);
	draft_free(draft);
	launch->draft = NULL;
	return 0;
}

void launch_free(struct launch *launch) {
	draft_free(launch->draft);
	cleanup_fd_(&launch->environment_fd);
	cleanup_fd_(&launch->report_fd);
	cleanup_fd_(&launch->status_fd);
	cleanup_fd_(&launch->life_fd);
	for (size_t i = 0; i < ARRAY_SIZE(launch->relayed); i++)
		cleanup_fd_(&launch->relayed[i]);
	if (launch->child > 0) {
		/* Where it walks, the end of the life pipe tells it to; stopped, it could not. */
		if (!launch->ending)
			kill(launch->child, launch->walks ? SIGCONT : SIGKILL);
		while (waitpid(launch->child, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	*launch = LAUNCH_NONE;
}
