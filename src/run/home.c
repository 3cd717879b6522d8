#include "run/home.h"

#include "run/location.h"
#include "util/cleanup.h"
#include "util/path.h"
#include "util/syscalls.h"
#include "util/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* fgetpwent(3) reads that one file and asks nobody else. NULL: not in it. The caller frees. */
static char *from_passwd(uid_t uid) {
	FILE *file = fopen("/etc/passwd", "re");
	char *directory = NULL;
	struct passwd *entry;
	while (file && !directory && (entry = fgetpwent(file)) != NULL) {
		if (entry->pw_uid == uid)
			directory = strdup(entry->pw_dir);
	}
	if (file)
		fclose(file);
	return directory;
}

/* By the directory above it; the owner of that one could rename it. */
static bool nobody_moves(int fd) {
	char link[32], path[PATH_MAX];
	struct error ignored;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	cleanup_fd int above = -1;
	return trust_open(path, O_PATH | O_DIRECTORY, &TRUST_ROOT, &above, &ignored) == 0;
}

/* Where a path in `root` really is, as seen from there. NULL: nowhere, or not to be had. */
static char *real_path(int fd, int root) {
	char link[32], top[PATH_MAX] = "", path[PATH_MAX];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
	ssize_t size = root < 0 ? 0 : readlink(link, top, sizeof(top) - 1);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (size < 0 || n <= size || strncmp(path, top, (size_t)size) != 0 || path[size] != '/')
		return NULL;
	return strndup(path + size, (size_t)(n - size));
}

struct wanted {
	uid_t uid;
	int root;
	bool stays;
};

/* /etc/passwd is root's word. HOME is the caller's, and could name a mount of the caller's own making. */
static bool in_place(int fd, bool said) {
	return nobody_moves(fd) && !(said && trust_users_may_mount(fd));
}

/* Somebody else's directory is not a home: HOME is the caller's to set, and what it names is covered. */
static char *checked(const char *path, bool said, const struct wanted *wanted) {
	const int root = wanted->root;
	struct stat st;
	if (!path || !path_is_normal(path))
		return NULL;
	cleanup_fd int fd =
		root < 0 ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)
			 : sys_openat2(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC, RESOLVE_IN_ROOT);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != wanted->uid)
		return NULL;
	if (wanted->stays && !in_place(fd, said))
		return NULL;
	cleanup_free char *real = real_path(fd, root);
	return real && path_is_normal(real) && real[1] != '\0' ? steal_pointer(real) : NULL;
}

int home_find(char *const environment[], uid_t uid, int root, bool stays, struct home *ret_home,
              struct error *err) {
	const struct wanted wanted = {uid, root, stays};
	cleanup_free char *entry = from_passwd(uid);
	cleanup_free char *said = checked(location_variable(environment, "HOME"), true, &wanted);
	cleanup_free char *known = checked(entry, false, &wanted);
	if (!said && !known)
		return error_set(
			err, ENOENT,
			"filesystem.home = \"private\": no home directory of uid %u is known; set HOME to "
			"one that is its own%s",
			(unsigned int)uid, stays ? ", in a directory that only root can write" : "");
	bool both = said && known && strcmp(said, known) != 0;
	ret_home->other = both ? steal_pointer(known) : NULL;
	ret_home->directory = said ? steal_pointer(said) : steal_pointer(known);
	return 0;
}

void home_free(struct home *home) {
	free(home->directory);
	free(home->other);
	*home = (struct home){0};
}
