#ifndef ENVSEAL_AUTHORITY_WITHHELD_H
#define ENVSEAL_AUTHORITY_WITHHELD_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Privilege that a program's file asks for (set-id bits, file capabilities) and the kernel
 * withholds. execve(2) does not report that, so these functions find the reason.
 */

/* Whether the file's bits give a process of `uid` and `gid` other ids (inode(7)). */
bool file_sets_user(const struct stat *st, uid_t uid);
bool file_sets_group(const struct stat *st, gid_t gid);

/*
 * Why this process has less privilege than its file asks for; NULL: it has all of it. `secure`:
 * AT_SECURE. A constant text.
 */
const char *withheld_because(bool secure);

/*
 * What prevents a process of ours that executes `program` from getting it; NULL: nothing.
 * `container`: ignore that this is a user namespace. A constant text.
 */
const char *withheld_cause(const char *program, bool container);

bool withheld_in_user_namespace(void);

#endif
