#include "sandbox/confine.h"

#include "sandbox/places.h"
#include "util/cleanup.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Landlock (landlock(7)) denies the rights that a ruleset handles, unless a rule grants them. The
 * kernel's header may be older than the kernel, so the rights are defined here, each with the ABI
 * that brought it.
 */
enum {
	RIGHT_WRITE_FILE = 1 << 1,
	RIGHT_MAKE_BLOCK = 1 << 11,
	RIGHT_REFER = 1 << 13,
	RIGHT_TRUNCATE = 1 << 14,
	RIGHT_IOCTL_DEV = 1 << 15,
	RIGHTS_MAKE_AND_REMOVE = 0x1ff0, /* bits 4 to 12: remove_dir ... make_sym */
};

static const struct right {
	uint64_t bits;
	int abi;
} write_rights[] = {
	{RIGHT_WRITE_FILE | RIGHTS_MAKE_AND_REMOVE, 1},
	{RIGHT_REFER, 2},
	{RIGHT_TRUNCATE, 3},
	{RIGHT_IOCTL_DEV, 5},
};

#define ON_FILES ((uint64_t)(RIGHT_WRITE_FILE | RIGHT_TRUNCATE | RIGHT_IOCTL_DEV))

#define ABI_TRUNCATE 3
#define ABI_SCOPE 6
#define SCOPE_ABSTRACT_SOCKET (1U << 0)
#define SCOPE_SIGNAL (1U << 1)

/*
 * Where lockdown may write: filesystems that it made, and harmless devices. `unless`: with these
 * features the tree is the host's, or has something of the host's in it. A read-only mount does not
 * prevent writing to a FIFO.
 */
static const struct {
	const char *path;
	uint32_t unless;
} writable_trees[] = {
	{"/tmp", SANDBOX_HOST_TMP},
	{"/var/tmp", SANDBOX_HOST_TMP},
	{"/dev/shm", 0},
	{"/run", SANDBOX_KEEPS},
	{"/dev/pts", 0},
};
static const char *const writable_files[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
};

/* Any error but "not there" is one: a filter, say. */
int confine_landlock_abi(int *ret_abi, struct error *err) {
	int abi = sys_landlock_abi();
	if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
		return error_errno(err, errno, "cannot ask the kernel for Landlock");
	*ret_abi = abi < 0 ? 0 : abi;
	return 0;
}

int confine_landlock_lacks(uint32_t features, uint32_t *ret_lacks, struct error *err) {
	int abi = 0;
	int r = features & SANDBOX_WRITE_RULE ? confine_landlock_abi(&abi, err) : 0;
	if (r < 0)
		return r;
	*ret_lacks = (features & SANDBOX_WRITE_RULE) && abi < ABI_TRUNCATE
	                     ? SANDBOX_NO_PATH_TRUNCATE
	                     : 0;
	return 0;
}

static uint64_t rights_of(int abi) {
	uint64_t rights = 0;
	for (size_t i = 0; i < ARRAY_SIZE(write_rights); i++) {
		if (abi >= write_rights[i].abi)
			rights |= write_rights[i].bits;
	}
	return rights;
}

static int allow(int ruleset, int fd, uint64_t rights, const char *what, struct error *err) {
	struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
	if (rights == 0)
		return 0;
	if (sys_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule) < 0)
		return error_errno(err, errno, "cannot add the Landlock rule for %s", what);
	return 0;
}

static int allow_path(int ruleset, const char *path, uint64_t rights, struct error *err) {
	cleanup_fd int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, "'%s'", path);
	return allow(ruleset, fd, rights, path, err);
}

/*
 * /dev/stdout opens the file of descriptor 1 again. That must not give more rights than the
 * descriptor: none where it only reads, and none where it appends (the new descriptor would not).
 */
static int allow_descriptor(int ruleset, int fd, uint64_t rights, struct error *err) {
	struct stat st;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "cannot look at descriptor %d", fd);
	if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_APPEND))
		return 0;
	if (!S_ISREG(st.st_mode) && !isatty(fd))
		return 0;
	return allow(ruleset, fd, rights & ON_FILES, "a standard descriptor", err);
}

/* The policy's writable places, by the descriptors with which they were put in place. */
static int allow_places(int ruleset, uint64_t rights, struct error *err) {
	int fd;
	for (size_t i = 0; (fd = places_writable(i)) >= 0; i++) {
		struct stat st;
		if (fstat(fd, &st) < 0)
			return error_errno(err, errno, "cannot look at a writable place");
		uint64_t fitting = S_ISDIR(st.st_mode) ? rights : rights & ON_FILES;
		int r = allow(ruleset, fd, fitting, "a writable place", err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The fresh file systems and the harmless devices. */
static int allow_paths(int ruleset, uint32_t features, uint64_t rights, struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(writable_trees); i++) {
		if (features & writable_trees[i].unless)
			continue;
		int r = allow_path(ruleset, writable_trees[i].path, rights, err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(writable_files); i++) {
		int r = allow_path(ruleset, writable_files[i], rights & ON_FILES, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int allow_descriptors(int ruleset, const struct sandbox_spec *spec, uint64_t rights,
                             struct error *err) {
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int r = allow_descriptor(ruleset, fd, rights, err);
		if (r < 0)
			return r;
	}
	for (uint32_t i = 0; i < spec->kept_count; i++) {
		int r = allow_descriptor(ruleset, spec->kept_fds[i], rights, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_write_rules(int ruleset, const struct sandbox_spec *spec, uint64_t rights,
                           struct error *err) {
	int r = allow_places(ruleset, rights, err);
	if (r < 0)
		return r;
	r = allow_paths(ruleset, spec->features, rights, err);
	return r < 0 ? r : allow_descriptors(ruleset, spec, rights, err);
}

/*
 * Before ABI 6 a signal to the process group would reach the caller's other processes, so the
 * sandbox gets a session of its own. The terminal then works without job control. Where output is
 * masked on a terminal we lead a session already, and both work.
 */
static int leave_process_group(struct error *err) {
	if (getsid(0) != getpid() && setsid() < 0)
		return error_errno(err, errno, "cannot start a session of its own");
	return 0;
}

static int enforce(int ruleset, struct error *err) {
	if (sys_landlock_restrict_self(ruleset) < 0)
		return error_errno(err, errno, "cannot enforce the Landlock ruleset");
	return 0;
}

/*
 * A ruleset must handle some right: this one is making block devices, which needs a capability
 * anyway. In any domain, moving files between directories is denied unless a rule allows it (ABI 2;
 * before that it is always denied).
 */
int confine_own_domain(struct error *err) {
	int abi = 0;
	int r = confine_landlock_abi(&abi, err);
	if (r < 0)
		return r;
	if (abi < 1)
		return error_set(
			err, ENOSYS,
			"in system mode the tier none needs Landlock, which this kernel does not "
			"have; use Linux 5.13 or later with 'landlock' in its lsm= list, or the "
			"tier hardened");
	struct sys_landlock_ruleset attr = {.handled_fs = RIGHT_MAKE_BLOCK |
	                                                  (abi >= 2 ? RIGHT_REFER : 0)};
	cleanup_fd int ruleset = sys_landlock_create_ruleset(&attr, 0);
	if (ruleset < 0)
		return error_errno(err, errno, "cannot make a Landlock ruleset");
	r = allow_path(ruleset, "/", attr.handled_fs & RIGHT_REFER, err);
	return r < 0 ? r : enforce(ruleset, err);
}

int confine_landlock(const struct sandbox_spec *spec, struct error *err) {
	bool write_rule = spec->features & SANDBOX_WRITE_RULE;
	bool scope = spec->features & SANDBOX_SCOPE;
	int abi = 0;
	int r = confine_landlock_abi(&abi, err);
	if (r < 0)
		return r;
	if (abi < 1 && write_rule)
		return error_set(
			err, ENOSYS,
			"the tier lockdown needs Landlock, which this kernel does not have; use "
			"Linux 5.13 or later with 'landlock' in its lsm= list, or the tier "
			"hardened");
	if (scope && abi < ABI_SCOPE) {
		r = leave_process_group(err);
		if (r < 0)
			return r;
		scope = false;
	}
	if (!write_rule && !scope)
		return 0;
	/*
	 * Once another layer handles files, a layer without this right denies moving them between
	 * directories.
	 */
	struct sys_landlock_ruleset attr = {
		.handled_fs = write_rule ? rights_of(abi) : RIGHT_REFER,
		.scoped = scope ? SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL : 0,
	};
	cleanup_fd int ruleset = sys_landlock_create_ruleset(&attr, 0);
	if (ruleset < 0)
		return error_errno(err, errno, "cannot make a Landlock ruleset");
	r = write_rule ? add_write_rules(ruleset, spec, attr.handled_fs, err)
	               : allow_path(ruleset, "/", RIGHT_REFER, err);
	return r < 0 ? r : enforce(ruleset, err);
}
