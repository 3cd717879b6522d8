#include "sandbox/places.h"

#include "sandbox/mounts.h"
#include "util/cleanup.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A place that was taken, to be put back above the fresh mounts. */
static struct taken {
	int tree; /* a detached copy of the mounts; once put back, the root of what stands there */
	char *path;
	uint64_t device, inode;
	bool directory;
} taken[SANDBOX_PLACES_MAX];

static size_t taken_count;

static int writable[SANDBOX_PLACES_MAX];
static size_t writable_count;

int places_writable(size_t index) {
	return index < writable_count ? writable[index] : -1;
}

void places_add_writable(int fd) {
	writable[writable_count++] = fd;
}

int places_open(const struct sandbox_spec *spec, const struct sandbox_place *place, int *ret_fd,
                struct error *err) {
	struct stat st;
	const char *path = sandbox_spec_path(spec, place);
	cleanup_fd int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", path);
	if ((place->device || place->inode) &&
	    (st.st_dev != place->device || st.st_ino != place->inode))
		return error_set(err, ESTALE,
		                 "'%s' is not the same file in the sandbox as outside; try again",
		                 path);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int places_real_path(int fd, char **ret_path, struct error *err) {
	char link[32];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	char target[4096];
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	if (n <= 0 || n == (ssize_t)sizeof(target) - 1 || target[0] != '/')
		return error_errno(err, n < 0 ? errno : ENAMETOOLONG,
		                   "cannot find the path of a policy's place");
	char *path = strndup(target, (size_t)n);
	if (!path)
		return error_errno(err, ENOMEM, "cannot find the path of a policy's place");
	*ret_path = path;
	return 0;
}

/* With everything that is mounted below it. */
static int take(const struct sandbox_spec *spec, const struct sandbox_place *place,
                struct error *err) {
	cleanup_fd int fd = -1;
	struct taken *new = &taken[taken_count];
	struct stat st;
	int r = places_open(spec, place, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", sandbox_spec_path(spec, place));
	r = places_real_path(fd, &new->path, err);
	if (r < 0)
		return r;
	r = mounts_detach_below(fd, new->path, &new->tree, err);
	if (r < 0)
		return r;
	new->device = st.st_dev;
	new->inode = st.st_ino;
	new->directory = S_ISDIR(st.st_mode);
	taken_count++;
	if (place->kind == SANDBOX_PLACE_WRITABLE)
		places_add_writable(new->tree);
	return 0;
}

static int take_all(const struct sandbox_spec *spec, enum sandbox_place_kind kind,
                    struct error *err) {
	for (uint32_t i = 0; i < spec->place_count; i++) {
		const struct sandbox_place *place = &spec->places[i];
		int r = place->kind == (uint32_t)kind ? take(spec, place, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int places_take_writable(const struct sandbox_spec *spec, struct error *err) {
	return take_all(spec, SANDBOX_PLACE_WRITABLE, err);
}

int places_take_kept(const struct sandbox_spec *spec, struct error *err) {
	return take_all(spec, SANDBOX_PLACE_KEEP, err);
}

/* Whether it is on a filesystem that the sandbox made, where it may be mounted over. */
static bool is_fresh(const struct stat *st) {
	static const char *const fresh[] = {"/run", "/tmp", "/var/tmp", "/dev/shm"};
	for (size_t i = 0; i < ARRAY_SIZE(fresh); i++) {
		struct stat top;
		if (stat(fresh[i], &top) == 0 && top.st_dev == st->st_dev)
			return true;
	}
	return false;
}

static int open_target(const struct taken *item, int *ret_fd, struct error *err) {
	struct stat st;
	cleanup_fd int fd = open(item->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		int r = mounts_make_place(item->path, item->directory, err);
		if (r < 0)
			return r;
		fd = open(item->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", item->path);
	bool same = st.st_dev == item->device && st.st_ino == item->inode;
	if (!same && !is_fresh(&st))
		return error_set(err, ESTALE,
		                 "'%s' was replaced while the sandbox was being made; try again",
		                 item->path);
	*ret_fd = steal_fd(&fd);
	return 0;
}

/* Outer places come first, or they would cover the inner ones. */
static int by_length(const void *a, const void *b) {
	size_t one = strlen(((const struct taken *)a)->path),
	       two = strlen(((const struct taken *)b)->path);
	return (one > two) - (one < two);
}

int places_put_back(const struct sandbox_spec *spec, struct error *err) {
	(void)spec;
	qsort(taken, taken_count, sizeof(*taken), by_length);
	for (size_t i = 0; i < taken_count; i++) {
		cleanup_fd int target = -1;
		int r = open_target(&taken[i], &target, err);
		if (r < 0)
			return r;
		r = mounts_attach_at(taken[i].tree, target, taken[i].path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int places_no_directory(const char *path, int code, struct error *err) {
	if (code == ESTALE)
		return error_set(
			err, ESTALE,
			"the sandbox has another directory at '%s' (a private /tmp or home?); "
			"start from another directory, or set filesystem.directory in the policy",
			path);
	if (code == ENOENT)
		return error_set(
			err, ENOENT,
			"the sandbox has no directory '%s' (a private /tmp or home?); start from "
			"another directory, or set filesystem.directory in the policy",
			path);
	return error_errno(err, code,
	                   "the sandbox cannot enter '%s'; start from another directory, or set "
	                   "filesystem.directory in the policy",
	                   path);
}

int places_enter_directory(const struct sandbox_spec *spec, struct error *err) {
	const struct sandbox_place *place = sandbox_spec_first(spec, SANDBOX_PLACE_DIRECTORY);
	struct stat st;
	if (!place)
		return 0;
	const char *path = sandbox_spec_path(spec, place);
	if (chdir(path) < 0 || stat(".", &st) < 0)
		return places_no_directory(path, errno, err);
	bool wanted = place->device || place->inode;
	if (wanted && (st.st_dev != place->device || st.st_ino != place->inode))
		return places_no_directory(path, ESTALE, err);
	return 0;
}
