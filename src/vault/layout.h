#ifndef ENVSEAL_VAULT_LAYOUT_H
#define ENVSEAL_VAULT_LAYOUT_H

#include "util/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * The vault's files. Each is opened from the vault's own descriptor, one component at a time, never
 * through a symbolic link. It must belong to this user, to root or to the uid given to
 * vault_serve(), and nobody else may write it. `path` is only for messages.
 */

#define LAYOUT_CONFIG "vault.toml"
#define LAYOUT_LOCK "lock"
#define LAYOUT_SECRETS "secrets"
#define LAYOUT_PREVIOUS "previous"
#define LAYOUT_SLOTS "slots"
#define LAYOUT_SLOTS_NEXT "slots.next"
#define LAYOUT_STAGING "tmp"

#define LAYOUT_DIRECTORY_MODE 0700
#define LAYOUT_FILE_MODE 0600
/* With vault_serve(): the owner can only read. */
#define LAYOUT_SERVED_DIRECTORY_MODE 0500
#define LAYOUT_SERVED_FILE_MODE 0400
/* Directories above a system vault: their other contents are not secret. */
#define LAYOUT_ABOVE_MODE 0755

/* Room for any path of a vault in a message; longer ones are truncated. */
#define LAYOUT_PATH_MAX (PATH_MAX + NAME_MAX)

/*
 * Checks an open file's type (S_IFREG or S_IFDIR), owner and mode. `ret_st` may be NULL.
 * -EBADMSG: another type. -EPERM: owner or mode; the text says what to do.
 */
int layout_check(int fd, mode_t type, const char *path, struct stat *ret_st, struct error *err);

/* Opens and checks one directory or one regular file for reading. -ENOENT, else as layout_check. */
int layout_open_directory(int dirfd, const char *name, const char *path, int *ret_fd,
                          struct error *err);
int layout_open_file(int dirfd, const char *name, const char *path, int *ret_fd,
                     struct stat *ret_st, struct error *err);

/* As layout_open_directory; makes the directory when it is missing. */
int layout_make_directory(int dirfd, const char *name, const char *path, int *ret_fd,
                          struct error *err);

/* Makes `directory` and those above it where they are missing. */
int layout_make_site(const char *directory, struct error *err);

/* Sets the owner and mode of a system vault's directory. Does nothing for a user's vault. */
int layout_settle(int fd, const char *path, struct error *err);

/* Sets the owner and mode of a new file. A negative errno. */
int layout_settle_file(int fd);

/* Where a secret's file is: its directory (the caller closes it) and its name there. */
struct layout_place {
	int fd;
	char file[NAME_MAX + 1];
	char path[LAYOUT_PATH_MAX];
};

#define LAYOUT_PLACE_NONE ((struct layout_place){.fd = -1})
void layout_place_close(struct layout_place *place);
#define cleanup_place __attribute__((cleanup(layout_place_close)))

/* One of a vault's trees: `top` is LAYOUT_SECRETS or LAYOUT_PREVIOUS. */
struct layout_tree {
	int dirfd;
	const char *directory;
	const char *top;
};

/*
 * Finds the place of a checked name; with `make`, makes what is missing. -ENOENT: a directory on
 * the way is missing.
 */
int layout_find(const struct layout_tree *tree, const char *name, bool make,
                struct layout_place *ret_place, struct error *err);

/* Removes the directories above a name that have become empty. */
void layout_prune(const struct layout_tree *tree, const char *name);

#endif
