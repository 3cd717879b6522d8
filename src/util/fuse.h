#ifndef ENVSEAL_UTIL_FUSE_H
#define ENVSEAL_UTIL_FUSE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Whether a program of a user's makes up the file that is open (fuse(4)): its owner, its mode and, at each look, its
 * content. *ret_uid is whose program it is; (uid_t)-1 when that cannot be found out.
 */
bool fuse_serves(int fd, uid_t *ret_uid);

#endif
