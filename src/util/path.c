#include "util/path.h"

#include "util/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool component_is_plain(const char *start, size_t length) {
	if (length == 0 || length > NAME_MAX)
		return false;
	if (start[0] == '.' && (length == 1 || (length == 2 && start[1] == '.')))
		return false;
	return true;
}

bool path_is_normal(const char *path) {
	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	if (path[1] == '\0')
		return true;
	for (const char *at = path; *at == '/';) {
		size_t length = strcspn(at + 1, "/");
		if (!component_is_plain(at + 1, length))
			return false;
		at += 1 + length;
	}
	return true;
}

char *path_join(const char *directory, const char *name) {
	while (*name == '/')
		name++;
	size_t length = strlen(directory);
	while (length > 0 && directory[length - 1] == '/')
		length--;
	char *joined = NULL;
	if (asprintf(&joined, "%.*s/%s", (int)length, directory, name) < 0)
		return NULL;
	return joined;
}

bool path_at_or_below(const char *path, const char *directory) {
	size_t length = strcmp(directory, "/") == 0 ? 0 : strlen(directory);
	return strncmp(path, directory, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

const char *path_base(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

int path_command_names(const char *absolute, char **ret_name, char **ret_real, struct error *err) {
	const char *base = path_base(absolute);
	if (*base == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		return error_errno(err, EISDIR, "'%s'", absolute);
	cleanup_free char *directory = strndup(absolute, (size_t)(base - absolute));
	if (!directory)
		return error_errno(err, ENOMEM, "'%s'", absolute);
	cleanup_free char *resolved = realpath(directory, NULL);
	if (!resolved)
		return error_errno(err, errno, "'%s'", absolute);
	cleanup_free char *name = path_join(resolved, base);
	if (!name)
		return error_errno(err, ENOMEM, "'%s'", absolute);
	/* From the resolved name: links in `absolute` may have been changed meanwhile. */
	cleanup_free char *real = realpath(name, NULL);
	if (!real)
		return error_errno(err, errno, "'%s'", absolute);
	*ret_name = steal_pointer(name);
	*ret_real = steal_pointer(real);
	return 0;
}

bool path_absent(int code) {
	static const int codes[] = {ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, ESTALE};
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (codes[i] == code)
			return true;
	}
	return false;
}
