#ifndef ENVSEAL_UTIL_FUSE_H
#define ENVSEAL_UTIL_FUSE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Whether a FUSE server provides the open file (fuse(4)), and so chooses its owner, mode and, at
 * each read, its content. *ret_uid: the server's user; (uid_t)-1 when unknown.
 */
bool fuse_serves(int fd, uid_t *ret_uid);

#endif
