#include "authority/privilege.h"

#include "authority/mapper.h"
#include "authority/system_ids.h"
#include "authority/withheld.h"
#include "sandbox/diagnose.h"
#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/ids.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int refuse_mixture(struct error *err) {
	return error_set(
		err, EPERM,
		"envseal-exec is installed with set-id bits or capabilities that do not fit "
		"together; system mode needs 'chown root:RUN-GROUP', 'chmod 2755' and 'setcap "
		"cap_setuid,cap_setgid=ep' in this order, user mode none of them (chmod ug-s, "
		"setcap -r)");
}

int privilege_classify(struct privilege *privilege, bool both, struct error *err) {
	const uid_t uid = privilege->effective_uid;
	if (privilege->uid == 0)
		privilege->source = PRIVILEGE_ROOT;
	else if (uid == 0 && both)
		privilege->source = PRIVILEGE_SETUID_ROOT;
	else if (uid != 0 && both)
		privilege->source = PRIVILEGE_CAPABILITIES;
	else if (uid != 0 && uid != privilege->uid && privilege->effective_gid != privilege->gid)
		privilege->source = PRIVILEGE_SET_ID;
	else
		return refuse_mixture(err);
	return 0;
}

/*
 * Root's powers are dropped before anything is read. From here on there are two capabilities, not
 * in effect.
 */
static int reduce(const struct privilege *privilege, struct error *err) {
	if (privilege->source == PRIVILEGE_SETUID_ROOT && seteuid(privilege->uid) < 0)
		return error_errno(err, errno, "cannot take on uid %u", privilege->uid);
	if (privilege->source == PRIVILEGE_SET_ID)
		return capabilities_drop(err);
	return capabilities_hold(privilege->uid, false, err);
}

/*
 * AT_SECURE says what the file asked for, not what the kernel granted: under a tracer it grants
 * nothing. In a user namespace of the caller's it grants the file's capabilities, which have no
 * effect outside.
 */
static int refrain(struct privilege *privilege, struct error *err) {
	int r = privilege->secure && privilege->uid != 0 ? capabilities_drop(err) : 0;
	privilege->secure = false;
	return r;
}

static int classify_self(struct privilege *privilege, struct error *err) {
	bool both = false;
	int r = capabilities_permit(&both, err);
	return r < 0 ? r : privilege_classify(privilege, both, err);
}

static int find_out(struct privilege *privilege, struct error *err) {
	bool own_ids = privilege->effective_uid == privilege->uid &&
	               privilege->effective_gid == privilege->gid;
	privilege->withheld = own_ids ? withheld_because(privilege->secure) : NULL;
	if (privilege->withheld)
		return refrain(privilege, err);
	return privilege->secure || privilege->uid == 0 ? classify_self(privilege, err) : 0;
}

static bool own_file_sets_group(gid_t gid) {
	struct stat st;
	return stat("/proc/self/exe", &st) == 0 && file_sets_group(&st, gid);
}

int privilege_begin(struct privilege *ret_privilege, struct error *err) {
	struct privilege privilege = PRIVILEGE_INIT;
	privilege.uid = getuid();
	privilege.gid = getgid();
	privilege.effective_uid = geteuid();
	privilege.effective_gid = getegid();
	privilege.given_gid =
		privilege.effective_gid != privilege.gid && own_file_sets_group(privilege.gid);
	privilege.secure = getauxval(AT_SECURE) != 0;
	int r = find_out(&privilege, err);
	if (r < 0)
		return r;
	if (privilege.source != PRIVILEGE_NONE && privilege.source != PRIVILEGE_ROOT)
		r = reduce(&privilege, err);
	if (r < 0)
		return r;
	*ret_privilege = privilege;
	return 0;
}

static int read_groups(gid_t **ret_groups, int *ret_count, struct error *err) {
	int count = getgroups(0, NULL);
	cleanup_free gid_t *groups = count < 0 ? NULL : calloc((size_t)count + 1, sizeof(*groups));
	if (count < 0 || !groups || getgroups(count, groups) != count)
		return error_set(err, EPERM, "cannot read the supplementary groups");
	*ret_groups = steal_pointer(groups);
	*ret_count = count;
	return 0;
}

static bool contains(const gid_t *groups, int count, gid_t gid) {
	for (int i = 0; i < count; i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

/*
 * A caller who can get the run group in another way could look at the programs that run with it.
 * execve(2) sets the saved group to the effective one, so checking that one is enough.
 */
static int check_caller(const struct privilege *privilege, const struct system_ids *system,
                        const gid_t *groups, int count, struct error *err) {
	bool effective = privilege->effective_gid == system->run_gid && !privilege->given_gid;
	if (privilege->gid == system->run_gid || effective ||
	    contains(groups, count, system->run_gid))
		return error_set(
			err, EPERM,
			"uid %u is a member of the run group %u, which keeps users out of "
			"running programs and must have no members; remove the user from it",
			privilege->uid, system->run_gid);
	if (privilege->uid == system->service_uid)
		return error_set(err, EPERM, "the service user (uid %u) may not run programs",
		                 privilege->uid);
	return 0;
}

/*
 * Whether the installed ids are those of system.toml: an administrator may change either without
 * the other.
 */
static int check_installation(const struct privilege *privilege, const struct system_ids *system,
                              const char *file, struct error *err) {
	const uid_t uid = privilege->effective_uid;
	const gid_t gid = privilege->effective_gid;
	bool by_group = gid != privilege->gid || privilege->source == PRIVILEGE_CAPABILITIES ||
	                privilege->source == PRIVILEGE_SET_ID;
	if (by_group && gid != system->run_gid)
		return error_set(
			err, EPERM,
			"envseal-exec belongs to group %u and is set-gid, but run_gid in '%s' is "
			"%u; make them the same",
			gid, file, system->run_gid);
	if (privilege->source == PRIVILEGE_SET_ID && uid != system->service_uid)
		return error_set(
			err, EPERM,
			"envseal-exec belongs to uid %u and is set-uid, but service_uid in '%s' "
			"is %u; make them the same",
			uid, file, system->service_uid);
	return 0;
}

/*
 * The caller's group stops being the effective one, and not every login puts it among the
 * supplementary groups.
 */
static int keep_primary_group(gid_t gid, gid_t *groups, int count, struct error *err) {
	if (contains(groups, count, gid))
		return 0;
	groups[count] = gid;
	if (setgroups((size_t)count + 1, groups) < 0)
		return error_errno(err, errno, "cannot keep gid %u as a supplementary group", gid);
	return 0;
}

/* In the new process the capabilities are effective, because it uses them. */
static int start_mapper(struct privilege *privilege, struct error *err) {
	int ends[2];
	const pid_t supervisor = getpid();
	const struct mapper_ids ids = {privilege->uid, privilege->gid, privilege->run_gid};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, errno, "cannot reach the mapper");
	privilege->mapper_fd = ends[0];
	privilege->mapper = fork();
	if (privilege->mapper == 0)
		mapper_run(ends[1], supervisor, &ids);
	int saved = errno;
	close(ends[1]);
	if (privilege->mapper < 0)
		return error_errno(err, saved, "cannot start the mapper");
	privilege->can_map = true;
	return 0;
}

static int keep_capabilities(bool keep, struct error *err) {
	if (prctl(PR_SET_KEEPCAPS, keep, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot %s the capabilities",
		                   keep ? "keep" : "stop keeping");
	return 0;
}

/* With capabilities: they must be kept explicitly, or they go when no id is 0 any more. */
static int take_ids(const struct privilege *privilege, const struct ids *ids, gid_t *groups,
                    int count, struct error *err) {
	int r = capabilities_hold(privilege->uid, true, err);
	if (r < 0)
		return r;
	r = keep_primary_group(privilege->gid, groups, count, err);
	if (r < 0)
		return r;
	r = keep_capabilities(true, err);
	if (r < 0)
		return r;
	r = ids_set(ids, err);
	if (r < 0)
		return r;
	r = keep_capabilities(false, err);
	return r < 0 ? r : capabilities_hold(privilege->uid, true, err);
}

static int take_on(struct privilege *privilege, gid_t *groups, int count, struct error *err) {
	const struct ids ids = {
		.uid = {privilege->uid, privilege->service_uid, privilege->service_uid},
		.gid = {privilege->gid, privilege->run_gid, privilege->run_gid},
	};
	if (privilege->source == PRIVILEGE_SET_ID)
		return ids_check(&ids, err);
	int r = take_ids(privilege, &ids, groups, count, err);
	return r < 0 ? r : start_mapper(privilege, err);
}

int privilege_check(struct privilege *privilege, const char *system_file, struct error *err) {
	struct system_ids system;
	cleanup_free gid_t *groups = NULL;
	int count = 0;
	int r = system_ids_read(system_file, &TRUST_ROOT, &system, err);
	if (r < 0)
		return r;
	r = read_groups(&groups, &count, err);
	if (r < 0)
		return r;
	r = check_caller(privilege, &system, groups, count, err);
	if (r < 0)
		return r;
	r = check_installation(privilege, &system, system_file, err);
	if (r < 0)
		return r;
	privilege->service_uid = system.service_uid;
	privilege->run_gid = system.run_gid;
	return 0;
}

int privilege_enter(struct privilege *privilege, struct error *err) {
	cleanup_free gid_t *groups = NULL;
	int count = 0;
	int r = read_groups(&groups, &count, err);
	if (r < 0)
		return r;
	r = take_on(privilege, groups, count, err);
	if (r < 0)
		return r;
	r = capabilities_drop(err);
	if (r < 0)
		return r;
	privilege->entered = true;
	return 0;
}

/* Root keeps its capabilities. */
static int become_caller(const struct privilege *privilege, struct error *err) {
	const uid_t uid = privilege->uid;
	const gid_t gid = privilege->gid;
	const struct ids own = {.uid = {uid, uid, uid}, .gid = {gid, gid, gid}};
	int r = ids_set(&own, err);
	if (r < 0)
		return r;
	return privilege->source == PRIVILEGE_ROOT ? 0 : capabilities_drop(err);
}

int privilege_give_up(struct privilege *privilege, struct error *err) {
	privilege_free(privilege);
	int r = privilege->source == PRIVILEGE_NONE ? 0 : become_caller(privilege, err);
	if (r < 0)
		return error_wrap(err, r, "cannot give up the privileges");
	privilege->source = PRIVILEGE_NONE;
	privilege->secure = privilege->entered = privilege->can_map = false;
	return 0;
}

int privilege_await_mapper(struct privilege *privilege, struct error *err) {
	cleanup_fd_(&privilege->mapper_fd);
	privilege->mapper_fd = -1;
	while (privilege->mapper > 0 && waitpid(privilege->mapper, NULL, 0) < 0) {
		if (errno != EINTR)
			return error_errno(err, errno, "cannot wait for the mapper");
	}
	privilege->mapper = -1;
	return 0;
}

mode_t privilege_umask(mode_t callers) {
	return callers | (callers & S_IRWXO) << 3;
}

int privilege_request_maps(const struct privilege *privilege, pid_t child, struct error *err) {
	if (send(privilege->mapper_fd, &child, sizeof(child), MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(child))
		return error_errno(err, errno, "cannot reach the mapper");
	return 0;
}

int privilege_await_maps(const struct privilege *privilege, struct error *err) {
	int answer = 0;
	int r = fd_read_full(privilege->mapper_fd, &answer, sizeof(answer));
	if (r < 0)
		return error_set(err, ECHILD, "the mapper ended before it had written the id maps");
	return answer < 0 ? error_errno(err, answer, "the mapper could not write the id maps") : 0;
}

/*
 * Dumpable while the maps are written, because root would own them otherwise (proc(5)). The caller
 * still cannot trace this process: its effective and saved uids are the service's.
 */
static int get_mapped(const struct privilege *privilege, struct error *err) {
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become dumpable");
	int r = privilege_request_maps(privilege, getpid(), err);
	return r < 0 ? r : privilege_await_maps(privilege, err);
}

int privilege_leave_users(const struct privilege *privilege, struct error *err) {
	struct error ignored;
	if (unshare(CLONE_NEWUSER) < 0)
		return sandbox_diagnose(err,
		                        error_errno(err, errno, "cannot make a user namespace"));
	int r = get_mapped(privilege, err);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(r < 0 ? &ignored : err, errno, "cannot become undumpable");
	return r;
}

int privilege_become_target(const struct privilege *privilege, struct error *err) {
	const uid_t uid = privilege->uid;
	const gid_t gid = privilege->run_gid;
	const struct ids target = {.uid = {uid, uid, uid}, .gid = {gid, gid, gid}};
	return ids_set(&target, err);
}

/* Killed, because it may have been stopped. It holds nothing that needs to be cleaned up. */
void privilege_free(struct privilege *privilege) {
	cleanup_fd_(&privilege->mapper_fd);
	privilege->mapper_fd = -1;
	if (privilege->mapper <= 0)
		return;
	kill(privilege->mapper, SIGKILL);
	while (waitpid(privilege->mapper, NULL, 0) < 0 && errno == EINTR)
		continue;
	privilege->mapper = -1;
}
