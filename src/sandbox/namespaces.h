#ifndef ENVSEAL_SANDBOX_NAMESPACES_H
#define ENVSEAL_SANDBOX_NAMESPACES_H

#include "util/error.h"

#include <stdint.h>
#include <sys/types.h>

/* What the child does. It must end in an exec or in _exit(2), and never return. */
struct sandbox_child {
	void (*run)(void *context, int user_namespace);
	void *context;
	int copy;           /* on a copy of our memory, beside us */
	int user_namespace; /* set by sandbox_start */
};

/*
 * Starts a child in new user and PID namespaces, as far as `namespaces` (CLONE_NEW*) has them.
 * Without `copy` it works as vfork(2): on our memory with a stack of its own, while we wait for its
 * exec. With `copy` it works as fork(2), and nobody waits. Returns its PID, or a negative errno
 * with a diagnosis. Where real root may not make user namespaces, the child gets the others by
 * CAP_SYS_ADMIN; it is told which case it was.
 */
pid_t sandbox_start(uint64_t namespaces, struct sandbox_child *child, struct error *err);

/*
 * In the child, once its maps are written: makes the namespaces that sandbox_start left out, while
 * the parent goes on.
 */
int sandbox_unshare(uint64_t namespaces, struct error *err);

/*
 * In the child: writes its id maps, each of one line (`uid` and `gid` map to themselves, setgroups
 * is denied), and reads them back. The child must be dumpable until then, or root owns its maps
 * (proc(5)).
 */
int sandbox_map_ids(uid_t uid, gid_t gid, struct error *err);

/*
 * Writes `text` to `name` (setgroups, uid_map, gid_map) of the process whose /proc directory is
 * `proc`, in one write, because the kernel takes a map only once (user_namespaces(7)).
 */
int sandbox_map_write(int proc, const char *name, const char *text, struct error *err);

/* The inode of the caller's own mount namespace. */
int sandbox_mount_namespace(uint64_t *ret_inode, struct error *err);

#endif
