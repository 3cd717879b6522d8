#include "sandbox/exec_list.h"

#include "sandbox/confine.h"
#include "sandbox/interpreter.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define LIST_MAX ((off_t)2 * 1024 * 1024)

/*
 * The library directories: programs map libraries, which noexec forbids. Links among them lead to
 * others of the list.
 */
static const char *const libraries[] = {
	"/lib",       "/lib32",      "/libx32",    "/lib64",         "/usr/lib",
	"/usr/lib32", "/usr/libx32", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64",
};

static size_t size_of(char *const paths[], size_t count) {
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += strlen(paths[i]) + 1;
	return size;
}

int exec_list_send(char *const paths[], size_t count, int *ret_fd, struct error *err) {
	size_t size = size_of(paths, count);
	cleanup_free char *list = malloc(size + 1);
	char *at = list;
	if (!list)
		return error_errno(err, ENOMEM, "cannot list the programs");
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, paths[i]) + 1;
	int r = fd_sealed("envseal-exec-list", list, size, ret_fd);
	return r < 0 ? error_errno(err, r, "cannot list the programs") : 0;
}

/* The strings of the list, one after the other; *ret_end points past the last. */
static int receive(int fd, char **ret_list, const char **ret_end, struct error *err) {
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size > LIST_MAX)
		return error_set(err, EPROTO, "the list of programs is damaged");
	size_t size = (size_t)st.st_size;
	cleanup_free char *list = malloc(size + 1);
	if (!list)
		return error_errno(err, ENOMEM, "cannot read the list of programs");
	if (pread(fd, list, size, 0) != (ssize_t)size || (size > 0 && list[size - 1] != '\0'))
		return error_set(err, EPROTO, "the list of programs is damaged");
	*ret_end = list + size;
	*ret_list = steal_pointer(list);
	return 0;
}

typedef int visit(int context, const char *path, struct error *err);

/* Opens `path` and visits it, then the loader that it names. */
static int visit_program(visit *visitor, int context, const char *path, struct error *err) {
	struct stat st;
	char loader[PATH_MAX];
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "process.exec '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EACCES, "process.exec '%s': not a regular file", path);
	int r = visitor(context, path, err);
	if (r < 0)
		return r;
	r = interpreter_of(fd, loader, err);
	return r > 0 ? visitor(context, loader, err) : r;
}

/* Every listed program and every loader, and the target's own. */
static int visit_all(const struct sandbox_spec *spec, visit *visitor, int context,
                     struct error *err) {
	cleanup_free char *list = NULL;
	const char *end = NULL;
	char loader[PATH_MAX];
	int r = interpreter_of(spec->program_fd, loader, err);
	if (r > 0)
		r = visitor(context, loader, err);
	if (r < 0)
		return r;
	r = receive(spec->exec_fd, &list, &end, err);
	if (r < 0)
		return r;
	for (const char *path = list; path < end; path += strlen(path) + 1) {
		r = visit_program(visitor, context, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int failed(struct error *err, const char *what, const char *path) {
	return error_errno(err, errno, "cannot %s '%s'", what, path);
}

/*
 * Puts a copy of the mount at `path` in its place, executable but read-only, so that the target
 * cannot change what it may start. EPERM: the host mounted it noexec, and that stays.
 */
static int allow_mapping(const char *path, bool directory, struct error *err) {
	struct sys_mount_attr attr = {.attr_set = SYS_MOUNT_ATTR_RDONLY,
	                              .attr_clr = SYS_MOUNT_ATTR_NOEXEC};
	unsigned int below = directory ? SYS_AT_RECURSIVE : 0;
	cleanup_fd int tree =
		sys_open_tree(AT_FDCWD, path, SYS_OPEN_TREE_CLONE | O_CLOEXEC | below);
	if (tree < 0)
		return failed(err, "copy the mount of", path);
	if (sys_mount_setattr(tree, "", AT_EMPTY_PATH | below, &attr) < 0)
		return failed(err,
		              errno == EPERM ? "execute from a filesystem mounted noexec:"
		                             : "make executable",
		              path);
	if (sys_move_mount(tree, "", AT_FDCWD, path,
	                   SYS_MOVE_MOUNT_F_EMPTY_PATH | SYS_MOVE_MOUNT_T_SYMLINKS) < 0)
		return failed(err, "mount on", path);
	return 0;
}

/* A loader usually lies among the libraries, and two programs have the same one. */
static int allow_file(int context, const char *path, struct error *err) {
	struct statvfs place;
	(void)context;
	if (statvfs(path, &place) < 0)
		return error_errno(err, errno, "'%s'", path);
	return place.f_flag & ST_NOEXEC ? allow_mapping(path, false, err) : 0;
}

static int allow_libraries(struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(libraries); i++) {
		struct stat st;
		int there = lstat(libraries[i], &st);
		if (there < 0 && errno != ENOENT)
			return error_errno(err, errno, "'%s'", libraries[i]);
		if (there < 0 || !S_ISDIR(st.st_mode))
			continue;
		int r = allow_mapping(libraries[i], true, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int exec_list_mount(const struct sandbox_spec *spec, struct error *err) {
	struct sys_mount_attr attr = {.attr_set = SYS_MOUNT_ATTR_NOEXEC};
	if (sys_mount_setattr(AT_FDCWD, "/", SYS_AT_RECURSIVE, &attr) < 0)
		return failed(err, "make noexec (this needs Linux 5.12) the mounts below", "/");
	int r = allow_libraries(err);
	return r < 0 ? r : visit_all(spec, allow_file, -1, err);
}

static int add_rule(int ruleset, int fd, uint64_t rights, const char *path, struct error *err) {
	struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
	/*
	 * EBADFD: a memory file, such as a command's sealed copy. Landlock does not apply to those.
	 */
	if (sys_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule) < 0 &&
	    errno != EBADFD)
		return error_errno(err, errno, "cannot add the Landlock rule for '%s'", path);
	return 0;
}

static int allow_execution(int ruleset, const char *path, struct error *err) {
	cleanup_fd int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "'%s'", path);
	return add_rule(ruleset, fd, LANDLOCK_ACCESS_FS_EXECUTE, path, err);
}

/*
 * Where a ruleset does not handle it, Landlock denies renames from one directory to another (ABI
 * 2).
 */
static int allow_renames(int ruleset, uint64_t right, struct error *err) {
	cleanup_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, errno, "'/'");
	return right ? add_rule(ruleset, root, right, "/", err) : 0;
}

#define ABI_REFER 2
#define RIGHT_REFER ((uint64_t)1 << 13)

/* The command, and all that it may start. */
static int add_rules(int ruleset, const struct sandbox_spec *spec, uint64_t refer,
                     struct error *err) {
	int r = allow_renames(ruleset, refer, err);
	if (r < 0)
		return r;
	r = add_rule(ruleset, spec->program_fd, LANDLOCK_ACCESS_FS_EXECUTE, "the command", err);
	return r < 0 ? r : visit_all(spec, allow_execution, ruleset, err);
}

int exec_list_enforce(const struct sandbox_spec *spec, struct error *err) {
	int abi = 0;
	int r = confine_landlock_abi(&abi, err);
	if (r < 0)
		return r;
	if (abi < 1)
		return error_set(
			err, ENOSYS,
			"process.exec needs Landlock, which this kernel does not have; use Linux "
			"5.13 or later with 'landlock' in its lsm= list");
	r = confine_check_directories(spec, err); /* they lead to mounts that are not noexec */
	if (r < 0)
		return r;
	uint64_t refer = abi >= ABI_REFER ? RIGHT_REFER : 0;
	const struct sys_landlock_ruleset attr = {.handled_fs = LANDLOCK_ACCESS_FS_EXECUTE | refer};
	cleanup_fd int ruleset = sys_landlock_create_ruleset(&attr, 0);
	if (ruleset < 0)
		return error_errno(err, errno, "cannot make a Landlock ruleset");
	r = add_rules(ruleset, spec, refer, err);
	if (r < 0)
		return r;
	if (sys_landlock_restrict_self(ruleset) < 0)
		return error_errno(err, errno, "cannot enforce the Landlock ruleset");
	return 0;
}
