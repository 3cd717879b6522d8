#include "sandbox/places.h"

#include "sandbox/aliases.h"
#include "sandbox/mounts.h"
#include "util/cleanup.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/*
 * Covers: an empty directory or file without any permission, on a read-only mount, so that its
 * owner cannot change that. They are made on a tmpfs that is mounted on /proc for a moment; any
 * directory would do that every sandbox has.
 */
#define SCRATCH "/proc"
#define COVERS_MAX 256

struct cover {
	int fd; /* what is to be covered, opened before anything is */
	char *path;
	bool home;
};

struct covers {
	struct cover items[COVERS_MAX];
	size_t count;
};

static void covers_free(struct covers *covers) {
	for (size_t i = 0; i < covers->count; i++) {
		cleanup_fd_(&covers->items[i].fd);
		free(covers->items[i].path);
	}
}

/* Takes the descriptor over. */
static int add_cover(struct covers *covers, int fd, bool home, struct error *err) {
	cleanup_fd int own = fd;
	char *path = NULL;
	if (covers->count == COVERS_MAX)
		return error_set(err, E2BIG, "the hidden places have more than %d mounts",
		                 COVERS_MAX);
	int r = places_real_path(fd, &path, err);
	if (r < 0)
		return r;
	covers->items[covers->count++] = (struct cover){steal_fd(&own), path, home};
	return 0;
}

static int add_alias(void *context, int fd, struct error *err) {
	return add_cover(context, fd, false, err);
}

/* A home on a filesystem that the sandbox makes, which has no files of the host. */
static bool is_made_anew(const struct sandbox_place *place) {
	return place->kind == SANDBOX_PLACE_HOME && place->device == 0 && place->inode == 0;
}

static int collect_one(const struct sandbox_spec *spec, const struct sandbox_place *place,
                       struct covers *covers, struct error *err) {
	int fd = -1;
	if (place->kind != SANDBOX_PLACE_HIDDEN && place->kind != SANDBOX_PLACE_HOME)
		return 0;
	if (is_made_anew(place))
		return mounts_make_place(sandbox_spec_path(spec, place), true, err);
	int r = places_open(spec, place, &fd, err);
	return r < 0 ? r : add_cover(covers, fd, place->kind == SANDBOX_PLACE_HOME, err);
}

static int collect(const struct sandbox_spec *spec, struct covers *covers, struct error *err) {
	for (uint32_t i = 0; i < spec->place_count; i++) {
		int r = collect_one(spec, &spec->places[i], covers, err);
		if (r < 0)
			return r;
	}
	/* Their count grows meanwhile: aliases are not searched for aliases. */
	size_t named = covers->count;
	for (size_t i = 0; i < named; i++) {
		int r = aliases_of(covers->items[i].fd, covers->items[i].path, add_alias, covers,
		                   err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int freeze_scratch(struct error *err) {
	const unsigned long flags =
		MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (mount(NULL, SCRATCH, NULL, flags, NULL) < 0)
		return error_errno(err, errno, "cannot make the covers read-only");
	return 0;
}

static int open_blank(const char *path, int *ret_fd, struct error *err) {
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "cannot open a cover");
	*ret_fd = fd;
	return 0;
}

static int put_cover(const struct cover *cover, int directory, int file, struct error *err) {
	struct stat st;
	cleanup_fd int tree = -1;
	if (fstat(cover->fd, &st) < 0)
		return error_errno(err, errno, "'%s'", cover->path);
	int r = mounts_detach_below(S_ISDIR(st.st_mode) ? directory : file, cover->path, &tree,
	                            err);
	return r < 0 ? r : mounts_attach_at(tree, cover->fd, cover->path, err);
}

static int cover_all(const struct covers *covers, int directory, int file, struct error *err) {
	for (size_t i = 0; i < covers->count; i++) {
		const struct cover *cover = &covers->items[i];
		int r = cover->home ? 0 : put_cover(cover, directory, file, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* While the scratch filesystem is there. */
static int cover_with_blanks(const struct covers *covers, struct error *err) {
	cleanup_fd int directory = -1;
	cleanup_fd int file = -1;
	cleanup_fd int made = -1;
	if (mkdir(SCRATCH "/directory", 0) < 0 ||
	    (made = open(SCRATCH "/file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)) < 0)
		return error_errno(err, errno, "cannot make the covers");
	close(steal_fd(&made));
	int r = freeze_scratch(err);
	if (r < 0)
		return r;
	r = open_blank(SCRATCH "/directory", &directory, err);
	if (r < 0)
		return r;
	r = open_blank(SCRATCH "/file", &file, err);
	return r < 0 ? r : cover_all(covers, directory, file, err);
}

/* The topmost hidden place that contains the home, else the home itself. */
static const struct cover *above_home(const struct covers *covers, const struct cover *home) {
	const struct cover *top = home;
	for (size_t i = 0; i < covers->count; i++) {
		const struct cover *cover = &covers->items[i];
		size_t length = strlen(cover->path);
		if (strncmp(home->path, cover->path, length) == 0 && home->path[length] == '/' &&
		    length < strlen(top->path))
			top = cover;
	}
	return top;
}

/*
 * Makes the directories from a hidden place down to the home in it. They can be passed through, but
 * not listed.
 */
static int make_way(const char *path, struct error *err) {
	char partial[PATH_MAX];
	int r = file_make_directories(path, 0700, err);
	if (r < 0)
		return r;
	snprintf(partial, sizeof(partial), "%s", path);
	while (strlen(partial) >= strlen(SCRATCH)) {
		if (chmod(partial, 0111) < 0)
			return error_errno(err, errno,
			                   "cannot make the directories above the private home");
		*strrchr(partial, '/') = '\0';
	}
	return freeze_scratch(err);
}

/*
 * `path`: where the home is made; `from`: what is put over the cover's place, which is the home or
 * the directories above it.
 */
static int make_home(const struct sandbox_spec *spec, const char *path, const char *from,
                     const struct cover *top, struct error *err) {
	cleanup_fd int root = -1;
	cleanup_fd int tree = -1;
	int r = mounts_sized_tmpfs(spec, path, 0700, err);
	if (r < 0)
		return r;
	r = open_blank(from, &root, err);
	if (r < 0)
		return r;
	r = mounts_detach_below(root, top->path, &tree, err);
	return r < 0 ? r : mounts_attach_at(tree, top->fd, top->path, err);
}

static int place_home(const struct sandbox_spec *spec, const struct covers *covers,
                      const struct cover *home, struct error *err) {
	char path[PATH_MAX];
	const struct cover *top = above_home(covers, home);
	bool alone = top == home;
	snprintf(path, sizeof(path), "%s%s", SCRATCH,
	         alone ? "/home" : home->path + strlen(top->path));
	int r = make_way(path, err);
	if (r < 0)
		return r;
	r = make_home(spec, path, alone ? path : SCRATCH, top, err);
	if (r < 0)
		return r;
	int made = open(home->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (made < 0)
		return error_errno(err, errno, "'%s'", home->path);
	places_add_writable(made);
	return 0;
}

/*
 * Mounts a scratch tmpfs, puts the home in its place, or all covers where `home` is NULL, and
 * unmounts it again.
 */
static int with_scratch(const struct sandbox_spec *spec, const struct covers *covers,
                        const struct cover *home, struct error *err) {
	int r = mounts_tmpfs(SCRATCH, "size=64k,mode=0700", err);
	if (r < 0)
		return r;
	r = home ? place_home(spec, covers, home, err) : cover_with_blanks(covers, err);
	bool removed = umount2(SCRATCH, MNT_DETACH) == 0;
	if (r < 0)
		return r;
	return removed ? 0 : error_errno(err, errno, "cannot unmount the scratch filesystem");
}

int places_hide(const struct sandbox_spec *spec, struct error *err) {
	__attribute__((cleanup(covers_free))) struct covers covers = {.count = 0};
	int r = collect(spec, &covers, err);
	if (r < 0 || covers.count == 0)
		return r;
	r = with_scratch(spec, &covers, NULL, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < covers.count; i++) {
		const struct cover *cover = &covers.items[i];
		r = cover->home ? with_scratch(spec, &covers, cover, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}
