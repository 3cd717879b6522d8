#include "sandbox/aliases.h"

#include "util/cleanup.h"
#include "util/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One line of mountinfo: `root` of the filesystem `device` is seen at `point`. */
struct mounted {
	int id;
	char device[32];
	char root[PATH_MAX];
	char point[PATH_MAX];
};

/* Where the hidden place is: in which filesystem, and where in it. */
struct site {
	int mount;
	struct stat st;
	const char *path;
	char device[32];
	char inner[PATH_MAX];
};

/* "\040" and its like (proc_pid_mountinfo(5)), in place. */
static void unescape(char *text) {
	char *to = text;
	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			const char digits[] = {from[1], from[2], from[3], '\0'};
			*to = (char)strtol(digits, NULL, 8);
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool parse(const char *line, struct mounted *mounted) {
	if (sscanf(line, "%d %*d %31s %4095s %4095s", &mounted->id, mounted->device, mounted->root,
	           mounted->point) != 4)
		return false;
	unescape(mounted->root);
	unescape(mounted->point);
	return true;
}

/*
 * What follows `directory` in `path`: "" or "/...". NULL: `path` is neither `directory` nor below
 * it.
 */
static const char *below(const char *path, const char *directory) {
	size_t length = strcmp(directory, "/") == 0 ? 0 : strlen(directory);
	if (strncmp(path, directory, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return NULL;
	return strcmp(path, "/") == 0 ? "" : path + length;
}

/* "/" and "/x" are "/x"; "/x" and "" are "/x". */
static void join(char to[static PATH_MAX], const char *directory, const char *rest) {
	bool top = strcmp(directory, "/") == 0;
	snprintf(to, PATH_MAX, "%s%s", top && *rest ? "" : directory, rest);
}

static int mount_of(int fd) {
	char path[40];
	int id = -1;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	return proc_field(AT_FDCWD, path, "mnt_id", &id) < 0 ? -1 : id;
}

/* Whether `fd` shows a part of the place, and not something mounted over it. */
static bool shows(int fd, const struct mounted *mounted, const struct site *site, bool whole) {
	struct stat st;
	if (mount_of(fd) != mounted->id || fstat(fd, &st) < 0)
		return false;
	return whole || (st.st_dev == site->st.st_dev && st.st_ino == site->st.st_ino);
}

static int look(const struct mounted *mounted, const struct site *site, aliases_found *found,
                void *context, struct error *err) {
	char candidate[PATH_MAX];
	const char *rest = below(site->inner, mounted->root);
	bool whole = !rest && below(mounted->root, site->inner);
	if (strcmp(mounted->device, site->device) != 0 || (!rest && !whole))
		return 0;
	join(candidate, mounted->point, whole ? "" : rest);
	/* The place itself, what lies in it, and the root directory. */
	if (below(candidate, site->path) || strcmp(candidate, "/") == 0)
		return 0;
	cleanup_fd int fd = open(candidate, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !shows(fd, mounted, site, whole))
		return 0;
	return found(context, steal_fd(&fd), err);
}

/* The next line of mountinfo that can be read as one; false at the end. */
static bool next(FILE *file, struct mounted *ret_mounted) {
	cleanup_free char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, file) > 0) {
		if (parse(line, ret_mounted))
			return true;
	}
	return false;
}

/* Fills in which filesystem the site is on, and where in it. */
static int locate(FILE *file, struct site *site, struct error *err) {
	struct mounted mounted;
	while (next(file, &mounted)) {
		const char *rest =
			mounted.id == site->mount ? below(site->path, mounted.point) : NULL;
		if (!rest)
			continue;
		memcpy(site->device, mounted.device, sizeof(site->device));
		join(site->inner, mounted.root, rest);
		return 0;
	}
	return error_set(err, ENOENT, "cannot find the mount of '%s'", site->path);
}

static int look_at_all(FILE *file, const struct site *site, aliases_found *found, void *context,
                       struct error *err) {
	struct mounted mounted;
	while (next(file, &mounted)) {
		int r = look(&mounted, site, found, context, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int aliases_of(int fd, const char *path, aliases_found *found, void *context, struct error *err) {
	struct site site = {.mount = mount_of(fd), .path = path};
	cleanup_file FILE *file = fopen("/proc/self/mountinfo", "re");
	if (!file || site.mount < 0 || fstat(fd, &site.st) < 0)
		return error_errno(err, errno ? errno : ENOENT, "cannot see the mounts");
	int r = locate(file, &site, err);
	if (r < 0)
		return r;
	rewind(file);
	return look_at_all(file, &site, found, context, err);
}
