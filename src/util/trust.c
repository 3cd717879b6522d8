#include "util/trust.h"

#include "util/cleanup.h"
#include "util/fd.h"
#include "util/fuse.h"
#include "util/proc.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define LINKS_MAX 40
#define MAP_MAX ((size_t)65536) /* 340 lines of 33 bytes, which no single read(2) returns */

/* A walk: the directory it has reached, and the components that are left. */
struct walk {
	const struct trust *trust;
	const char *path; /* as the caller gave it, for messages */
	int dir;
	char rest[PATH_MAX];
	int links;
	bool asked; /* the server of `device` is accepted */
	dev_t device;
};

static void walk_end(struct walk *walk) {
	cleanup_fd_(&walk->dir);
}

/* -EPERM means "not trusted" to callers, so the kernel's becomes -EACCES. */
static int failed(const struct walk *walk, struct error *err) {
	return error_errno(err, errno == EPERM ? EACCES : errno, "'%s'", walk->path);
}

/* Whether the overflow uid can only mean "no owner here": the namespace maps nobody to it. */
static bool overflow_means_unmapped(void) {
	unsigned int inside = 0, count = 0;
	cleanup_buffer struct buffer map = BUFFER_INIT;
	cleanup_fd int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_all(fd, MAP_MAX, &map) < 0 || map.size == 0)
		return false;
	for (const char *line = map.bytes; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (sscanf(line, "%u %*u %u", &inside, &count) != 2)
			return false;
		if (inside <= PROC_UNMAPPED_ID && PROC_UNMAPPED_ID - inside < count)
			return false;
	}
	return true;
}

static bool is_unmapped(const struct trust *trust, const struct stat *st) {
	return trust->unmapped && st->st_uid == PROC_UNMAPPED_ID && overflow_means_unmapped();
}

static bool cannot_write(int fd) {
	return sys_faccessat2(fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) < 0 &&
	       (errno == EACCES || errno == EROFS);
}

static bool is_sticky(const struct trust *trust, const struct stat *st) {
	return trust->sticky && S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX);
}

static bool owner_believed(const struct trust *trust, int fd, const struct stat *st) {
	if (st->st_uid == 0 || st->st_uid == trust->owner)
		return true;
	return is_unmapped(trust, st) &&
	       (S_ISLNK(st->st_mode) || is_sticky(trust, st) || cannot_write(fd));
}

/* A FUSE server reports any owner it likes. One file system has one server, so it is asked once. */
static bool server_believed(struct walk *walk, int fd, dev_t device) {
	uid_t server = 0;
	if (walk->asked && device == walk->device)
		return true;
	walk->asked = !fuse_serves(fd, &server) || server == 0 || server == walk->trust->owner;
	walk->device = device;
	return walk->asked;
}

static bool write_believed(const struct trust *trust, const struct stat *st) {
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0 || S_ISLNK(st->st_mode))
		return true;
	return is_sticky(trust, st) && (st->st_uid == 0 || is_unmapped(trust, st));
}

static int refuse_owner(const struct walk *walk, const char *name, const struct stat *st,
                        struct error *err) {
	if (st->st_uid == PROC_UNMAPPED_ID && overflow_means_unmapped())
		return error_set(
			err, EPERM,
			"'%s': '%s': running in a user namespace: root's files show as uid %u, so "
			"their owner cannot be verified",
			walk->path, name, PROC_UNMAPPED_ID);
	return error_set(err, EPERM, "'%s': '%s' belongs to uid %u; change its owner", walk->path,
	                 name, st->st_uid);
}

static int check(struct walk *walk, int fd, const char *name, struct stat *ret_st,
                 struct error *err) {
	struct stat st;
	if (fstat(fd, &st) < 0)
		return failed(walk, err);
	if (!owner_believed(walk->trust, fd, &st))
		return refuse_owner(walk, name, &st, err);
	if (!server_believed(walk, fd, st.st_dev))
		return error_set(err, EPERM, "'%s': '%s' is on a FUSE file system of another user",
		                 walk->path, name);
	if (!write_believed(walk->trust, &st))
		return error_set(err, EPERM, "'%s': '%s' is writable by others; chmod go-w it",
		                 walk->path, name);
	*ret_st = st;
	return 0;
}

/* Takes the first component off `rest`. Empty when none is left. */
static void next_component(struct walk *walk, char component[static NAME_MAX + 2]) {
	char *start = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(start, "/");
	size_t copied = length > NAME_MAX ? NAME_MAX + 1 : length;
	memcpy(component, start, copied);
	component[copied] = '\0';
	start += length;
	start += strspn(start, "/");
	memmove(walk->rest, start, strlen(start) + 1);
}

/* Puts a link's target in front of what is left to walk. */
static int follow(struct walk *walk, int link, struct error *err) {
	char target[PATH_MAX];
	char rest[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target) - 1);
	if (length < 0)
		return failed(walk, err);
	target[length] = '\0';
	if (++walk->links > LINKS_MAX)
		return error_errno(err, ELOOP, "'%s'", walk->path);
	int n = snprintf(rest, sizeof(rest), "%s/%s", target, walk->rest);
	if (n < 0 || (size_t)n >= sizeof(rest))
		return error_errno(err, ENAMETOOLONG, "'%s'", walk->path);
	memcpy(walk->rest, rest, (size_t)n + 1);
	if (target[0] != '/')
		return 0;
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return failed(walk, err);
	close(walk->dir);
	walk->dir = root;
	return 0;
}

/* O_PATH opens no content: open the file again, and check that it is still the same one. */
static int open_last(struct walk *walk, const char *name, int found, int flags, int *ret_fd,
                     struct error *err) {
	if (flags & O_PATH) {
		*ret_fd = fcntl(found, F_DUPFD_CLOEXEC, 0);
		return *ret_fd < 0 ? failed(walk, err) : 0;
	}
	cleanup_fd int fd =
		openat(walk->dir, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return failed(walk, err);
	struct stat checked, opened;
	if (fstat(found, &checked) < 0 || fstat(fd, &opened) < 0)
		return failed(walk, err);
	if (checked.st_dev != opened.st_dev || checked.st_ino != opened.st_ino)
		return error_set(err, EPERM, "'%s' was replaced while it was being opened",
		                 walk->path);
	*ret_fd = steal_fd(&fd);
	return 0;
}

/* One component. Sets *ret_fd when it was the last. */
static int step(struct walk *walk, int flags, int *ret_fd, struct error *err) {
	char name[NAME_MAX + 2];
	next_component(walk, name);
	bool last = walk->rest[0] == '\0';
	if (name[0] == '\0')
		memcpy(name, ".", 2);
	cleanup_fd int found = openat(walk->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (found < 0)
		return failed(walk, err);
	struct stat st;
	int r = check(walk, found, name, &st, err);
	if (r < 0)
		return r;
	if (S_ISLNK(st.st_mode)) {
		if (last && (flags & O_NOFOLLOW))
			return error_errno(err, ELOOP, "'%s'", walk->path);
		return follow(walk, found, err);
	}
	if (last)
		return open_last(walk, name, found, flags, ret_fd, err);
	if (!S_ISDIR(st.st_mode))
		return error_errno(err, ENOTDIR, "'%s'", walk->path);
	close(walk->dir);
	walk->dir = steal_fd(&found);
	return 0;
}

static size_t parent_length(const char *path) {
	return (size_t)(strrchr(path, '/') - path);
}

/*
 * Moves the walk to its last component's directory where the memory has that. -ENOENT: there is
 * none.
 */
static int recall(struct walk *walk, struct error *err) {
	const struct trust_memory *memory = walk->trust->memory;
	size_t length = parent_length(walk->path);
	for (size_t i = 0; memory && length > 0 && i < TRUST_MEMORY; i++) {
		const char *directory = memory->slots[i].directory;
		if (!directory || strncmp(directory, walk->path, length) != 0 ||
		    directory[length] != '\0')
			continue;
		if (memory->slots[i].fd < 0)
			return error_errno(err, ENOENT, "'%s'", walk->path);
		walk->dir = fcntl(memory->slots[i].fd, F_DUPFD_CLOEXEC, 0);
		if (walk->dir >= 0)
			memmove(walk->rest, walk->rest + length, strlen(walk->rest + length) + 1);
		return 0;
	}
	return 0;
}

/*
 * `there`: the walk ended in its last component's directory. Else that directory does not exist. A
 * path that ends in a slash has its last component in front of that.
 */
static void remember(const struct walk *walk, bool there) {
	struct trust_memory *memory = walk->trust->memory;
	size_t length = parent_length(walk->path);
	if (!memory || walk->links > 0 || walk->path[length + 1] == '\0')
		return;
	char *directory = strndup(walk->path, length);
	int fd = there ? fcntl(walk->dir, F_DUPFD_CLOEXEC, 0) : -1;
	if (!directory || (there && fd < 0)) {
		free(directory);
		return;
	}
	unsigned int slot = memory->next++ % TRUST_MEMORY;
	if (memory->slots[slot].directory && memory->slots[slot].fd >= 0)
		close(memory->slots[slot].fd);
	free(memory->slots[slot].directory);
	memory->slots[slot].directory = directory;
	memory->slots[slot].fd = fd;
}

void trust_memory_free(struct trust_memory *memory) {
	for (size_t i = 0; i < TRUST_MEMORY; i++) {
		if (memory->slots[i].directory && memory->slots[i].fd >= 0)
			close(memory->slots[i].fd);
		free(memory->slots[i].directory);
	}
	*memory = (struct trust_memory){0};
}

static int walk_to_end(struct walk *walk, int flags, int *ret_fd, struct error *err) {
	int fd = -1;
	while (fd < 0) {
		int r = step(walk, flags, &fd, err);
		if (r < 0)
			return r;
	}
	*ret_fd = fd;
	return 0;
}

static int walk_from_root(struct walk *walk, int flags, int *ret_fd, struct error *err) {
	struct stat st;
	walk->dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk->dir < 0)
		return failed(walk, err);
	int r = check(walk, walk->dir, "/", &st, err);
	if (r < 0)
		return r;
	r = walk_to_end(walk, flags, ret_fd, err);
	if (r == 0 || r == -ENOENT)
		remember(walk, walk->rest[0] == '\0');
	return r;
}

int trust_open(const char *path, int flags, const struct trust *trust, int *ret_fd,
               struct error *err) {
	__attribute__((cleanup(walk_end))) struct walk walk = {
		.trust = trust, .path = path, .dir = -1};
	if (path[0] != '/')
		return error_errno(err, EINVAL, "'%s'", path);
	if (strlen(path) >= sizeof(walk.rest))
		return error_errno(err, ENAMETOOLONG, "'%s'", path);
	memcpy(walk.rest, path, strlen(path) + 1);
	int r = recall(&walk, err);
	if (r < 0)
		return r;
	if (walk.dir >= 0)
		return walk_to_end(&walk, flags, ret_fd, err);
	return walk_from_root(&walk, flags, ret_fd, err);
}

int trust_read(const char *path, size_t max, const struct trust *trust, struct buffer *ret_text,
               struct error *err) {
	cleanup_fd int fd = -1;
	struct stat st;
	int r = trust_open(path, O_RDONLY, trust, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EBADMSG, "'%s' is not a regular file; remove it", path);
	r = fd_read_all(fd, max, ret_text);
	if (r == -EFBIG)
		return error_set(err, EFBIG, "'%s' is larger than %zu KiB", path, max / 1024);
	if (r < 0)
		return error_errno(err, r, "'%s'", path);
	return 0;
}

int trust_users_may_mount(int fd) {
	struct statvfs place;
	return fstatvfs(fd, &place) < 0 ? -errno : (place.f_flag & ST_NOSUID) != 0;
}
