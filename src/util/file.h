#ifndef ENVSEAL_UTIL_FILE_H
#define ENVSEAL_UTIL_FILE_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Files that are there whole or not at all: a temporary file in the same directory, written, synced,
 * renamed over the name, and the directory synced (rename(2), fsync(2)).
 *
 * `name` is one component below `dirfd`. With `replace` false an existing name gives -EEXIST.
 * `path` is only for messages.
 */
int file_write_atomic(int dirfd, const char *name, const void *bytes, size_t size, mode_t mode, bool replace,
                      const char *path, struct error *err);

/* What a file is to look like; (uid_t)-1 and (gid_t)-1 leave it as it comes. */
struct file_look {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* The same for a file that shall belong to somebody else; that is so before it has its name. */
int file_write_owned(int dirfd, const char *name, const void *bytes, size_t size, const struct file_look *look,
                     bool replace, const char *path, struct error *err);

/*
 * Makes `path` (absolute) and what is missing above it, each with `mode`, and syncs the directory that
 * each is in. Existing ones are left alone.
 */
int file_make_directories(const char *path, mode_t mode, struct error *err);

#endif
