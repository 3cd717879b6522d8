#ifndef ENVSEAL_SANDBOX_CONFINE_H
#define ENVSEAL_SANDBOX_CONFINE_H

#include "sandbox/spec.h"

#include <stdbool.h>
#include "util/error.h"

/* The helper gives up rights. Each function checks the result, and no later call can undo it. */

/* Makes the helper's capabilities ambient, so that they survive its exec (capabilities(7)). */
int confine_keep_for_helper(struct error *err);

int confine_no_new_privileges(struct error *err);

/* -EPERM without CAP_SETPCAP. */
int confine_empty_bounding_set(struct error *err);

/*
 * Sets no_new_privs, locks the securebits, and empties every capability set. The bounding set and
 * the securebits need CAP_SETPCAP. Without it: -EPERM where `privileged`; else they stay, and
 * no_new_privs makes them worthless (capabilities(7)).
 */
int confine_drop_privileges(bool privileged, struct error *err);

/* Every descriptor from `first` on gets close-on-exec. */
int confine_close_on_exec(int first, struct error *err);

/*
 * SANDBOX_PLACES, SANDBOX_OWN_ROOT, SANDBOX_EXEC_LIST: no descriptor may be a directory, or opened
 * with O_PATH. ".." leads from one into the caller's mounts, where nothing is hidden or noexec.
 */
int confine_check_directories(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_PLAIN_STDIO, once the root is read-only and before /tmp and others are covered: opens
 * regular files that were opened for reading again, by their path, on a read-only mount. Through
 * the caller's descriptor the owner could change mode and times. The offset is taken over, and
 * independent from then on.
 */
int confine_reopen_files(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_PLAIN_STDIO: the same for /dev/null and similar devices, once the sandbox has its own
 * /dev.
 */
int confine_reopen_devices(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_READONLY_ROOT, while paths are still the host's: opens the program again by its path in
 * the sandbox's mounts. Otherwise /proc/self/exe would lead through the caller's mounts, where
 * chmod(2) and utimensat(2) change the host's file.
 */
int confine_reopen_program(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_PLAIN_STDIO: 0-2 and the kept descriptors must be pipes, terminals, harmless devices or
 * regular files.
 */
int confine_check_stdio(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_PLAIN_STDIO, after Landlock: a descriptor for reading or appending must not open again
 * for writing through /proc/self/fd. Landlock does not cover the kernel's internal filesystems
 * (pipes, memory files).
 */
int confine_check_reopening(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_SECCOMP: an empty session keyring instead of the caller's, whose keys let the kernel
 * itself open network and encrypted filesystems (session-keyring(7)). The target cannot call the
 * keyring system calls.
 */
int confine_fresh_keyring(const struct sandbox_spec *spec, struct error *err);

/*
 * SANDBOX_OWN_NETWORK: a new network namespace with loopback up. It is by far the slowest namespace
 * to make, so the helper makes it while the supervisor works.
 */
int confine_own_network(const struct sandbox_spec *spec, struct error *err);

/* landlock.c: SANDBOX_WRITE_RULE and SANDBOX_SCOPE. -ENOSYS where the kernel has no Landlock. */
int confine_landlock(const struct sandbox_spec *spec, struct error *err);

/* 0: this kernel has no Landlock, or was told not to use it. */
int confine_landlock_abi(int *ret_abi, struct error *err);

/*
 * Enters a Landlock domain that forbids only mounting in a user namespace. Processes outside of it
 * may neither trace this one nor read its memory, even with the same ids. Needs no_new_privs.
 * -ENOSYS where the kernel has no Landlock.
 */
int confine_own_domain(struct error *err);

/* Features that seccomp has to provide because this kernel's Landlock lacks them. */
int confine_landlock_lacks(uint32_t features, uint32_t *ret_lacks, struct error *err);

/*
 * filter.c: loads the filter for `features` and `profile` (seccomp(2)), if they ask for one. The
 * filters are compiled with envseal (filters-compile.c). Needs no_new_privs. Calls without a rule
 * are allowed; programs for another architecture are killed. Filters add up: a later one cannot
 * allow what an earlier one refuses. With SANDBOX_NO_SETID the caller must have the target's ids,
 * because its effective group is taken as the run group.
 *
 * A profile ends the process at any call that it does not have, so only the target gets one, last.
 */
int confine_seccomp(uint32_t features, enum sandbox_profile profile, struct error *err);

/*
 * The features that the final child adds itself, with the profile; PID 1 gets all others too.
 * Lockdown's lists refuse to load a filter, so they come with the last one.
 */
uint32_t confine_left_for_target(const struct sandbox_spec *spec);

#endif
