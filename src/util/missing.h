#ifndef ENVSEAL_UTIL_MISSING_H
#define ENVSEAL_UTIL_MISSING_H

/*
 * Only in builds for tests: configure --with-missing=LIST defines ENVSEAL_MISSING_..., and
 * util/syscalls.h then behaves as on a kernel without what LIST names. So every fallback can be run
 * on a new kernel, in system mode too, where a filter of the tester's would cost the privilege.
 * Other builds include none of this, and these say in --version what they are.
 */

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

/* No call has this number, so the answer is the kernel's own: ENOSYS. Below where x32's begin. */
#define SYS_MISSING 0x3fffffff

#ifdef ENVSEAL_MISSING_OPENAT2 /* Linux 5.6 */
#undef SYS_openat2
#define SYS_openat2 SYS_MISSING
#endif
#ifdef ENVSEAL_MISSING_FACCESSAT2 /* Linux 5.8 */
#undef SYS_faccessat2
#define SYS_faccessat2 SYS_MISSING
#endif
#ifdef ENVSEAL_MISSING_CLOSE_RANGE /* Linux 5.9 */
#undef SYS_close_range
#define SYS_close_range SYS_MISSING
#endif
#ifdef ENVSEAL_MISSING_OPEN_TREE /* Linux 5.2 */
#undef SYS_open_tree
#undef SYS_move_mount
#define SYS_open_tree SYS_MISSING
#define SYS_move_mount SYS_MISSING
#endif
#ifdef ENVSEAL_MISSING_MOUNT_SETATTR /* Linux 5.12 */
#undef SYS_mount_setattr
#define SYS_mount_setattr SYS_MISSING
#endif
#ifdef ENVSEAL_MISSING_PIDFD /* Linux 5.3 */
#undef SYS_pidfd_open
#undef SYS_pidfd_send_signal
#define SYS_pidfd_open SYS_MISSING
#define SYS_pidfd_send_signal SYS_MISSING
#endif
#ifdef ENVSEAL_MISSING_KEYRINGS /* CONFIG_KEYS=n */
#undef SYS_keyctl
#undef SYS_add_key
#define SYS_keyctl SYS_MISSING
#define SYS_add_key SYS_MISSING
#endif
#ifdef ENVSEAL_MISSING_LANDLOCK /* Linux 5.13 */
#undef SYS_landlock_create_ruleset
#undef SYS_landlock_add_rule
#undef SYS_landlock_restrict_self
#define SYS_landlock_create_ruleset SYS_MISSING
#define SYS_landlock_add_rule SYS_MISSING
#define SYS_landlock_restrict_self SYS_MISSING
#endif

static inline int missing(int error) {
	errno = error;
	return -1;
}

/* CLOSE_RANGE_CLOEXEC came with Linux 5.11. */
static inline int missing_close_range_flags(unsigned int flags) {
#ifdef ENVSEAL_MISSING_CLOSE_RANGE_CLOEXEC
	return flags ? missing(EINVAL) : 0;
#else
	(void)flags;
	return 0;
#endif
}

/* MFD_NOEXEC_SEAL and MFD_EXEC came with Linux 6.3. */
static inline int missing_memfd_flags(unsigned int flags) {
#ifdef ENVSEAL_MISSING_MEMFD_EXEC
	return flags & (MFD_NOEXEC_SEAL | MFD_EXEC) ? missing(EINVAL) : 0;
#else
	(void)flags;
	return 0;
#endif
}

#ifndef ENVSEAL_MISSING_LANDLOCK_ABOVE
#define ENVSEAL_MISSING_LANDLOCK_ABOVE 1000
#endif

static inline int missing_landlock_abi(int abi) {
	return abi > ENVSEAL_MISSING_LANDLOCK_ABOVE ? ENVSEAL_MISSING_LANDLOCK_ABOVE : abi;
}

/* As an older kernel answers to what it does not know (landlock_create_ruleset(2)). */
static inline int missing_landlock_ruleset(uint64_t handled_fs, uint64_t handled_net,
                                           uint64_t scoped) {
	const int abi = ENVSEAL_MISSING_LANDLOCK_ABOVE;
	const uint64_t fs = abi < 2 ? 0x1fff : abi < 3 ? 0x3fff : abi < 5 ? 0x7fff : 0xffff;
	if ((abi < 4 && handled_net) || (abi < 6 && scoped))
		return missing(E2BIG);
	return abi < 1000 && (handled_fs & ~fs) ? missing(EINVAL) : 0;
}

#endif
