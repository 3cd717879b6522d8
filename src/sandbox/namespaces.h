#ifndef ENVSEAL_SANDBOX_NAMESPACES_H
#define ENVSEAL_SANDBOX_NAMESPACES_H

#include "util/error.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * Forks into new user and PID namespaces, as far as `namespaces` (CLONE_NEW*) has them. Returns 0 in the child, the child's PID in the parent, or
 * a negative errno with a diagnosis. Real root for whom user namespaces are refused gets the same
 * without one, by CAP_SYS_ADMIN; *ret_user_namespace says which it was.
 */
pid_t sandbox_fork(uint64_t namespaces, int *ret_user_namespace, struct error *err);

/* What sandbox_fork leaves to the child, once its maps are written: the parent need not wait for it. */
int sandbox_unshare(uint64_t namespaces, struct error *err);

/*
 * In the child: writes its id maps, each of one line (`uid` and `gid` as themselves, setgroups denied), and
 * reads them back. The child must be dumpable until then, or its maps belong to root (proc(5)).
 */
int sandbox_map_ids(uid_t uid, gid_t gid, struct error *err);

/* The inode of the caller's own mount namespace. */
int sandbox_mount_namespace(uint64_t *ret_inode, struct error *err);

#endif
