#include "cmd/cmd.h"
#include "cmd/options.h"

#include "run/resolve.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Many users have this directory before the system's in PATH. */
static int shim_directory(const char *given, char **ret_directory, struct error *err) {
	const char *home = getenv("HOME");
	char *directory = NULL;
	if (given && given[0] != '/')
		return error_set(err, EINVAL, "--directory must be an absolute path");
	if (!given && (!home || home[0] != '/'))
		return error_set(err, EINVAL, "HOME is not an absolute path; use --directory");
	directory = given ? strdup(given) : path_join(home, ".local/bin");
	if (!directory)
		return error_errno(err, ENOMEM, "--directory");
	*ret_directory = directory;
	return 0;
}

/* Whether a shim of ours is there. -EEXIST: something else is. */
static int look(const char *path, bool *ret_there, struct error *err) {
	char target[4096];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	bool absent = length < 0 && errno == ENOENT;
	target[length < 0 ? 0 : length] = '\0';
	if (!absent && strcmp(target, ENVSEAL_EXEC) != 0)
		return error_set(err, EEXIST, "'%s' exists and is not a shim; nothing was changed",
		                 path);
	*ret_there = !absent;
	return 0;
}

static int make(const char *directory, const char *path, struct error *err) {
	bool there = false;
	int r = look(path, &there, err);
	if (r < 0 || there)
		return r;
	r = file_make_directories(directory, 0755, err);
	if (r < 0)
		return r;
	return symlink(ENVSEAL_EXEC, path) < 0 ? error_errno(err, errno, "cannot make '%s'", path)
	                                       : 0;
}

static int take_away(const char *path, struct error *err) {
	bool there = false;
	int r = look(path, &there, err);
	if (r < 0)
		return r;
	if (!there)
		return error_set(err, ENOENT, "there is no shim '%s'", path);
	return unlink(path) < 0 ? error_errno(err, errno, "cannot remove '%s'", path) : 0;
}

/* Whether the shim's directory comes before the command's own in PATH. */
static bool found_first(const char *directory, const char *command) {
	const char *search = getenv("PATH");
	cleanup_free char *directories = strdup(search ? search : "");
	char *rest = directories;
	for (char *entry; directories && (entry = strsep(&rest, ":")) != NULL;) {
		cleanup_free char *path = *entry == '/' ? path_join(entry, command) : NULL;
		if (path && strcmp(entry, directory) == 0)
			return true;
		if (path && access(path, X_OK) == 0)
			return false;
	}
	return false;
}

static void say_made(const char *directory, const char *path, const char *command) {
	struct error ignored;
	cleanup_free char *real = NULL;
	cmd_say("'%s' now runs '%s' with its policy", path, command);
	if (resolve_command(command, getenv("PATH"), &real, &ignored) < 0)
		cmd_say("PATH has no '%s' for it to run", command);
	if (!found_first(directory, command))
		cmd_say("put '%s' first in PATH", directory);
}

int cmd_shim(int argc, char **argv) {
	const char *given = NULL;
	bool remove = false;
	const struct cmd_option own[] = {{"directory", "DIR",
	                                  "where to make the link (default: ~/.local/bin)",
	                                  .value = &given},
	                                 {"remove", NULL, "remove the link", .flag = &remove},
	                                 {0}};
	struct cmd_common common;
	struct error err;
	cleanup_free char *directory = NULL;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 1 || argv[0][0] == '\0' || strchr(argv[0], '/'))
		return cmd_usage_error("one command is needed, by name, without a path");
	if (strncmp(argv[0], "envseal", 7) == 0)
		return cmd_usage_error("envseal itself cannot have a shim");
	int r = shim_directory(given, &directory, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	cleanup_free char *path = path_join(directory, argv[0]);
	if (!path)
		return cmd_fail("out of memory");
	r = remove ? take_away(path, &err) : make(directory, path, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	if (!remove)
		say_made(directory, path, argv[0]);
	return CMD_OK;
}
