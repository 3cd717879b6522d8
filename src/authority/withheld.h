#ifndef ENVSEAL_AUTHORITY_WITHHELD_H
#define ENVSEAL_AUTHORITY_WITHHELD_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Privilege that a program's file asks for (set-id bits, file capabilities) and the kernel does not give: execve(2) is silent
 * about it, so this says why.
 */

/* Whether the file's bits make a process of `uid` or `gid` another's (inode(7)). */
bool file_sets_user(const struct stat *st, uid_t uid);
bool file_sets_group(const struct stat *st, gid_t gid);

/* Why this process has less than its own file asks for; NULL: it has all of it. `secure`: AT_SECURE. A constant text. */
const char *withheld_because(bool secure);

/* Why a process that executes `program`, which asks for it, would have less; NULL: it would not. A constant text. */
const char *withheld_foreseen(const char *program, const struct stat *st);

#endif
