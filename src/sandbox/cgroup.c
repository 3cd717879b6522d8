#include "sandbox/cgroup.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#define NAME_PREFIX "envseal-"
#define NAMES_TRIED 16

static int open_directory(int at, const char *path) {
	return openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The start of a file, as text; false when there is none. */
static bool read_text(int directory, const char *name, char *text, size_t size) {
	cleanup_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n < 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static bool write_text(int directory, const char *name, const char *text) {
	cleanup_fd int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool has_word(const char *list, const char *word) {
	size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)) != NULL; at += length) {
		bool begins = at == list || at[-1] == ' ';
		if (begins && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* The controller and file of each limit. */
static const struct row {
	size_t offset;
	const char *controller;
	const char *file;
} rows[] = {
	{offsetof(struct sandbox_limits, memory), "memory", "memory.max"},
	{offsetof(struct sandbox_limits, processes), "pids", "pids.max"},
};

static uint64_t value_of(const struct row *row, const struct sandbox_limits *limits) {
	return *(const uint64_t *)((const char *)limits + row->offset);
}

/*
 * Child cgroups have a controller when it is enabled here. Mostly this fails with EBUSY, because
 * this cgroup has processes.
 */
static bool share_out(int directory, const struct row *row) {
	char list[256], order[32];
	if (read_text(directory, "cgroup.subtree_control", list, sizeof(list)) &&
	    has_word(list, row->controller))
		return true;
	snprintf(order, sizeof(order), "+%s", row->controller);
	return write_text(directory, "cgroup.subtree_control", order);
}

/*
 * Moving a process into the child cgroup needs the right to write cgroup.procs here (cgroups(7)).
 */
static bool usable(int directory, const struct sandbox_limits *limits) {
	if (faccessat(directory, "cgroup.procs", W_OK, AT_EACCESS) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (value_of(&rows[i], limits) && !share_out(directory, &rows[i]))
			return false;
	}
	return true;
}

/*
 * Each supervisor locks its cgroup for as long as it lives. An unlocked one was left behind by a
 * supervisor that was killed. Nobody waits for these locks.
 */
static void remove_abandoned(int directory) {
	cleanup_fd int again = open_directory(directory, ".");
	cleanup_dir DIR *entries = again < 0 ? NULL : fdopendir(again);
	if (!entries)
		return;
	steal_fd(&again);
	for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
		if (strncmp(entry->d_name, NAME_PREFIX, strlen(NAME_PREFIX)) != 0)
			continue;
		cleanup_fd int fd = open_directory(directory, entry->d_name);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(directory, entry->d_name, AT_REMOVEDIR);
	}
}

static int make_directory(struct cgroup *cgroup) {
	for (int i = 0; i < NAMES_TRIED; i++) {
		snprintf(cgroup->name, sizeof(cgroup->name), NAME_PREFIX "%d.%d", (int)getpid(), i);
		if (mkdirat(cgroup->parent_fd, cgroup->name, 0755) < 0) {
			if (errno == EEXIST)
				continue;
			return -errno;
		}
		cgroup->directory_fd = open_directory(cgroup->parent_fd, cgroup->name);
		if (cgroup->directory_fd >= 0 &&
		    flock(cgroup->directory_fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		/* Somebody took it for abandoned between the two calls. */
		cleanup_fd_(&cgroup->directory_fd);
		cgroup->directory_fd = -1;
	}
	return -EEXIST;
}

static int set_limits(const struct cgroup *cgroup, const struct sandbox_limits *limits,
                      struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[32];
		uint64_t value = value_of(&rows[i], limits);
		snprintf(text, sizeof(text), "%" PRIu64, value);
		if (value && !write_text(cgroup->directory_fd, rows[i].file, text))
			return error_errno(err, errno, "cannot set %s of the target's cgroup",
			                   rows[i].file);
	}
	/*
	 * Swapped memory counts as memory. ENOENT: the kernel does not account for swap, or has
	 * none.
	 */
	if (limits->memory && !write_text(cgroup->directory_fd, "memory.swap.max", "0") &&
	    errno != ENOENT)
		return error_errno(err, errno, "cannot set memory.swap.max of the target's cgroup");
	return 0;
}

int cgroup_make_in(int directory, const struct sandbox_limits *limits, struct cgroup *ret_cgroup,
                   struct error *err) {
	__attribute__((cleanup(cgroup_free))) struct cgroup cgroup = CGROUP_NONE;
	cgroup.parent_fd = fcntl(directory, F_DUPFD_CLOEXEC, 0);
	if (cgroup.parent_fd < 0 || !usable(directory, limits))
		return error_set(err, ENOENT, "no cgroup can be made here");
	remove_abandoned(directory);
	if (make_directory(&cgroup) < 0)
		return error_set(err, ENOENT, "no cgroup can be made here");
	int r = set_limits(&cgroup, limits, err);
	if (r < 0)
		return r;
	cgroup.procs_fd = openat(cgroup.directory_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (cgroup.procs_fd < 0)
		return error_errno(err, errno, "cannot open the target's cgroup");
	*ret_cgroup = cgroup;
	cgroup = CGROUP_NONE;
	return 0;
}

/* Where version 2 is mounted: alone, or beside version 1. */
static int open_hierarchy(void) {
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct statfs fs;
		int fd = open_directory(AT_FDCWD, places[i]);
		if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return fd;
		cleanup_fd_(&fd);
	}
	return -1;
}

/*
 * The path of our own cgroup, relative to the mount; "." for its root. False when it is not
 * visible.
 */
static bool own_path(char path[static PATH_MAX]) {
	char text[8192] = "";
	cleanup_fd int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	const char *line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
	if (!line)
		return false;
	line = strchr(line, '/') + 1;
	size_t length = strcspn(line, "\n");
	if (length >= PATH_MAX || strncmp(line, "..", 2) == 0)
		return false;
	snprintf(path, PATH_MAX, "%.*s", (int)length, length ? line : ".");
	return true;
}

static bool unlimited(int directory, const char *file) {
	char text[64];
	return !read_text(directory, file, text, sizeof(text)) || strcmp(text, "max") == 0;
}

/*
 * systemd marks what it delegated (systemd.resource-control(5)). Root owns all other cgroups too,
 * but they are not for us to change.
 */
static bool marked_delegated(int directory) {
	char mark[4] = "";
	return fgetxattr(directory, "trusted.delegate", mark, sizeof(mark)) > 0 ||
	       fgetxattr(directory, "user.delegate", mark, sizeof(mark)) > 0;
}

/*
 * Whether we may make a cgroup beside our own. Somebody must have given us the parent. Our own
 * cgroup may have no limits, because the target would escape them.
 */
static bool may_use_parent(int own, int parent) {
	struct stat st;
	if (!unlimited(own, "memory.max") || !unlimited(own, "memory.high") ||
	    !unlimited(own, "pids.max"))
		return false;
	if (geteuid() == 0)
		return marked_delegated(parent);
	return fstat(parent, &st) == 0 && st.st_uid == geteuid();
}

int cgroup_make(const struct sandbox_limits *limits, struct cgroup *ret_cgroup, struct error *err) {
	char path[PATH_MAX];
	cleanup_fd int hierarchy = open_hierarchy();
	if (hierarchy < 0 || !own_path(path))
		return error_set(err, ENOENT, "no cgroup v2 is mounted");
	cleanup_fd int own = open_directory(hierarchy, path);
	if (own < 0)
		return error_set(err, ENOENT, "the cgroup of envseal-exec is not visible");
	int r = cgroup_make_in(own, limits, ret_cgroup, err);
	if (r != -ENOENT || strcmp(path, ".") == 0)
		return r;
	cleanup_fd int parent = open_directory(own, "..");
	if (parent < 0 || !may_use_parent(own, parent))
		return r;
	return cgroup_make_in(parent, limits, ret_cgroup, err);
}

/* "usage_usec N" is the first line of cpu.stat. */
void cgroup_usage(const struct cgroup *cgroup, uint64_t *cpu, uint64_t *peak_memory) {
	char text[64];
	uint64_t value = 0;
	if (cgroup->directory_fd < 0)
		return;
	if (read_text(cgroup->directory_fd, "cpu.stat", text, sizeof(text)) &&
	    sscanf(text, "usage_usec %" SCNu64, &value) == 1)
		*cpu = value;
	if (read_text(cgroup->directory_fd, "memory.peak", text, sizeof(text)) &&
	    sscanf(text, "%" SCNu64, &value) == 1)
		*peak_memory = value;
}

/* The directory can only be removed when the killed processes are gone, which takes a moment. */
#define REMOVAL_TRIES 200
#define REMOVAL_PAUSE_MS 5

void cgroup_free(struct cgroup *cgroup) {
	cleanup_fd_(&cgroup->procs_fd);
	if (cgroup->directory_fd >= 0) {
		write_text(cgroup->directory_fd, "cgroup.kill", "1");
		for (int i = 0; i < REMOVAL_TRIES; i++) {
			if (unlinkat(cgroup->parent_fd, cgroup->name, AT_REMOVEDIR) == 0 ||
			    errno != EBUSY)
				break;
			poll(NULL, 0, REMOVAL_PAUSE_MS);
		}
	}
	cleanup_fd_(&cgroup->directory_fd);
	cleanup_fd_(&cgroup->parent_fd);
	*cgroup = CGROUP_NONE;
}
