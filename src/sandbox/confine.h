#ifndef ENVSEAL_SANDBOX_CONFINE_H
#define ENVSEAL_SANDBOX_CONFINE_H

#include "sandbox/spec.h"

#include <stdbool.h>
#include "util/error.h"

/* Giving things up: each is checked afterwards and cannot be taken back. */

/* Raises the capabilities that the helper needs so that they survive its exec (ambient, capabilities(7)). */
int confine_keep_for_helper(struct error *err);

int confine_no_new_privileges(struct error *err);

/* -EPERM without CAP_SETPCAP. */
int confine_empty_bounding_set(struct error *err);

/*
 * PR_SET_NO_NEW_PRIVS, securebits locked, then every capability set emptied. The bounding set and the
 * securebits need CAP_SETPCAP: without it -EPERM where `privileged`, else they stay as they are, which
 * no_new_privs makes worthless (capabilities(7)).
 */
int confine_drop_privileges(bool privileged, struct error *err);

/* Every descriptor from `first` on gets close-on-exec. */
int confine_close_on_exec(int first, struct error *err);

/*
 * SANDBOX_PLACES, SANDBOX_OWN_ROOT, SANDBOX_EXEC_LIST: no descriptor may be a directory, or open as a path only. From one, ".."
 * leads into the caller's mounts, where nothing is hidden or noexec.
 */
int confine_check_directories(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_PLAIN_STDIO, once the root is read-only and before /tmp and others are covered: opens the regular files
 * that are only read again by their path, where their mount is read-only. Through the caller's descriptor their
 * owner could change mode and times. The place in the file is the caller's, but from then on its own.
 */
int confine_reopen_files(const struct sandbox_spec *spec, struct error *err);

/* SANDBOX_PLAIN_STDIO: the same for /dev/null and its like, once there is a /dev of the sandbox's own. */
int confine_reopen_devices(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_READONLY_ROOT, while paths are still the host's: the program, by its path in these mounts instead of the
 * caller's. /proc/self/exe would lead through those to where chmod(2) and utimensat(2) change the host's file.
 */
int confine_reopen_program(const struct sandbox_spec *spec, struct error *err);

/* SANDBOX_PLAIN_STDIO: 0-2, and what else is kept, must be pipes, terminals, harmless devices or regular files. */
int confine_check_stdio(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_PLAIN_STDIO, after Landlock: what they only read or append to must not open again for writing
 * through /proc/self/fd. Landlock does not see the kernel's own filesystems (pipes, memory files).
 */
int confine_check_reopening(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_SECCOMP: an empty session keyring instead of the caller's, with whose keys the kernel itself would open
 * network and encrypted filesystems (session-keyring(7)). The target has no call for keyrings.
 */
int confine_fresh_keyring(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_OWN_NETWORK: a new network namespace, its loopback up. Made here and not with the others: it is the
 * dearest by far, and the supervisor works beside us.
 */
int confine_own_network(const struct sandbox_spec *spec, struct error *err);

/* landlock.c: SANDBOX_WRITE_RULE and SANDBOX_SCOPE. -ENOSYS where the kernel has no Landlock. */
int confine_landlock(const struct sandbox_spec *spec, struct error *err);

/* 0: this kernel has no Landlock, or was told not to use it. */
int confine_landlock_abi(int *ret_abi, struct error *err);

/*
 * A Landlock domain of its own, that forbids nothing which could be done without it (but mounting in a user
 * namespace): whoever is not in it may neither trace this process nor read its memory, whatever ids the two
 * share. Needs no_new_privs. -ENOSYS where the kernel has no Landlock.
 */
int confine_own_domain(struct error *err);

/* Features that must be had from seccomp because this kernel's Landlock lacks them. */
int confine_landlock_lacks(uint32_t features, uint32_t *ret_lacks, struct error *err);

/*
 * filter.c: loads the filter that `features` and `profile` ask for (seccomp(2)); nothing to do where they ask for
 * none. The filters are compiled with envseal itself (filters-compile.c). Needs no_new_privs. What lacks a rule
 * is allowed; programs for another architecture are killed. Filters add up: what one refuses no later one gives back.
 * SANDBOX_NO_SETID: the caller has the target's ids by now, for its effective group is the run group.
 *
 * A profile ends the process at a call that it does not have: so it is for the target alone, and last.
 */
int confine_seccomp(uint32_t features, enum sandbox_profile profile, struct error *err);

/*
 * Which features the final child adds itself, with the profile: the rest is for PID 1 as well. Lockdown's lists refuse
 * to load a filter, so they wait for the last one.
 */
uint32_t confine_left_for_target(const struct sandbox_spec *spec);

#endif
