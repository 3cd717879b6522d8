#ifndef ENVSEAL_UTIL_SYSCALLS_H
#define ENVSEAL_UTIL_SYSCALLS_H

/*
 * Raw system calls that the C library of the oldest supported system (glibc 2.31) does not wrap,
 * each wrapped once, with the constants that its headers may lack. All return -1 and set errno.
 */

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

#ifdef ENVSEAL_MISSING
#include "util/missing.h"
#endif

/* openat2(2) */
#ifndef RESOLVE_NO_MAGICLINKS
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_NO_SYMLINKS 0x04
struct open_how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};
#endif

#ifndef RESOLVE_IN_ROOT
#define RESOLVE_IN_ROOT 0x10
#endif

static inline int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t resolve) {
	struct open_how how = {.flags = flags, .resolve = resolve};
	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

/*
 * mount_setattr(2), open_tree(2), move_mount(2); <linux/mount.h> and <sys/mount.h> disagree, so by
 * hand.
 */
#define SYS_MOUNT_ATTR_RDONLY 0x00000001
#define SYS_MOUNT_ATTR_NOEXEC 0x00000008
#define SYS_AT_RECURSIVE 0x8000
#define SYS_OPEN_TREE_CLONE 1
#define SYS_MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#define SYS_MOVE_MOUNT_T_SYMLINKS 0x00000010
#define SYS_MOVE_MOUNT_T_EMPTY_PATH 0x00000040

struct sys_mount_attr {
	uint64_t attr_set;
	uint64_t attr_clr;
	uint64_t propagation;
	uint64_t userns_fd;
};

static inline int sys_mount_setattr(int dirfd, const char *path, unsigned int flags,
                                    struct sys_mount_attr *attr) {
	return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof(*attr));
}

static inline int sys_open_tree(int dirfd, const char *path, unsigned int flags) {
	return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

static inline int sys_move_mount(int from, const char *from_path, int to, const char *to_path,
                                 unsigned int flags) {
	return (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old) {
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

/*
 * landlock_create_ruleset(2); the structure as of ABI 6: an older kernel takes the zeros at its
 * end.
 */
struct sys_landlock_ruleset {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

static inline int sys_landlock_create_ruleset(const struct sys_landlock_ruleset *attr,
                                              unsigned int flags) {
#ifdef ENVSEAL_MISSING
	if (missing_landlock_ruleset(attr->handled_fs, attr->handled_net, attr->scoped) < 0)
		return -1;
#endif
	return (int)syscall(SYS_landlock_create_ruleset, attr, sizeof(*attr), flags);
}

#define SYS_LANDLOCK_CREATE_RULESET_VERSION 1

static inline int sys_landlock_abi(void) {
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	                       SYS_LANDLOCK_CREATE_RULESET_VERSION);
#ifdef ENVSEAL_MISSING
	abi = missing_landlock_abi(abi);
#endif
	return abi;
}

static inline int sys_landlock_add_rule(int ruleset, int type, const void *rule) {
	return (int)syscall(SYS_landlock_add_rule, ruleset, type, rule, 0);
}

static inline int sys_landlock_restrict_self(int ruleset) {
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

static inline int sys_faccessat2(int dirfd, const char *path, int mode, int flags) {
	return (int)syscall(SYS_faccessat2, dirfd, path, mode, flags);
}

#define SYS_CLOSE_RANGE_CLOEXEC (1U << 2)

static inline int sys_close_range(unsigned int first, unsigned int last, unsigned int flags) {
#ifdef ENVSEAL_MISSING
	if (missing_close_range_flags(flags) < 0)
		return -1;
#endif
	return (int)syscall(SYS_close_range, first, last, flags);
}

/* pidfd_open(2), pidfd_send_signal(2) */
static inline int sys_pidfd_open(pid_t pid) {
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int sys_pidfd_send_signal(int pidfd, int signal_number) {
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0);
}

#define SYS_KEYCTL_JOIN_SESSION_KEYRING 1

/* keyctl(2): a new, nameless session keyring for this process. */
static inline long sys_join_session_keyring(void) {
	return syscall(SYS_keyctl, SYS_KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static inline int sys_memfd_create(const char *name, unsigned int flags) {
#ifdef ENVSEAL_MISSING
	if (missing_memfd_flags(flags) < 0)
		return -1;
#endif
	return (int)syscall(SYS_memfd_create, name, flags);
}

/* capget(2), of the calling thread. */
static inline int sys_capget(struct __user_cap_data_struct ret_sets[_LINUX_CAPABILITY_U32S_3]) {
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	return (int)syscall(SYS_capget, &header, ret_sets);
}

static inline int sys_execveat(int fd, const char *path, char *const argv[], char *const envp[],
                               int flags) {
	return (int)syscall(SYS_execveat, fd, path, argv, envp, flags);
}

/*
 * add_key(2), keyctl(2); <linux/keyctl.h> has the operations, libkeyutils is not needed for these.
 */
#define SYS_KEY_SPEC_USER_KEYRING (-4)
#define SYS_KEYCTL_SETPERM 5
#define SYS_KEYCTL_UNLINK 9
#define SYS_KEYCTL_SEARCH 10
#define SYS_KEYCTL_READ 11
#define SYS_KEYCTL_SET_TIMEOUT 15
#define SYS_KEY_POS_ALL 0x3f000000U
#define SYS_KEY_USR_VIEW 0x00010000U
#define SYS_KEY_USR_READ 0x00020000U
#define SYS_KEY_USR_SEARCH 0x00080000U
#define SYS_KEY_USR_SETATTR 0x00200000U

static inline long sys_add_key(const char *type, const char *description, const void *payload,
                               size_t size, int keyring) {
	return syscall(SYS_add_key, type, description, payload, size, keyring);
}

static inline long sys_keyctl(int operation, unsigned long a, unsigned long b, unsigned long c,
                              unsigned long d) {
	return syscall(SYS_keyctl, operation, a, b, c, d);
}

#endif
