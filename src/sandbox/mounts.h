#ifndef ENVSEAL_SANDBOX_MOUNTS_H
#define ENVSEAL_SANDBOX_MOUNTS_H

#include "sandbox/spec.h"
#include "util/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * The helper's mounts: the only callers of mount(2). Every function needs CAP_SYS_ADMIN in the user
 * namespace that owns the mount namespace, and changes the caller's whole mount namespace, so call
 * mounts_refuse_shared first. Each returns 0, or a negative errno with the mount that failed.
 */

/*
 * starter.c: refuses (-EPERM) unless the caller's mount namespace differs from its starter's.
 * `starter` is the inode of that one; 0 when it is not known, as when the helper is started by
 * hand: then an ancestor must be in another one, or be invisible behind a user namespace that owns
 * ours.
 */
int mounts_refuse_shared(uint64_t starter, struct error *err);

int mounts_make_private(struct error *err);
int mounts_readonly_root(const struct sandbox_spec *spec, struct error *err);
int mounts_private_tmp(const struct sandbox_spec *spec, struct error *err);
int mounts_fresh_run(const struct sandbox_spec *spec, struct error *err);
int mounts_fresh_proc(const struct sandbox_spec *spec, struct error *err);

/* devices.c: a small /dev of its own. */
int mounts_minimal_dev(const struct sandbox_spec *spec, struct error *err);

/* Mounts a tmpfs, nosuid and nodev; `options` as for mount(8). */
int mounts_tmpfs(const char *path, const char *options, struct error *err);

/* The same, as large as the policy says. */
int mounts_sized_tmpfs(const struct sandbox_spec *spec, const char *path, mode_t mode,
                       struct error *err);

/* Makes a detached copy of the mount at `path`, and attaches one (open_tree(2), move_mount(2)). */
int mounts_detach(const char *path, int *ret_tree, struct error *err);
int mounts_attach(int tree, const char *path, struct error *err);

/* The same by descriptor, with all that is mounted below. `path` is for messages. */
int mounts_detach_below(int fd, const char *path, int *ret_tree, struct error *err);
int mounts_attach_at(int tree, int fd, const char *path, struct error *err);

/*
 * Makes an empty directory or file at `path` to mount on, and the directories above it that are
 * missing.
 */
int mounts_make_place(const char *path, bool directory, struct error *err);

/* Sets MOUNT_ATTR_RDONLY on the one mount at `path`, or on all below it too. */
int mounts_set_readonly(const char *path, int recursive, struct error *err);

#endif
