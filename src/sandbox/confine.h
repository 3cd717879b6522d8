#ifndef ENVSEAL_SANDBOX_CONFINE_H
#define ENVSEAL_SANDBOX_CONFINE_H

#include "sandbox/spec.h"
#include "util/buffer.h"
#include "util/error.h"

/* Giving things up: each is checked afterwards and cannot be taken back. */

/* Raises the capabilities that the helper needs so that they survive its exec (ambient, capabilities(7)). */
int confine_keep_for_helper(struct error *err);

/* PR_SET_NO_NEW_PRIVS, then every capability set emptied, the bounding set too where that is allowed. */
int confine_drop_privileges(struct error *err);

/* Every descriptor from `first` on gets close-on-exec. */
int confine_close_on_exec(int first, struct error *err);

/* SANDBOX_PLAIN_STDIO: 0-2 must be pipes, terminals, harmless devices or regular files. */
int confine_check_stdio(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_PLAIN_STDIO, after Landlock: what 0-2 only read or append to must not open again for writing
 * through /proc/self/fd. Landlock does not see the kernel's own filesystems (pipes, memory files).
 */
int confine_check_reopening(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_OWN_NETWORK: a new network namespace, its loopback up. Made here and not with the others: it is the
 * dearest by far, and the supervisor works beside us.
 */
int confine_own_network(const struct sandbox_spec *spec, struct error *err);

/* landlock.c: SANDBOX_WRITE_RULE and SANDBOX_SCOPE. -ENOSYS where the kernel has no Landlock. */
int confine_landlock(const struct sandbox_spec *spec, struct error *err);

/* Features that must be had from seccomp because this kernel's Landlock lacks them. */
int confine_landlock_lacks(uint32_t features, uint32_t *ret_lacks, struct error *err);

/*
 * seccomp.c: compiles the filter that `features` ask for into BPF; no bytes when they ask for none. What
 * lacks a rule is allowed; programs for another architecture are killed. The caller frees.
 */
int confine_seccomp_compile(uint32_t features, struct buffer *ret_program, struct error *err);

/* Loads such a filter (seccomp(2)); nothing to do without bytes. Needs no_new_privs. */
int confine_seccomp_load(const struct buffer *program, struct error *err);

/*
 * filter.c: the same from one process to another, over a pipe: compiling takes as long as half of the
 * mounts, and the supervisor has the time.
 */
int confine_filter_send(int fd, const struct buffer *program, struct error *err);
int confine_filter_receive(int fd, struct buffer *ret_program, struct error *err);

#endif
