#include "sandbox/mounts.h"

#include "sandbox/diagnose.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define TMP_SIZE ((uint64_t)256 << 20)
#define BYTES_PER_FILE 4096U
#define FILES_AT_LEAST 16U

static int failed(struct error *err, const char *what, const char *path) {
	return sandbox_diagnose(err, error_errno(err, errno, "cannot %s '%s'", what, path));
}

int mounts_make_private(struct error *err) {
	/* Not MS_SLAVE: later mounts of the host must not appear in the sandbox. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return failed(err, "make private the mounts below", "/");
	return 0;
}

/*
 * A single mount, for kernels before Linux 5.12: a remount must repeat the flags that it has
 * (mount(2)).
 */
static int remount_readonly(const char *path) {
	struct statvfs mounted;
	if (statvfs(path, &mounted) < 0)
		return -1;
	unsigned long kept = 0;
	kept |= mounted.f_flag & ST_NOSUID ? MS_NOSUID : 0;
	kept |= mounted.f_flag & ST_NODEV ? MS_NODEV : 0;
	kept |= mounted.f_flag & ST_NOEXEC ? MS_NOEXEC : 0;
	return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | kept, NULL);
}

int mounts_set_readonly(const char *path, int recursive, struct error *err) {
	struct sys_mount_attr attr = {.attr_set = SYS_MOUNT_ATTR_RDONLY};
	int r = sys_mount_setattr(AT_FDCWD, path, recursive ? SYS_AT_RECURSIVE : 0, &attr);
	if (r < 0 && errno == ENOSYS && !recursive)
		r = remount_readonly(path);
	if (r < 0)
		return failed(err,
		              errno == ENOSYS ? "(this needs Linux 5.12) make read-only"
		                              : "make read-only",
		              path);
	return 0;
}

int mounts_readonly_root(const struct sandbox_spec *spec, struct error *err) {
	(void)spec;
	struct statvfs root;
	/* A remount of "/" alone would leave every submount writable. */
	int r = mounts_set_readonly("/", 1, err);
	if (r < 0)
		return r;
	if (statvfs("/", &root) < 0 || !(root.f_flag & ST_RDONLY))
		return error_set(err, EROFS, "'/' is still writable");
	return r;
}

int mounts_tmpfs(const char *path, const char *options, struct error *err) {
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		return failed(err, "mount a tmpfs on", path);
	return 0;
}

int mounts_sized_tmpfs(const struct sandbox_spec *spec, const char *path, mode_t mode,
                       struct error *err) {
	char options[96];
	uint64_t size = spec->tmp_size ? spec->tmp_size : TMP_SIZE;
	/* An empty file takes none of `size`, but about 1 KiB of the kernel's memory. */
	uint64_t files = size / BYTES_PER_FILE + FILES_AT_LEAST;
	snprintf(options, sizeof(options), "size=%llu,nr_inodes=%llu,mode=%o",
	         (unsigned long long)size, (unsigned long long)files, mode);
	return mounts_tmpfs(path, options, err);
}

int mounts_private_tmp(const struct sandbox_spec *spec, struct error *err) {
	/* The last is on lockdown's own /dev, so it is private even where /tmp is the host's. */
	static const char *const places[] = {"/tmp", "/var/tmp", "/dev/shm"};
	size_t first = spec->features & SANDBOX_HOST_TMP ? ARRAY_SIZE(places) - 1 : 0;
	for (size_t i = first; i < ARRAY_SIZE(places); i++) {
		struct stat st;
		/*
		 * A missing directory needs no cover. After any other error the mount is tried, and
		 * reports what is wrong.
		 */
		if (stat(places[i], &st) < 0 && errno == ENOENT)
			continue;
		int r = mounts_sized_tmpfs(spec, places[i], 01777, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int mounts_fresh_proc(const struct sandbox_spec *spec, struct error *err) {
	/*
	 * Writable, it would let a program change its session's share of the processor (autogroup),
	 * and root the sysctls.
	 */
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
	(void)spec;
	if (mount("proc", "/proc", "proc", flags, NULL) == 0)
		return 0;
	if (errno == EPERM)
		return sandbox_diagnose(
			err,
			error_set(
				err, EPERM,
				"cannot mount a fresh /proc: the kernel refuses it where parts of "
				"/proc are masked, as in containers; unmask them"));
	return failed(err, "mount a fresh", "/proc");
}

int mounts_detach(const char *path, int *ret_tree, struct error *err) {
	int tree = sys_open_tree(AT_FDCWD, path, SYS_OPEN_TREE_CLONE | O_CLOEXEC);
	if (tree < 0)
		return failed(err, "copy the mount of", path);
	*ret_tree = tree;
	return 0;
}

int mounts_attach(int tree, const char *path, struct error *err) {
	if (sys_move_mount(tree, "", AT_FDCWD, path, SYS_MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return failed(err, "mount on", path);
	return 0;
}

/* Where /etc/resolv.conf leads, when that is below /run; NULL when nothing has to be kept. */
static char *resolver_file(void) {
	char *path = realpath("/etc/resolv.conf", NULL);
	if (path && strncmp(path, "/run/", 5) == 0)
		return path;
	free(path);
	return NULL;
}

int mounts_detach_below(int fd, const char *path, int *ret_tree, struct error *err) {
	int tree = sys_open_tree(
		fd, "", SYS_OPEN_TREE_CLONE | SYS_AT_RECURSIVE | AT_EMPTY_PATH | O_CLOEXEC);
	if (tree < 0)
		return failed(err, "copy the mounts of", path);
	*ret_tree = tree;
	return 0;
}

int mounts_attach_at(int tree, int fd, const char *path, struct error *err) {
	if (sys_move_mount(tree, "", fd, "",
	                   SYS_MOVE_MOUNT_F_EMPTY_PATH | SYS_MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return failed(err, "mount on", path);
	return 0;
}

int mounts_make_place(const char *path, bool directory, struct error *err) {
	if (directory)
		return file_make_directories(path, 0755, err);
	cleanup_free char *above = strndup(path, (size_t)(strrchr(path, '/') - path));
	if (!above)
		return error_errno(err, ENOMEM, "'%s'", path);
	int r = file_make_directories(above, 0755, err);
	if (r < 0)
		return r;
	cleanup_fd int place = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	return place < 0 ? failed(err, "make", path) : 0;
}

static int put_back(const char *path, int tree, struct error *err) {
	int r = mounts_make_place(path, false, err);
	return r < 0 ? r : mounts_attach(tree, path, err);
}

int mounts_fresh_run(const struct sandbox_spec *spec, struct error *err) {
	cleanup_free char *resolver =
		spec->features & SANDBOX_KEEP_RESOLVER ? resolver_file() : NULL;
	cleanup_fd int tree = -1;
	int r = resolver ? mounts_detach(resolver, &tree, err) : 0;
	if (r < 0)
		return r;
	r = mounts_sized_tmpfs(spec, "/run", 0755, err);
	if (r < 0)
		return r;
	if (resolver)
		r = put_back(resolver, tree, err);
	return r;
}
