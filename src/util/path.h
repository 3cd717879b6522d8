#ifndef ENVSEAL_UTIL_PATH_H
#define ENVSEAL_UTIL_PATH_H

#include "util/error.h"

#include <stdbool.h>

/*
 * Absolute, no empty, "." or ".." component, no slash at the end (but for "/" itself), < PATH_MAX.
 */
bool path_is_normal(const char *path);

/* "directory/name", without leading slashes of `name`. NULL: no memory. */
char *path_join(const char *directory, const char *name);

/* Whether `path` is `directory` or lies below it; both are normal. */
bool path_at_or_below(const char *path, const char *directory);

/* The part after the last slash; the whole string when there is none. Points into `path`. */
const char *path_base(const char *path);

/*
 * The two names under which a command may have a policy. `absolute` may contain "." and "..", links
 * and doubled slashes; it must exist.
 *   ret_name   every directory resolved, the last component kept (a link can have its own policy)
 *   ret_real   everything resolved
 * The caller frees both. Errors as realpath(3).
 */
int path_command_names(const char *absolute, char **ret_name, char **ret_real, struct error *err);

/*
 * Whether an errno from opening a path means that the file does not exist, or not for this user.
 * The caller may then go on without it. Other errors (EMFILE, ENOMEM, EIO, EINTR ...) say nothing
 * about the file.
 */
bool path_absent(int code);

#endif
