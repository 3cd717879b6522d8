#include "util/file.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* Starts with a dot, as no secret, policy or pin can, so that a leftover is never taken for one. */
static int temporary_name(char name[static 32]) {
	unsigned long long random = 0;
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EIO;
	snprintf(name, 32, ".tmp-%016llx", random);
	return 0;
}

static int put_in_place(int dirfd, const char *temporary, const char *name, bool replace) {
	if (replace)
		return renameat(dirfd, temporary, dirfd, name) < 0 ? -errno : 0;
	/*
	 * link(2) never replaces, on any filesystem; renameat2's RENAME_NOREPLACE is not
	 * everywhere.
	 */
	if (linkat(dirfd, temporary, dirfd, name, 0) < 0)
		return -errno;
	unlinkat(dirfd, temporary, 0);
	return 0;
}

static int write_temporary(int dirfd, const char *temporary, const void *bytes, size_t size,
                           const struct file_look *look) {
	cleanup_fd int fd = openat(dirfd, temporary,
	                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	int r = fd_write_full(fd, bytes, size);
	if (r < 0)
		return r;
	bool given = look->uid != (uid_t)-1 || look->gid != (gid_t)-1;
	if (given && fchown(fd, look->uid, look->gid) < 0)
		return -errno;
	if (fchmod(fd, look->mode) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

int file_write_owned(int dirfd, const char *name, const void *bytes, size_t size,
                     const struct file_look *look, bool replace, const char *path,
                     struct error *err) {
	char temporary[32];
	int r = temporary_name(temporary);
	if (r < 0)
		return error_errno(err, r, "'%s': cannot get random bytes", path);
	r = write_temporary(dirfd, temporary, bytes, size, look);
	if (r >= 0)
		r = put_in_place(dirfd, temporary, name, replace);
	if (r < 0) {
		unlinkat(dirfd, temporary, 0);
		return error_errno(err, r, "cannot write '%s'", path);
	}
	if (fsync(dirfd) < 0)
		return error_errno(err, errno, "cannot sync the directory of '%s'", path);
	return 0;
}

int file_write_atomic(int dirfd, const char *name, const void *bytes, size_t size, mode_t mode,
                      bool replace, const char *path, struct error *err) {
	const struct file_look look = {.mode = mode, .uid = (uid_t)-1, .gid = (gid_t)-1};
	return file_write_owned(dirfd, name, bytes, size, &look, replace, path, err);
}

/* A new directory can be lost in a crash until the one above it is synced. */
static int sync_above(const char *path) {
	char above[PATH_MAX];
	size_t length = (size_t)(strrchr(path, '/') - path);
	memcpy(above, path, length);
	strcpy(above + length, length == 0 ? "/" : "");
	cleanup_fd int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A directory that this user can enter but not read cannot be synced. */
	if (fd < 0)
		return errno == EACCES ? 0 : -errno;
	return fsync(fd) < 0 ? -errno : 0;
}

static int make_directory(const char *path, mode_t mode, struct error *err) {
	if (mkdir(path, mode) < 0)
		return errno == EEXIST
		               ? 0
		               : error_errno(err, errno, "cannot make directory '%s'", path);
	int r = sync_above(path);
	if (r < 0)
		return error_errno(err, r, "cannot sync the directory of '%s'", path);
	return 0;
}

int file_make_directories(const char *path, mode_t mode, struct error *err) {
	char partial[PATH_MAX];
	size_t length = strlen(path);
	if (length >= sizeof(partial))
		return error_errno(err, ENAMETOOLONG, "'%s'", path);
	memcpy(partial, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (partial[i] != '/' && partial[i] != '\0')
			continue;
		char saved = partial[i];
		partial[i] = '\0';
		int r = make_directory(partial, mode, err);
		if (r < 0)
			return r;
		partial[i] = saved;
	}
	return 0;
}
