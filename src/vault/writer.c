#include "vault/writer.h"

#include "util/cleanup.h"
#include "util/fd.h"
#include "vault/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#define LOCK_PAUSE_MS 10
#define LOCK_FLAGS (O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int wait_for_lock(int fd, int patience_ms) {
	for (;; patience_ms -= LOCK_PAUSE_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (patience_ms <= 0)
			return -EBUSY;
		nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_MS * 1000000L}, NULL);
	}
}

static int take_lock(int dirfd, const char *directory, int patience_ms, int *ret_fd,
                     struct error *err) {
	char path[LAYOUT_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" LAYOUT_LOCK, directory);
	cleanup_fd int fd = openat(dirfd, LAYOUT_LOCK, LOCK_FLAGS, LAYOUT_FILE_MODE);
	if (fd < 0)
		return error_errno(err, errno, "cannot open '%s'", path);
	int r = layout_check(fd, S_IFREG, path, NULL, err);
	if (r < 0)
		return r;
	r = wait_for_lock(fd, patience_ms);
	if (r == -EBUSY)
		return error_set(err, EBUSY,
		                 "another process is writing the vault '%s'; wait for it, or "
		                 "find it with: fuser '%s'",
		                 directory, path);
	if (r < 0)
		return error_errno(err, r, "cannot lock '%s'", path);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int writer_lock(int dirfd, const char *directory, int patience_ms, struct writer *ret_writer,
                struct error *err) {
	char path[LAYOUT_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" LAYOUT_STAGING, directory);
	cleanup_fd int lock = -1;
	int staging = -1;
	int r = take_lock(dirfd, directory, patience_ms, &lock, err);
	if (r < 0)
		return r;
	r = layout_make_directory(dirfd, LAYOUT_STAGING, path, &staging, err);
	if (r < 0)
		return r;
	*ret_writer = (struct writer){directory, steal_fd(&lock), staging};
	return 0;
}

/* Opened again: readdir(3) moves the position that all copies of a descriptor share. */
int writer_clean(const struct writer *writer, struct error *err) {
	cleanup_fd int fd = openat(writer->staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return error_errno(err, errno, "cannot open '%s/" LAYOUT_STAGING "'",
		                   writer->directory);
	steal_fd(&fd);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(writer->staging, entry->d_name, 0) < 0)
			return error_errno(err, errno, "cannot remove '%s/" LAYOUT_STAGING "/%s'",
			                   writer->directory, entry->d_name);
	}
	return 0;
}

void writer_end(struct writer *writer) {
	cleanup_fd_(&writer->staging);
	cleanup_fd_(&writer->lock);
	*writer = WRITER_NONE;
}

static struct staged new_name(void) {
	struct staged staged;
	unsigned char random[8];
	char hex[2 * sizeof(random) + 1];
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(hex, sizeof(hex), random, sizeof(random));
	snprintf(staged.name, sizeof(staged.name), "%s", hex);
	return staged;
}

static int write_synced(int dirfd, const char *name, const void *bytes, size_t size) {
	cleanup_fd int fd =
		openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	               LAYOUT_FILE_MODE);
	if (fd < 0)
		return -errno;
	int r = fd_write_full(fd, bytes, size);
	if (r < 0)
		return r;
	r = layout_settle_file(fd);
	if (r < 0)
		return r;
	return fsync(fd) < 0 ? -errno : 0;
}

int writer_stage(const struct writer *writer, const void *bytes, size_t size, const char *path,
                 struct staged *ret_staged, struct error *err) {
	struct staged staged = new_name();
	int r = write_synced(writer->staging, staged.name, bytes, size);
	if (r < 0) {
		unlinkat(writer->staging, staged.name, 0);
		return error_errno(err, r, "cannot write '%s'", path);
	}
	*ret_staged = staged;
	return 0;
}

int writer_stage_link(const struct writer *writer, int dirfd, const char *name, const char *path,
                      struct staged *ret_staged, struct error *err) {
	struct staged staged = new_name();
	if (linkat(dirfd, name, writer->staging, staged.name, 0) < 0)
		return error_errno(err, errno, "cannot link '%s'", path);
	*ret_staged = staged;
	return 0;
}

static int sync_failed(const char *path, int code, struct error *err) {
	return error_errno(err, code, "cannot sync the directory of '%s'", path);
}

/* link(2) never replaces, on any filesystem; renameat2's RENAME_NOREPLACE is not everywhere. */
static int publish_new(const struct writer *writer, const char *staged, int dirfd, const char *name,
                       const char *path, struct error *err) {
	if (linkat(writer->staging, staged, dirfd, name, 0) < 0)
		return error_errno(err, errno, "cannot write '%s'", path);
	if (fsync(dirfd) == 0)
		return 0;
	int saved = errno;
	unlinkat(dirfd, name, 0);
	return sync_failed(path, saved, err);
}

static int put_over(const struct writer *writer, const char *staged, const struct staged *old,
                    int dirfd, const char *name, const char *path, struct error *err) {
	if (renameat(writer->staging, staged, dirfd, name) < 0)
		return error_errno(err, errno, "cannot write '%s'", path);
	if (fsync(dirfd) == 0)
		return 0;
	int r = sync_failed(path, errno, err);
	renameat(writer->staging, old->name, dirfd, name);
	return r;
}

static int publish_over(const struct writer *writer, const char *staged, int dirfd,
                        const char *name, const char *path, struct error *err) {
	struct staged old;
	int r = writer_stage_link(writer, dirfd, name, path, &old, err);
	if (r == -ENOENT)
		return publish_new(writer, staged, dirfd, name, path, err);
	if (r < 0)
		return r;
	r = put_over(writer, staged, &old, dirfd, name, path, err);
	unlinkat(writer->staging, old.name, 0);
	return r;
}

int writer_publish(const struct writer *writer, const struct staged *staged, int dirfd,
                   const char *name, bool replace, const char *path, struct error *err) {
	int r = replace ? publish_over(writer, staged->name, dirfd, name, path, err)
	                : publish_new(writer, staged->name, dirfd, name, path, err);
	unlinkat(writer->staging, staged->name, 0);
	return r;
}

int writer_write(const struct writer *writer, int dirfd, const char *name, const void *bytes,
                 size_t size, bool replace, const char *path, struct error *err) {
	struct staged staged;
	int r = writer_stage(writer, bytes, size, path, &staged, err);
	if (r < 0)
		return r;
	return writer_publish(writer, &staged, dirfd, name, replace, path, err);
}

int writer_remove(const struct writer *writer, int dirfd, const char *name, const char *path,
                  struct error *err) {
	struct staged old = new_name();
	if (renameat(dirfd, name, writer->staging, old.name) < 0)
		return errno == ENOENT ? -ENOENT
		                       : error_errno(err, errno, "cannot remove '%s'", path);
	int r = 0;
	if (fsync(dirfd) < 0) {
		r = sync_failed(path, errno, err);
		renameat(writer->staging, old.name, dirfd, name);
	}
	unlinkat(writer->staging, old.name, 0);
	return r;
}
