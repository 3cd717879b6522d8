#include "run/privilege.h"

#include "policy/system.h"
#include "run/mapper.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <cap-ng.h>
#include <endian.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define UNMAPPED 65534 /* user_namespaces(7), "Unmapped user and group IDs" */

/* All that is ever held, and by whom at the end. */
static const struct held {
	unsigned int capability;
	bool for_root; /* only where the caller's uid is 0 */
	const char *why;
} held[] = {
	{CAP_SETUID, false, "effective uid of the service user; the mapper's uid map"},
	{CAP_SETGID, false, "the primary group among the supplementary ones; the mapper's gid map"},
	{CAP_SETFCAP, true, "the mapper's uid map, where it maps uid 0 (user_namespaces(7))"},
};

/* What system mode's installation gives the file. */
#define BOTH (UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID)

typedef struct __user_cap_data_struct capability_sets[_LINUX_CAPABILITY_U32S_3];

/* By capget(2): libcap-ng would read /proc. */
static int read_capabilities(capability_sets ret_sets, struct error *err) {
	return sys_capget(ret_sets) < 0 ? error_errno(err, errno, "cannot read the capabilities") : 0;
}

static bool permitted(const capability_sets now, unsigned int capability) {
	return now[CAP_TO_INDEX(capability)].permitted & CAP_TO_MASK(capability);
}

/* Permitted becomes what the table says, effective that or nothing; the rest is gone for good. */
static int hold(uid_t uid, bool effective, struct error *err) {
	const capng_type_t sets = effective ? CAPNG_PERMITTED | CAPNG_EFFECTIVE : CAPNG_PERMITTED;
	capng_setpid((int)getpid()); /* libcap-ng remembers one, which after a fork is the parent's */
	capng_clear(CAPNG_SELECT_ALL);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		if (held[i].for_root && uid != 0)
			continue;
		if (capng_update(CAPNG_ADD, sets, held[i].capability) < 0)
			return error_set(err, EPERM, "cannot name the capability for %s", held[i].why);
	}
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return error_set(err, EPERM, "cannot reduce the capabilities");
	return 0;
}

static int drop_capabilities(struct error *err) {
	capng_setpid((int)getpid());
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT) < 0)
		return error_set(err, EPERM, "cannot drop the capabilities");
	capability_sets now;
	int r = read_capabilities(now, err);
	if (r < 0)
		return r;
	/* Ambient ones are both permitted and inheritable (capabilities(7)). */
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		if (now[i].effective || now[i].permitted || now[i].inheritable)
			return error_set(err, EPERM, "capabilities are left after dropping them");
	}
	return 0;
}

/* Real, effective, saved, and the filesystem's, which follows the effective one. */
struct ids {
	uid_t uid[3];
	gid_t gid[3];
};

static int check_ids(const struct ids *wanted, struct error *err) {
	struct ids now;
	if (getresuid(&now.uid[0], &now.uid[1], &now.uid[2]) < 0 ||
	    getresgid(&now.gid[0], &now.gid[1], &now.gid[2]) < 0)
		return error_errno(err, errno, "cannot read the ids");
	if (memcmp(&now, wanted, sizeof(now)) != 0 || (uid_t)setfsuid((uid_t)-1) != now.uid[1] ||
	    (gid_t)setfsgid((gid_t)-1) != now.gid[1])
		return error_set(err, EPERM, "the ids are not what they were set to");
	return 0;
}

/*
 * Groups first: with the uid the right to change them may go. Each change makes us as dumpable as
 * fs.suid_dumpable says, which may be 1.
 */
static int set_ids(const struct ids *ids, struct error *err) {
	if (setresgid(ids->gid[0], ids->gid[1], ids->gid[2]) < 0)
		return error_errno(err, errno, "cannot take on gid %u", ids->gid[1]);
	if (setresuid(ids->uid[0], ids->uid[1], ids->uid[2]) < 0)
		return error_errno(err, errno, "cannot take on uid %u", ids->uid[1]);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	return check_ids(ids, err);
}

static bool is_traced(const char *program) {
	(void)program;
	char text[4096] = "";
	int tracer = 0;
	cleanup_fd int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	const char *line = strstr(text, "\nTracerPid:");
	return line && sscanf(line, "\nTracerPid: %d", &tracer) == 1 && tracer != 0;
}

static bool no_new_privileges(const char *program) {
	(void)program;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/* The initial one maps every id to itself, in one line; a new one nothing. */
static bool in_user_namespace(const char *program) {
	(void)program;
	char text[256] = "";
	unsigned int inside = 0, outside = 0, count = 0;
	cleanup_fd int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return false;
	return sscanf(text, "%u %u %u", &inside, &outside, &count) != 3 || inside != 0 || outside != 0 ||
	       count != UINT_MAX;
}

static bool on_nosuid_mount(const char *program) {
	struct statvfs mount;
	return statvfs(program, &mount) == 0 && (mount.f_flag & ST_NOSUID);
}

static const struct cause {
	bool (*holds)(const char *program);
	const char *text;
} causes[] = {
	{is_traced, "envseal-exec is being traced (strace, a debugger)"},
	{no_new_privileges, "no_new_privs is in force (bubblewrap, a container, a unit with NoNewPrivileges=)"},
	{in_user_namespace, "this is a user namespace of the caller's own"},
	{on_nosuid_mount, "envseal-exec lies on a file system that is mounted nosuid"},
};

static const char *first_cause(const char *program) {
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].holds(program))
			return causes[i].text;
	}
	return NULL;
}

static bool sets_user(const struct stat *st, uid_t uid) {
	return (st->st_mode & S_ISUID) && st->st_uid != uid;
}

/* Without the group's x bit the other is no set-group-ID (inode(7)). */
static bool sets_group(const struct stat *st, gid_t gid) {
	return (st->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && st->st_gid != gid;
}

/* The two capabilities of the file, whole, and not ours: asked for, and not granted. */
static bool lacks_capabilities(const char *program) {
	bool effective;
	struct error ignored;
	capability_sets now;
	return (privilege_of_file(program, &effective) & BOTH) == BOTH &&
	       read_capabilities(now, &ignored) == 0 &&
	       !(permitted(now, CAP_SETUID) && permitted(now, CAP_SETGID));
}

/*
 * The file's bits say that we should have other ids than we have (execve(2)). In a user namespace without maps all
 * ids look the same, and only AT_SECURE tells; and what envseal-exec itself started has the run group already.
 */
static const char *withheld_because(bool secure) {
	static const char program[] = "/proc/self/exe";
	struct stat st;
	if (stat(program, &st) < 0)
		return NULL;
	if (!sets_user(&st, geteuid()) && !sets_group(&st, getegid()) &&
	    !(secure && (in_user_namespace(program) || lacks_capabilities(program))))
		return NULL;
	const char *cause = first_cause(program);
	return cause ? cause : "the kernel did not say why (was it traced when it started?)";
}

static int refuse_mixture(struct error *err) {
	return error_set(
		err, EPERM,
		"envseal-exec is installed with set-id bits or capabilities that do not fit together; "
		"system mode needs 'chown root:RUN-GROUP', 'chmod 2755' and 'setcap "
		"cap_setuid,cap_setgid=ep' in this order, user mode none of them (chmod ug-s, setcap -r)");
}

/* `both`: the two capabilities are permitted. */
static int classify(struct privilege *privilege, bool both, struct error *err) {
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

/* Root's powers go before anything is read: from here on two capabilities, and neither in effect. */
static int reduce(const struct privilege *privilege, struct error *err) {
	if (privilege->source == PRIVILEGE_SETUID_ROOT && seteuid(privilege->uid) < 0)
		return error_errno(err, errno, "cannot take on uid %u", privilege->uid);
	if (privilege->source == PRIVILEGE_SET_ID)
		return drop_capabilities(err);
	return hold(privilege->uid, false, err);
}

/*
 * AT_SECURE says what the file asked for, not what was granted (a tracer has it denied), and in a user namespace of the
 * caller's own the file's capabilities are granted, but worth nothing outside.
 */
static int refrain(struct privilege *privilege, struct error *err) {
	int r = privilege->secure && privilege->uid != 0 ? drop_capabilities(err) : 0;
	privilege->secure = false;
	return r;
}

static int classify_self(struct privilege *privilege, struct error *err) {
	capability_sets now;
	int r = read_capabilities(now, err);
	return r < 0 ? r : classify(privilege, permitted(now, CAP_SETUID) && permitted(now, CAP_SETGID), err);
}

int privilege_begin(struct privilege *ret_privilege, struct error *err) {
	struct privilege privilege = PRIVILEGE_INIT;
	privilege.uid = getuid();
	privilege.gid = getgid();
	privilege.effective_uid = geteuid();
	privilege.effective_gid = getegid();
	privilege.secure = getauxval(AT_SECURE) != 0;
	int r = 0;
	bool own_ids = privilege.effective_uid == privilege.uid && privilege.effective_gid == privilege.gid;
	privilege.withheld = own_ids ? withheld_because(privilege.secure) : NULL;
	if (privilege.withheld)
		r = refrain(&privilege, err);
	else if (privilege.secure || privilege.uid == 0)
		r = classify_self(&privilege, err);
	if (r == 0 && privilege.source != PRIVILEGE_NONE && privilege.source != PRIVILEGE_ROOT)
		r = reduce(&privilege, err);
	if (r == 0)
		*ret_privilege = privilege;
	return r;
}

uint64_t privilege_of_file(const char *program, bool *ret_effective) {
	struct vfs_ns_cap_data data = {0};
	*ret_effective = false;
	ssize_t size = getxattr(program, "security.capability", &data, sizeof(data));
	if (size < (ssize_t)sizeof(struct vfs_cap_data))
		return 0;
	*ret_effective = le32toh(data.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE;
	return (uint64_t)le32toh(data.data[1].permitted) << 32 | le32toh(data.data[0].permitted);
}

/* In a user namespace the kernel honours the bits of those who are mapped there (user_namespaces(7)), so a container's own. */
static const char *foresee_withheld(const char *program, const struct stat *st) {
	const char *cause = first_cause(program);
	bool container = in_user_namespace(program) && st->st_uid != UNMAPPED && st->st_gid != UNMAPPED;
	if (!container || is_traced(program) || no_new_privileges(program) || on_nosuid_mount(program))
		return cause;
	return NULL;
}

/* What execve(2) would make of the file's bits; AT_SECURE as capabilities(7) has it. */
int privilege_foresee(const char *program, struct privilege *ret_privilege, struct error *err) {
	struct privilege privilege = PRIVILEGE_INIT;
	struct stat st;
	bool effective = false;
	int r = 0;
	if (stat(program, &st) < 0)
		return error_errno(err, errno, "'%s'", program);
	privilege.foreseen = true;
	privilege.uid = privilege.effective_uid = getuid();
	privilege.gid = privilege.effective_gid = getgid();
	bool set_id = sets_user(&st, privilege.uid) || sets_group(&st, privilege.gid);
	uint64_t capabilities = privilege_of_file(program, &effective);
	bool asked = set_id || (privilege.uid != 0 && (capabilities & BOTH) == BOTH);
	privilege.withheld = asked ? foresee_withheld(program, &st) : NULL;
	if (privilege.withheld)
		capabilities = 0;
	if (set_id && !privilege.withheld) {
		privilege.effective_uid = sets_user(&st, privilege.uid) ? st.st_uid : privilege.uid;
		privilege.effective_gid = sets_group(&st, privilege.gid) ? st.st_gid : privilege.gid;
		privilege.secure = true;
	}
	if (privilege.uid != 0 && capabilities)
		privilege.secure = true;
	if (privilege.secure || (privilege.uid == 0 && !privilege.withheld))
		r = classify(&privilege, privilege.effective_uid == 0 || (capabilities & BOTH) == BOTH, err);
	if (r == 0)
		*ret_privilege = privilege;
	return r;
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

/* A caller who could have the run group by other means could look at what runs with it. */
static int check_caller(const struct privilege *privilege, const struct system *system, const gid_t *groups,
                        int count, struct error *err) {
	if (privilege->gid == system->run_gid || contains(groups, count, system->run_gid))
		return error_set(
			err, EPERM,
			"uid %u is in the run group %u, which keeps users out of running programs and must "
			"have no members; remove it from there",
			privilege->uid, system->run_gid);
	if (privilege->uid == system->service_uid)
		return error_set(err, EPERM, "the service user (uid %u) runs no programs", privilege->uid);
	return 0;
}

/* What is installed and what system.toml says: two things that an administrator may change apart. */
static int check_installation(const struct privilege *privilege, const struct system *system, const char *file,
                              struct error *err) {
	const uid_t uid = privilege->effective_uid;
	const gid_t gid = privilege->effective_gid;
	bool by_group = gid != privilege->gid || privilege->source == PRIVILEGE_CAPABILITIES ||
	                privilege->source == PRIVILEGE_SET_ID;
	if (by_group && gid != system->run_gid)
		return error_set(
			err, EPERM,
			"envseal-exec belongs to group %u and is set-gid, but run_gid in '%s' is %u; make "
			"them the same",
			gid, file, system->run_gid);
	if (privilege->source == PRIVILEGE_SET_ID && uid != system->service_uid)
		return error_set(
			err, EPERM,
			"envseal-exec belongs to uid %u and is set-uid, but service_uid in '%s' is %u; "
			"make them the same",
			uid, file, system->service_uid);
	return 0;
}

/* It stops being the effective group, and not every login puts it among the supplementary ones. */
static int keep_primary_group(gid_t gid, gid_t *groups, int count, struct error *err) {
	if (contains(groups, count, gid))
		return 0;
	groups[count] = gid;
	if (setgroups((size_t)count + 1, groups) < 0)
		return error_errno(err, errno, "cannot keep gid %u as a supplementary group", gid);
	return 0;
}

/* In the new process the capabilities are effective: it is what they are for. */
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
	return privilege->mapper < 0 ? error_errno(err, saved, "cannot start the mapper") : 0;
}

/* Where there are capabilities. PR_SET_KEEPCAPS: leaving uid 0 altogether would cost them. */
static int take_ids(const struct privilege *privilege, const struct ids *ids, gid_t *groups, int count,
                    struct error *err) {
	int r = hold(privilege->uid, true, err);
	if (r == 0)
		r = keep_primary_group(privilege->gid, groups, count, err);
	if (r == 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		r = error_errno(err, errno, "cannot keep the capabilities");
	if (r == 0)
		r = set_ids(ids, err);
	if (r == 0 && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		r = error_errno(err, errno, "cannot stop keeping the capabilities");
	return r == 0 ? hold(privilege->uid, true, err) : r;
}

static int take_on(struct privilege *privilege, gid_t *groups, int count, struct error *err) {
	const struct ids ids = {
		.uid = {privilege->uid, privilege->service_uid, privilege->service_uid},
		.gid = {privilege->gid, privilege->run_gid, privilege->run_gid},
	};
	if (privilege->source == PRIVILEGE_SET_ID)
		return check_ids(&ids, err);
	int r = take_ids(privilege, &ids, groups, count, err);
	if (r == 0)
		r = start_mapper(privilege, err);
	return r;
}

int privilege_enter(struct privilege *privilege, const char *system_file, struct error *err) {
	struct system system;
	cleanup_free gid_t *groups = NULL;
	int count = 0;
	int r = system_read(system_file, &TRUST_ROOT, &system, err);
	if (r == 0)
		r = read_groups(&groups, &count, err);
	if (r == 0)
		r = check_caller(privilege, &system, groups, count, err);
	if (r == 0)
		r = check_installation(privilege, &system, system_file, err);
	if (r < 0)
		return r;
	privilege->service_uid = system.service_uid;
	privilege->run_gid = system.run_gid;
	privilege->require_signature = system.require_signature;
	r = privilege->foreseen ? 0 : take_on(privilege, groups, count, err);
	if (r == 0 && !privilege->foreseen)
		r = drop_capabilities(err);
	if (r == 0)
		privilege->entered = true;
	return r;
}

int privilege_give_up(struct privilege *privilege, struct error *err) {
	const uid_t uid = privilege->uid;
	const gid_t gid = privilege->gid;
	const struct ids own = {.uid = {uid, uid, uid}, .gid = {gid, gid, gid}};
	int r = 0;
	privilege_free(privilege);
	if (privilege->source != PRIVILEGE_NONE && !privilege->foreseen)
		r = set_ids(&own, err);
	if (r == 0 && privilege->source != PRIVILEGE_NONE && privilege->source != PRIVILEGE_ROOT &&
	    !privilege->foreseen)
		r = drop_capabilities(err);
	if (r < 0)
		return error_wrap(err, r, "cannot give up the privileges");
	privilege->source = PRIVILEGE_NONE;
	privilege->secure = privilege->entered = false;
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

bool privilege_can_map(const struct privilege *privilege) {
	return privilege->mapper > 0 || (privilege->foreseen && privilege->source != PRIVILEGE_SET_ID);
}

int privilege_request_maps(const struct privilege *privilege, pid_t child, struct error *err) {
	if (send(privilege->mapper_fd, &child, sizeof(child), MSG_NOSIGNAL) != (ssize_t)sizeof(child))
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

int privilege_become_target(const struct privilege *privilege, struct error *err) {
	const uid_t uid = privilege->uid;
	const gid_t gid = privilege->run_gid;
	const struct ids target = {.uid = {uid, uid, uid}, .gid = {gid, gid, gid}};
	return set_ids(&target, err);
}

/* Killed, for it may have been stopped; it holds nothing that would have to be put in order. */
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
