#include "util/fuse.h"

#include "util/cleanup.h"

#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

/* The first line of a file for which `wanted` says so; NULL: none. The caller frees. */
static char *find_line(const char *path, bool (*wanted)(const char *line, int id), int id) {
	cleanup_free char *line = NULL;
	size_t room = 0;
	bool found = false;
	cleanup_file FILE *file = fopen(path, "re");
	while (file && !found && getline(&line, &room, file) > 0)
		found = wanted(line, id);
	return found ? steal_pointer(line) : NULL;
}

static bool says_mount(const char *line, int id) {
	(void)id;
	return strncmp(line, "mnt_id:", 7) == 0;
}

static bool is_mount(const char *line, int id) {
	return atoi(line) == id;
}

/*
 * proc_pid_mountinfo(5): the last field has the file system's own options; the source, before it,
 * is the user's text.
 */
static bool user_in(const char *line, uid_t *ret_uid) {
	unsigned int uid = 0;
	const char *own = strrchr(line, ' ');
	const char *option = own ? strstr(own, ",user_id=") : NULL;
	if (!option || sscanf(option, ",user_id=%u", &uid) != 1)
		return false;
	*ret_uid = uid;
	return true;
}

bool fuse_serves(int fd, uid_t *ret_uid) {
	struct statfs place;
	char path[40];
	if (fstatfs(fd, &place) == 0 && place.f_type != FUSE_SUPER_MAGIC)
		return false;
	*ret_uid = (uid_t)-1;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	cleanup_free char *info = find_line(path, says_mount, 0);
	cleanup_free char *mount =
		info ? find_line("/proc/self/mountinfo", is_mount, atoi(info + 7)) : NULL;
	/*
	 * A FUSE file system without that option is the machine's (virtiofs); only root mounts
	 * those.
	 */
	return !mount || user_in(mount, ret_uid);
}
