#include "sandbox/filter_rows.h"

#include "sandbox/run_group.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

/* clone's flags are its first argument, but on s390x, where they are the second. */
#if defined(__s390__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

/*
 * Debuggers of other processes could read secrets. PTRACE_TRACEME too: a tracer that its target
 * consents to needs neither equal ids nor a capability.
 */
static const struct filter_row debugger_rows[] = {
	NEVER(ptrace, EPERM), NEVER(process_vm_readv, EPERM), NEVER(process_vm_writev, EPERM),
	NEVER(kcmp, EPERM),   NEVER(pidfd_getfd, EPERM),      NEVER(process_madvise, EPERM),
};

/* clang-format off */
static const struct filter_row isolation_rows[] = {
	/* Mounts and namespaces: a new user namespace gives all capabilities back. */
	NEVER(mount, EPERM), NEVER(umount, EPERM), NEVER(umount2, EPERM), NEVER(pivot_root, EPERM),
	NEVER(chroot, EPERM), NEVER(setns, EPERM), NEVER(open_tree, EPERM),
	NEVER(move_mount, EPERM),
	NEVER(fsopen, EPERM), NEVER(fsconfig, EPERM), NEVER(fsmount, EPERM), NEVER(fspick, EPERM),
	NEVER(mount_setattr, EPERM), NEVER(open_tree_attr, EPERM), NEVER(clone3, ENOSYS),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWUSER)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWNS)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWPID)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWNET)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWIPC)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWUTS)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWCGROUP)),
	WHEN(unshare, EPERM, HAS_BIT(0, 0x80 /* CLONE_NEWTIME */)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWUSER)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWNS)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWPID)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWNET)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWIPC)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWUTS)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWCGROUP)),
	/* Keyrings cross every namespace. */
	NEVER(keyctl, EPERM), NEVER(add_key, EPERM), NEVER(request_key, EPERM),
	/*
	 * PID 1 has the target's uid. Without descriptors or processor time it could not enforce
	 * the timeout.
	 */
	WHEN_BOTH(prlimit64, EPERM, {0, SCMP_CMP_NE, 0, 0}, {2, SCMP_CMP_NE, 0, 0}),
	/* Priorities of a process group or user reach processes outside, and can be read there. */
	WHEN(setpriority, EPERM, {0, SCMP_CMP_NE, PRIO_PROCESS, 0}),
	WHEN(ioprio_set, EPERM, {0, SCMP_CMP_NE, 1 /* IOPRIO_WHO_PROCESS */, 0}),
	/* File handles open files that no path leads to. */
	NEVER(open_by_handle_at, EPERM), NEVER(name_to_handle_at, EPERM),
	/*
	 * This types into a terminal what its user's shell then runs. The kernel looks at the low
	 * 32 bits.
	 */
	WHEN(ioctl, EPERM, LOW32(1, TIOCSTI)),
	WHEN(ioctl, EPERM, LOW32(1, TIOCLINUX)),
	/* These make objects and counters that reach beyond the process. */
	NEVER(bpf, EPERM), NEVER(perf_event_open, EPERM),
};
/* clang-format on */

/*
 * Parts of the kernel that a program with secrets does not need. Every profile but `unrestricted`
 * refuses them.
 */
/* clang-format off */
static const struct filter_row surface_rows[] = {
	NEVER(userfaultfd, EPERM),
	NEVER(kexec_load, EPERM), NEVER(kexec_file_load, EPERM), NEVER(init_module, EPERM),
	NEVER(finit_module, EPERM), NEVER(delete_module, EPERM), NEVER(reboot, EPERM),
	NEVER(swapon, EPERM), NEVER(swapoff, EPERM), NEVER(acct, EPERM), NEVER(quotactl, EPERM),
	NEVER(quotactl_fd, EPERM), NEVER(syslog, EPERM), NEVER(vhangup, EPERM),
	NEVER(sethostname, EPERM),
	NEVER(setdomainname, EPERM), NEVER(settimeofday, EPERM), NEVER(stime, EPERM),
	NEVER(clock_settime, EPERM), NEVER(clock_settime64, EPERM), NEVER(clock_adjtime, EPERM),
	NEVER(clock_adjtime64, EPERM), NEVER(adjtimex, EPERM), NEVER(iopl, EPERM),
	NEVER(ioperm, EPERM),
	NEVER(fanotify_init, EPERM), NEVER(lookup_dcookie, EPERM), NEVER(nfsservctl, EPERM),
};
/* clang-format on */

/* io_uring would make forbidden calls for a program, so every filter refuses it. */
/* clang-format off */
static const struct filter_row io_uring_rows[] = {
	NEVER(io_uring_setup, ENOSYS), NEVER(io_uring_enter, ENOSYS),
	NEVER(io_uring_register, ENOSYS),
};
/* clang-format on */

/*
 * Lockdown: a read-only mount does not restrict a descriptor that was opened outside, such as 0-2,
 * and extended attributes would carry any bytes out. System mode: an access control list changes a
 * file's mode without chmod(2), and some filesystems keep owner and mode in attributes.
 */
static const struct filter_row xattr_rows[] = {
	NEVER(setxattr, EOPNOTSUPP),
	NEVER(lsetxattr, EOPNOTSUPP),
	NEVER(fsetxattr, EOPNOTSUPP),
	NEVER(setxattrat, EOPNOTSUPP),
};

/* clang-format off */
static const struct filter_row attribute_rows[] = {
	NEVER(removexattr, EOPNOTSUPP), NEVER(lremovexattr, EOPNOTSUPP),
	NEVER(fremovexattr, EOPNOTSUPP), NEVER(removexattrat, EOPNOTSUPP),
	/*
	 * A file's flags and project (for ioctl see filter_lists.c) and the host's message queues
	 * carry bytes out too.
	 */
	NEVER(file_setattr, EOPNOTSUPP),
	NEVER(mq_open, ENOSYS), NEVER(mq_unlink, ENOSYS), NEVER(mq_notify, ENOSYS),
	NEVER(mq_timedsend, ENOSYS), NEVER(mq_timedreceive, ENOSYS), NEVER(mq_getsetattr, ENOSYS),
	NEVER(mq_timedsend_time64, ENOSYS), NEVER(mq_timedreceive_time64, ENOSYS),
};
/* clang-format on */

/*
 * These outlast the program, or show outside, though they change no file: the memory policy of a
 * tmpfs file that is only readable, the host's count of asynchronous requests, and the kernel's log
 * of a filter or Landlock domain that the target makes. The answers are those of a kernel built
 * without these calls.
 */
/* clang-format off */
static const struct filter_row trace_rows[] = {
	NEVER(mbind, ENOSYS), NEVER(get_mempolicy, ENOSYS), NEVER(set_mempolicy, ENOSYS),
	NEVER(set_mempolicy_home_node, ENOSYS), NEVER(migrate_pages, ENOSYS),
	NEVER(move_pages, ENOSYS),
	NEVER(seccomp, ENOSYS), NEVER(landlock_create_ruleset, ENOSYS),
	NEVER(landlock_add_rule, ENOSYS),
	NEVER(landlock_restrict_self, ENOSYS), NEVER(lsm_set_self_attr, ENOSYS),
	NEVER(io_setup, ENOSYS), NEVER(io_destroy, ENOSYS), NEVER(io_submit, ENOSYS),
	NEVER(io_cancel, ENOSYS),
	NEVER(io_getevents, ENOSYS), NEVER(io_pgetevents, ENOSYS),
	NEVER(io_pgetevents_time64, ENOSYS),
	/* The machine does not hibernate while a process has such memory. */
	NEVER(memfd_secret, ENOSYS),
	/* Writes to merged pages take longer, which tells what others have in memory. */
	WHEN(madvise, EINVAL, LOW32(2, MADV_MERGEABLE)),
	/* This stops a terminal's output so that no key resumes it. */
	WHEN_BOTH(ioctl, ENOTTY, LOW32(1, TCXONC), LOW32(2, TCOOFF)),
	/* Nothing that runs here has a use for them. */
	NEVER(process_mrelease, ENOSYS), NEVER(uselib, ENOSYS), NEVER(ustat, ENOSYS),
	NEVER(sysfs, ENOSYS),
	NEVER(_sysctl, ENOSYS),
};
/* clang-format on */

/*
 * The kernel signals whole process groups of a terminal, and Landlock does not restrict that:
 * SIGWINCH goes to the foreground when the size changes; SIGTTIN and SIGTTOU go to the caller's
 * group, once another group has the foreground.
 */
static const struct filter_row resize_rows[] = {
	WHEN(ioctl, ENOTTY, LOW32(1, TIOCSWINSZ)),
};

static const struct filter_row foreground_rows[] = {
	WHEN(ioctl, ENOTTY, LOW32(1, TIOCSPGRP)),
};

static const struct filter_row listen_rows[] = {
	NEVER(listen, EPERM),
};

static const struct filter_row unix_rows[] = {
	WHEN(socket, EAFNOSUPPORT, LOW32(0, AF_UNIX)),
};

/* truncate(2) opens by path a file that is only readable; Landlock restricts it from ABI 3 on. */
static const struct filter_row path_truncate_rows[] = {
	NEVER(truncate, EACCES),
	NEVER(truncate64, EACCES),
};

/*
 * Lockdown's families: Unix (which has its own rule above), IPv4, IPv6 and netlink, which is the
 * greatest number.
 */
#define FAMILY_MAX AF_NETLINK

static const struct filter_row family_rows[] = {
	WHEN(socket, EAFNOSUPPORT, {0, SCMP_CMP_GT, FAMILY_MAX, 0}),
	/* Of netlink only ROUTE, protocol 0: name look-ups list addresses with it. */
	WHEN_BOTH(socket, EPROTONOSUPPORT, {0, SCMP_CMP_EQ, AF_NETLINK, 0}, {2, SCMP_CMP_NE, 0, 0}),
	WHEN(socketpair, EAFNOSUPPORT, {0, SCMP_CMP_NE, AF_UNIX, 0}),
};

/*
 * A datagram pair can send to any socket of the host with sendto(2); stream and SEQPACKET pairs
 * cannot.
 */
#define SOCKET_TYPE_MASK 0xfU

static int add_families(scmp_filter_ctx filter) {
	for (int family = 0; family < FAMILY_MAX; family++) {
		if (family == AF_UNIX || family == AF_INET || family == AF_INET6)
			continue;
		int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
		                         SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0));
		if (r < 0)
			return r;
	}
	for (unsigned int type = 0; type <= SOCKET_TYPE_MASK; type++) {
		if (type == SOCK_STREAM || type == SOCK_SEQPACKET)
			continue;
		int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ESOCKTNOSUPPORT),
		                         SCMP_SYS(socketpair), 1,
		                         SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK, type));
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Files that take on the run group or the service uid of system mode when somebody else starts
 * them. In lockdown: a file of the caller's that was given for writing becomes a program that
 * anybody runs as the caller. The kernel looks at the mode's low bits only, as we do; openat2 has
 * its mode in memory. Of mkdir(2)'s mode it takes no set-id bit, so that copying a tree with such
 * directories goes on to chmod(2), whose failure is only reported.
 */
#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)
#define MODE(name, argument)                                                                       \
	WHEN(name, EPERM, HAS_BIT(argument, S_ISUID)), WHEN(name, EPERM, HAS_BIT(argument, S_ISGID))
#define OPEN_WITH(name, flags, bit)                                                                \
	WHEN_BOTH(name, EPERM, HAS_BIT(flags, bit), HAS_BIT((flags) + 1, S_ISUID)),                \
		WHEN_BOTH(name, EPERM, HAS_BIT(flags, bit), HAS_BIT((flags) + 1, S_ISGID))

/* clang-format off */
static const struct filter_row set_id_rows[] = {
	MODE(chmod, 1), MODE(fchmod, 1), MODE(fchmodat, 2), MODE(fchmodat2, 2),
	MODE(creat, 1), MODE(mknod, 1), MODE(mknodat, 2),
	OPEN_WITH(mq_open, 1, O_CREAT),
	OPEN_WITH(open, 1, O_CREAT), OPEN_WITH(open, 1, TMPFILE_BIT),
	OPEN_WITH(openat, 2, O_CREAT), OPEN_WITH(openat, 2, TMPFILE_BIT),
	NEVER(openat2, ENOSYS),
};
/* clang-format on */

/*
 * These give a file to the run group; if the user had set its set-group-ID bit, the file would run
 * with the run group. The kernel looks at 32 bits of the group, and at 16 in the older call where
 * chown32 exists.
 */
#define GIVES(name, argument) WHEN(name, EPERM, LOW32(argument, SANDBOX_RUN_GROUP))
#if defined(__NR_chown32)
#define GIVES_OLD(name, argument)                                                                  \
	WHEN(name, EPERM, {argument, SCMP_CMP_MASKED_EQ, 0xffffU, SANDBOX_RUN_GROUP_16})
#else
#define GIVES_OLD(name, argument) GIVES(name, argument)
#endif

/*
 * reflink(2) of OCFS2 makes a file with the mode of another, set-id bits included, and the caller's
 * group.
 */
#define OCFS2_IOC_REFLINK _IOW('o', 4, uint64_t[3])

/* clang-format off */
static const struct filter_row owner_rows[] = {
	GIVES_OLD(chown, 2), GIVES_OLD(lchown, 2), GIVES_OLD(fchown, 2),
	GIVES(chown32, 2), GIVES(lchown32, 2), GIVES(fchown32, 2), GIVES(fchownat, 3),
	WHEN(ioctl, EOPNOTSUPP, LOW32(1, OCFS2_IOC_REFLINK)),
};
/* clang-format on */

/*
 * The core file limit is 1. With 0 a core handler would get all of memory (core(5)). Programs set
 * it to 0 to protect themselves, so they are told that it worked.
 */
static const struct filter_row core_rows[] = {
	WHEN(setrlimit, 0, LOW32(0, RLIMIT_CORE)),
	WHEN_BOTH(prlimit64, 0, LOW32(1, RLIMIT_CORE), {2, SCMP_CMP_NE, 0, 0}),
};

/*
 * prlimit(2) checks ids, which all programs of one user share in system mode: it may not set limits
 * of another process.
 */
static const struct filter_row limit_rows[] = {
	WHEN_BOTH(prlimit64, EPERM, {0, SCMP_CMP_NE, 0, 0}, {2, SCMP_CMP_NE, 0, 0}),
};

/*
 * A user namespace that the target makes or joins would belong to the user, and its owner has every
 * capability over what is inside (user_namespaces(7)). The user could read the target's memory from
 * outside, and enter the namespace with the run group and without this filter. clone3 has its flags
 * in memory. In other tiers isolation_rows refuse the same.
 */
static const struct filter_row namespace_rows[] = {
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWUSER)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWUSER)),
	NEVER(clone3, ENOSYS),
	NEVER(setns, EPERM),
};

/*
 * A memory file is on no mount, so noexec does not apply to it, and the dynamic loader maps it even
 * when it was made without execute permission (MFD_NOEXEC_SEAL). So a target with an exec list can
 * make none.
 */
static const struct filter_row exec_list_rows[] = {
	NEVER(memfd_create, ENOSYS),
	NEVER(uselib, ENOSYS),
};

#define GROUP(feature, rows)                                                                       \
	{ feature, rows, ARRAY_SIZE(rows), NULL }

const struct filter_group filter_groups[] = {
	GROUP(0, io_uring_rows),
	GROUP(SANDBOX_SECCOMP, debugger_rows),
	GROUP(SANDBOX_SECCOMP, isolation_rows),
	GROUP(SANDBOX_SURFACE, surface_rows),
	GROUP(SANDBOX_WRITE_RULE, xattr_rows),
	GROUP(SANDBOX_WRITE_RULE, attribute_rows),
	GROUP(SANDBOX_WRITE_RULE, trace_rows),
	GROUP(SANDBOX_WRITE_RULE, set_id_rows),
	GROUP(SANDBOX_NO_LISTEN, listen_rows),
	GROUP(SANDBOX_NO_RESIZE, resize_rows),
	GROUP(SANDBOX_NO_FOREGROUND, foreground_rows),
	GROUP(SANDBOX_NO_UNIX, unix_rows),
	GROUP(SANDBOX_NO_PATH_TRUNCATE, path_truncate_rows),
	{SANDBOX_FAMILIES, family_rows, ARRAY_SIZE(family_rows), add_families},
	GROUP(SANDBOX_NO_SETID, set_id_rows),
	GROUP(SANDBOX_CORE_LIMIT, core_rows),
	GROUP(SANDBOX_NO_SETID, owner_rows),
	GROUP(SANDBOX_NO_SETID, xattr_rows),
	GROUP(SANDBOX_NO_SETID, debugger_rows),
	GROUP(SANDBOX_NO_SETID, limit_rows),
	GROUP(SANDBOX_NO_SETID, namespace_rows),
	GROUP(SANDBOX_EXEC_LIST, exec_list_rows),
};

const size_t filter_group_count = ARRAY_SIZE(filter_groups);
