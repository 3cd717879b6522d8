#include "run/resolve.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool is_file(const char *path, const struct stat *st) {
	struct stat file;
	return stat(path, &file) == 0 && file.st_dev == st->st_dev && file.st_ino == st->st_ino;
}

/* This may be envseal-exec, a copy of it, or envseal, which looks for commands in the same way. */
static bool is_shim(const struct stat *st) {
	return is_file("/proc/self/exe", st) || is_file(ENVSEAL_EXEC, st);
}

enum resolve_state resolve_probe(const char *path) {
	struct stat st;
	if (stat(path, &st) < 0)
		return RESOLVE_ABSENT;
	if (is_shim(&st))
		return RESOLVE_SHIM;
	return S_ISREG(st.st_mode) && access(path, X_OK) == 0 ? RESOLVE_COMMAND
	                                                      : RESOLVE_NOT_EXECUTABLE;
}

/* The length of the variable in "TOKEN=...", as env(1) takes it; 0: it is none. */
static size_t assigned(const char *name) {
	size_t length =
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	return name[length] == '=' ? length : 0;
}

/*
 * A missing command is named, as every program does it. A message never repeats the value of a
 * variable.
 */
static int not_there(const char *name, struct error *err) {
	size_t length = assigned(name);
	if (length > 0)
		return error_set(
			err, ENOENT,
			"'%.*s=...' is not a command; the variables of a command are in its "
			"policy",
			(int)length, name);
	return error_set(err, ENOENT, "'%s' is not in any directory of PATH", name);
}

int resolve_command(const char *name, const char *search, char **ret_path, struct error *err) {
	if (*name == '\0')
		return error_set(err, ENOENT, "the command's name is empty");
	if (*name == '/')
		return (*ret_path = strdup(name)) ? 0 : error_errno(err, ENOMEM, "'%s'", name);
	if (assigned(name) > 0 && access(name, F_OK) < 0)
		return not_there(name, err);
	if (strchr(name, '/'))
		return from_directory(name, ret_path, err);
	bool unfit = false;
	cleanup_free char *directories = strdup(search ? search : ENVSEAL_SECURE_PATH);
	if (!directories)
		return error_errno(err, ENOMEM, "'%s'", name);
	char *rest = directories;
	for (char *directory; (directory = strsep(&rest, ":")) != NULL;) {
		if (*directory != '/')
			continue;
		cleanup_free char *path = path_join(directory, name);
		if (!path)
			return error_errno(err, ENOMEM, "'%s'", name);
		enum resolve_state state = resolve_probe(path);
		if (state == RESOLVE_COMMAND) {
			*ret_path = steal_pointer(path);
			return 0;
		}
		unfit |= state == RESOLVE_NOT_EXECUTABLE;
	}
	if (!unfit)
		return not_there(name, err);
	return error_errno(err, EACCES, "'%s'", name);
}
