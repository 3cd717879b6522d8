#ifndef ENVSEAL_UTIL_PATH_H
#define ENVSEAL_UTIL_PATH_H

#include "util/error.h"

#include <stdbool.h>

/* Absolute, no empty, "." or ".." component, no slash at the end (but for "/" itself), < PATH_MAX. */
bool path_is_normal(const char *path);

/* "directory/name" or "directory/name" with any leading slashes of `name` dropped. NULL: no memory. */
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
 * True for an errno by which opening a path says that there is nothing, or nothing for this user. Who can do without
 * it may then go on. Every other one (EMFILE, ENOMEM, EIO, EINTR ...) says nothing about it.
 */
bool path_absent(int code);

#endif
