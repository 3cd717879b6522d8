#include "run/resolve.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int from_directory(const char *name, char **ret_path, struct error *err) {
	cleanup_free char *here = realpath(".", NULL);
	if (!here)
		return error_errno(err, errno, "cannot find the working directory");
	char *path = path_join(here, name);
	if (!path)
		return error_errno(err, ENOMEM, "'%s'", name);
	*ret_path = path;
	return 0;
}

/* A shim: a link to envseal-exec under a command's name (envseal-exec(1)). The command itself comes later in PATH. */
static bool is_ourselves(const struct stat *st) {
	struct stat own;
	return stat("/proc/self/exe", &own) == 0 && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

/* 0: executable. -ENOENT: not there, or out of sight. -EACCES: there, but not executable. */
static int probe(const char *path) {
	struct stat st;
	if (stat(path, &st) < 0 || is_ourselves(&st))
		return -ENOENT;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return access(path, X_OK) == 0 ? 0 : -EACCES;
}

int resolve_command(const char *name, const char *search, char **ret_path, struct error *err) {
	if (*name == '\0')
		return error_set(err, ENOENT, "the command's name is empty");
	if (*name == '/')
		return (*ret_path = strdup(name)) ? 0 : error_errno(err, ENOMEM, "'%s'", name);
	if (strchr(name, '/'))
		return from_directory(name, ret_path, err);
	int worst = -ENOENT;
	cleanup_free char *directories = strdup(search ? search : ENVSEAL_SECURE_PATH);
	if (!directories)
		return error_errno(err, ENOMEM, "'%s'", name);
	char *rest = directories;
	for (char *directory; (directory = strsep(&rest, ":")) != NULL;) {
		if (*directory != '/')
			continue;
		cleanup_free char *path = path_join(directory, name);
		int r = path ? probe(path) : -ENOMEM;
		if (r == 0) {
			*ret_path = steal_pointer(path);
			return 0;
		}
		if (r != -ENOENT)
			worst = r;
	}
	if (worst == -ENOENT)
		return error_set(err, worst, "'%s' is not in any directory of PATH", name);
	return error_errno(err, worst, "'%s'", name);
}
