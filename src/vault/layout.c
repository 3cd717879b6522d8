#include "vault/layout.h"

#include "util/cleanup.h"
#include "util/file.h"
#include "util/path.h"
#include "vault/names.h"
#include "vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
/* O_NONBLOCK: opening a FIFO must not block. */
#define FILE_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* The owner of a system vault; 0: the vault is the user's own. Root's files are always accepted. */
static uid_t served_uid;

void vault_serve(uid_t service_uid) {
	served_uid = service_uid;
}

static bool believed(uid_t uid) {
	return uid == 0 || uid == geteuid() || uid == served_uid;
}

int layout_check(int fd, mode_t type, const char *path, struct stat *ret_st, struct error *err) {
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", path);
	if ((st.st_mode & S_IFMT) != type)
		return error_set(err, EBADMSG, "'%s' is not a %s; move it away", path,
		                 type == S_IFDIR ? "directory" : "regular file");
	if (!believed(st.st_uid))
		return error_set(err, EPERM,
		                 "'%s' belongs to uid %u, not to you or root; use a vault "
		                 "of your own, or change its owner",
		                 path, st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return error_set(err, EPERM, "'%s' is writable by others; run: chmod go-w '%s'",
		                 path, path);
	if (ret_st)
		*ret_st = st;
	return 0;
}

static int open_checked(int dirfd, const char *name, int flags, mode_t type, const char *path,
                        int *ret_fd, struct stat *ret_st, struct error *err) {
	cleanup_fd int fd = openat(dirfd, name, flags);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return error_set(err, EBADMSG,
		                 "'%s' is a symbolic link, or not a directory; move it away", path);
	if (fd < 0)
		return error_errno(err, errno, "'%s'", path);
	int r = layout_check(fd, type, path, ret_st, err);
	if (r < 0)
		return r;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int layout_open_directory(int dirfd, const char *name, const char *path, int *ret_fd,
                          struct error *err) {
	return open_checked(dirfd, name, DIRECTORY_FLAGS, S_IFDIR, path, ret_fd, NULL, err);
}

int layout_open_file(int dirfd, const char *name, const char *path, int *ret_fd,
                     struct stat *ret_st, struct error *err) {
	return open_checked(dirfd, name, FILE_FLAGS, S_IFREG, path, ret_fd, ret_st, err);
}

int layout_settle(int fd, const char *path, struct error *err) {
	if (served_uid == 0)
		return 0;
	if (fchown(fd, served_uid, (gid_t)-1) < 0 || fchmod(fd, LAYOUT_SERVED_DIRECTORY_MODE) < 0)
		return error_errno(err, errno, "cannot give '%s' to uid %u", path, served_uid);
	return 0;
}

int layout_make_site(const char *directory, struct error *err) {
	if (served_uid == 0)
		return file_make_directories(directory, LAYOUT_DIRECTORY_MODE, err);
	cleanup_free char *above = strndup(directory, (size_t)(path_base(directory) - directory));
	if (!above)
		return error_errno(err, ENOMEM, "'%s'", directory);
	int r = file_make_directories(above, LAYOUT_ABOVE_MODE, err);
	if (r < 0)
		return r;
	if (mkdir(directory, LAYOUT_DIRECTORY_MODE) < 0 && errno != EEXIST)
		return error_errno(err, errno, "cannot make directory '%s'", directory);
	return 0;
}

int layout_settle_file(int fd) {
	if (served_uid && fchown(fd, served_uid, (gid_t)-1) < 0)
		return -errno;
	return fchmod(fd, served_uid ? LAYOUT_SERVED_FILE_MODE : LAYOUT_FILE_MODE) < 0 ? -errno : 0;
}

uid_t vault_served(void) {
	return served_uid;
}

int layout_make_directory(int dirfd, const char *name, const char *path, int *ret_fd,
                          struct error *err) {
	if (mkdirat(dirfd, name, LAYOUT_DIRECTORY_MODE) == 0) {
		/* Syncing a file in the new directory does not sync the directory's own entry. */
		if (fsync(dirfd) < 0)
			return error_errno(err, errno, "cannot sync the directory of '%s'", path);
	} else if (errno != EEXIST) {
		return error_errno(err, errno, "cannot make directory '%s'", path);
	}
	cleanup_fd int fd = -1;
	int r = layout_open_directory(dirfd, name, path, &fd, err);
	/*
	 * An existing one too: an interrupted start may have left it with its first owner and mode.
	 */
	if (r < 0)
		return r;
	r = layout_settle(fd, path, err);
	if (r < 0)
		return r;
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int open_or_make(int dirfd, const char *name, bool make, const char *path, int *ret_fd,
                        struct error *err) {
	return make ? layout_make_directory(dirfd, name, path, ret_fd, err)
	            : layout_open_directory(dirfd, name, path, ret_fd, err);
}

int layout_find(const struct layout_tree *tree, const char *name, bool make,
                struct layout_place *ret_place, struct error *err) {
	struct layout_place place = {.fd = -1};
	int used = snprintf(place.path, sizeof(place.path), "%s/%s", tree->directory, tree->top);
	if (used < 0 ||
	    (size_t)used + VAULT_NAME_MAX + sizeof("/" NAMES_SUFFIX) > sizeof(place.path))
		return error_errno(err, ENAMETOOLONG, "'%s'", tree->directory);
	const size_t room = sizeof(place.path) - (size_t)used;
	cleanup_fd int fd = -1;
	int r = open_or_make(tree->dirfd, tree->top, make, place.path, &fd, err);
	if (r < 0)
		return r;
	const char *segment = name;
	for (const char *slash; (slash = strchr(segment, '/')); segment = slash + 1) {
		char part[NAMES_SEGMENT_MAX + 1] = "";
		memcpy(part, segment, (size_t)(slash - segment));
		snprintf(place.path + used, room, "/%.*s", (int)(slash - name), name);
		int next = -1;
		r = open_or_make(fd, part, make, place.path, &next, err);
		if (r < 0)
			return r;
		close(fd);
		fd = next;
	}
	names_file(segment, place.file);
	snprintf(place.path + used, room, "/%s" NAMES_SUFFIX, name);
	place.fd = steal_fd(&fd);
	*ret_place = place;
	return 0;
}

void layout_place_close(struct layout_place *place) {
	cleanup_fd_(&place->fd);
	place->fd = -1;
}

/* Removes the directory of the last part of `path`. False: it stays. */
static bool remove_directory(const struct layout_tree *tree, const char *path) {
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	struct error ignored;
	if (layout_find(tree, path, false, &place, &ignored) < 0 ||
	    unlinkat(place.fd, path_base(path), AT_REMOVEDIR) < 0)
		return false;
	fsync(place.fd);
	return true;
}

void layout_prune(const struct layout_tree *tree, const char *name) {
	char above[VAULT_NAME_MAX + 1];
	memcpy(above, name, strlen(name) + 1);
	/* "a/b" above "a/b/c" is an entry of the directory that a secret "a/b" would be in. */
	for (char *slash; (slash = strrchr(above, '/'));) {
		*slash = '\0';
		if (!remove_directory(tree, above))
			return;
	}
}
