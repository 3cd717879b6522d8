#ifndef ENVSEAL_SANDBOX_MOUNTS_H
#define ENVSEAL_SANDBOX_MOUNTS_H

#include "sandbox/spec.h"
#include "util/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * The helper's mounts: the only callers of mount(2). Every function needs CAP_SYS_ADMIN in the mount
 * namespace's owner and changes the whole of the caller's mount namespace, so call mounts_refuse_shared first.
 * Each returns 0, or a negative errno with the mount that failed.
 */

/*
 * starter.c: refuses (-EPERM) unless the caller is in a mount namespace other than its starter's.
 * `starter` is that one's inode; 0 when nobody said, as by hand: then an ancestor must be seen in
 * another one, or hide behind a user namespace that owns ours.
 */
int mounts_refuse_shared(uint64_t starter, struct error *err);

int mounts_make_private(struct error *err);
int mounts_readonly_root(const struct sandbox_spec *spec, struct error *err);
int mounts_private_tmp(const struct sandbox_spec *spec, struct error *err);
int mounts_fresh_run(const struct sandbox_spec *spec, struct error *err);
int mounts_fresh_proc(const struct sandbox_spec *spec, struct error *err);

/* devices.c: a small /dev of its own. */
int mounts_minimal_dev(const struct sandbox_spec *spec, struct error *err);

/* A tmpfs; `options` as mount(8). nosuid and nodev always. */
int mounts_tmpfs(const char *path, const char *options, struct error *err);

/* The same, as large as the policy says. */
int mounts_sized_tmpfs(const struct sandbox_spec *spec, const char *path, mode_t mode, struct error *err);

/* A detached copy of the mount at `path`, and putting one in its place (open_tree(2), move_mount(2)). */
int mounts_detach(const char *path, int *ret_tree, struct error *err);
int mounts_attach(int tree, const char *path, struct error *err);

/* The same by descriptor, with all that is mounted below. `path` is for messages. */
int mounts_detach_below(int fd, const char *path, int *ret_tree, struct error *err);
int mounts_attach_at(int tree, int fd, const char *path, struct error *err);

/* Makes an empty directory or file at `path`, and what is missing above it: something to mount upon. */
int mounts_make_place(const char *path, bool directory, struct error *err);

/* Sets MOUNT_ATTR_RDONLY on the one mount at `path`, or on all below it too. */
int mounts_set_readonly(const char *path, int recursive, struct error *err);

#endif
