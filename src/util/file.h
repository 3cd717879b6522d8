#ifndef ENVSEAL_UTIL_FILE_H
#define ENVSEAL_UTIL_FILE_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Writes files atomically: a temporary file in the same directory is written, synced and renamed,
 * and the directory is synced (rename(2), fsync(2)).
 *
 * `name` is one component below `dirfd`. With `replace` false an existing name gives -EEXIST.
 * `path` is only for messages.
 */
int file_write_atomic(int dirfd, const char *name, const void *bytes, size_t size, mode_t mode,
                      bool replace, const char *path, struct error *err);

/* Mode and owner of a new file; (uid_t)-1 and (gid_t)-1 leave the owner unchanged. */
struct file_look {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* The same, with an owner; it is set before the file gets its name. */
int file_write_owned(int dirfd, const char *name, const void *bytes, size_t size,
                     const struct file_look *look, bool replace, const char *path,
                     struct error *err);

/*
 * Makes the directory `path` (absolute) and its missing parents with `mode`, and syncs the
 * directory above each. Existing ones are not changed.
 */
int file_make_directories(const char *path, mode_t mode, struct error *err);

#endif
