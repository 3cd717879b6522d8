/*
 * Runs while envseal is built, and prints the seccomp filters as C (filters.h): libseccomp's work takes as long
 * as half of a sandbox's mounts, and is the same every time.
 */
#include "sandbox/spec.h"
#include "util/cleanup.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* libseccomp 2.5.0 does not name these yet; the numbers are the same on every architecture. */
#ifndef __SNR_process_madvise
#define __SNR_process_madvise 440
#endif
#ifndef __SNR_mount_setattr
#define __SNR_mount_setattr 442
#endif
#ifndef __SNR_setxattrat
#define __SNR_setxattrat 463
#define __SNR_removexattrat 466
#endif

/*
 * The filters as tables, compiled by libseccomp. A row that matches answers with its errno; without
 * `compare` it always matches. Filters see registers, never memory: clone3's flags are in memory, so it is answered
 * with ENOSYS and the C library falls back to clone.
 */
struct row {
	int call;
	int answer;
	unsigned int comparisons;
	struct scmp_arg_cmp compare[2];
};

#define NEVER(name, error) {SCMP_SYS(name), error, 0, {{0}}}
#define WHEN(name, error, ...) {SCMP_SYS(name), error, 1, {__VA_ARGS__}}
#define WHEN_BOTH(name, error, ...) {SCMP_SYS(name), error, 2, {__VA_ARGS__}}
#define HAS_BIT(argument, bit) {argument, SCMP_CMP_MASKED_EQ, (bit), (bit)}
#define LOW32(argument, value) {argument, SCMP_CMP_MASKED_EQ, 0xffffffffU, (value)}

static const struct row default_rows[] = {
	/* Other processes: debuggers read what the target was given. */
	NEVER(ptrace, EPERM), NEVER(process_vm_readv, EPERM), NEVER(process_vm_writev, EPERM),
	NEVER(kcmp, EPERM), NEVER(pidfd_getfd, EPERM), NEVER(process_madvise, EPERM),
	/* Mounts and namespaces: a new user namespace brings all capabilities back. */
	NEVER(mount, EPERM), NEVER(umount, EPERM), NEVER(umount2, EPERM), NEVER(pivot_root, EPERM),
	NEVER(chroot, EPERM), NEVER(setns, EPERM), NEVER(open_tree, EPERM), NEVER(move_mount, EPERM),
	NEVER(fsopen, EPERM), NEVER(fsconfig, EPERM), NEVER(fsmount, EPERM), NEVER(fspick, EPERM),
	NEVER(mount_setattr, EPERM), NEVER(clone3, ENOSYS),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWUSER)), WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWNS)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWPID)), WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWNET)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWIPC)), WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWUTS)),
	WHEN(unshare, EPERM, HAS_BIT(0, CLONE_NEWCGROUP)), WHEN(unshare, EPERM, HAS_BIT(0, 0x80 /* CLONE_NEWTIME */)),
	/* Keyrings cross every namespace. */
	NEVER(keyctl, EPERM), NEVER(add_key, EPERM), NEVER(request_key, EPERM),
	/* Priorities of the process group and of the user reach processes outside, and can be read there. */
	WHEN(setpriority, EPERM, {0, SCMP_CMP_NE, PRIO_PROCESS, 0}),
	WHEN(ioprio_set, EPERM, {0, SCMP_CMP_NE, 1 /* IOPRIO_WHO_PROCESS */, 0}),
	/* File handles open what no path leads to. */
	NEVER(open_by_handle_at, EPERM), NEVER(name_to_handle_at, EPERM),
	/* Typing into a terminal what somebody else will run. The kernel looks at the low 32 bits. */
	WHEN(ioctl, EPERM, LOW32(1, 0x5412 /* TIOCSTI */)),
	WHEN(ioctl, EPERM, LOW32(1, 0x541c /* TIOCLINUX */)),
	/* Kernel surface that a program with secrets has no use for. */
	NEVER(bpf, EPERM), NEVER(perf_event_open, EPERM), NEVER(userfaultfd, EPERM),
	NEVER(kexec_load, EPERM), NEVER(kexec_file_load, EPERM), NEVER(init_module, EPERM),
	NEVER(finit_module, EPERM), NEVER(delete_module, EPERM), NEVER(reboot, EPERM),
	NEVER(swapon, EPERM), NEVER(swapoff, EPERM), NEVER(acct, EPERM), NEVER(quotactl, EPERM),
	NEVER(syslog, EPERM), NEVER(vhangup, EPERM), NEVER(sethostname, EPERM),
	NEVER(setdomainname, EPERM), NEVER(settimeofday, EPERM), NEVER(clock_settime, EPERM),
	NEVER(clock_adjtime, EPERM), NEVER(adjtimex, EPERM), NEVER(iopl, EPERM), NEVER(ioperm, EPERM),
	NEVER(fanotify_init, EPERM), NEVER(lookup_dcookie, EPERM), NEVER(nfsservctl, EPERM),
};

/* clone's flags are its first argument, but on s390x, where they are the second. */
#if defined(__s390__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

static const struct row clone_rows[] = {
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWUSER)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWNS)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWPID)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWNET)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWIPC)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWUTS)),
	WHEN(clone, EPERM, HAS_BIT(CLONE_FLAGS, CLONE_NEWCGROUP)),
};

/* io_uring makes forbidden calls on a program's behalf: it goes with every filter. */
static const struct row io_uring_rows[] = {
	NEVER(io_uring_setup, ENOSYS), NEVER(io_uring_enter, ENOSYS), NEVER(io_uring_register, ENOSYS),
};

/*
 * A read-only mount does not hold for a descriptor that was opened outside, as on 0-2: extended attributes
 * would carry any bytes out.
 */
static const struct row attribute_rows[] = {
	NEVER(setxattr, EOPNOTSUPP), NEVER(lsetxattr, EOPNOTSUPP), NEVER(fsetxattr, EOPNOTSUPP),
	NEVER(setxattrat, EOPNOTSUPP), NEVER(removexattr, EOPNOTSUPP), NEVER(lremovexattr, EOPNOTSUPP),
	NEVER(fremovexattr, EOPNOTSUPP), NEVER(removexattrat, EOPNOTSUPP),
	/* The owner of a file may leave a hint at it through any descriptor, on any mount, and others can read it. */
	WHEN(fcntl, EPERM, LOW32(1, 1036 /* F_SET_RW_HINT */)),
	WHEN(fcntl64, EPERM, LOW32(1, 1036 /* F_SET_RW_HINT */)),
};

static const struct row listen_rows[] = {
	NEVER(listen, EPERM),
};

static const struct row unix_rows[] = {
	WHEN(socket, EAFNOSUPPORT, {0, SCMP_CMP_EQ, AF_UNIX, 0}),
};

/* truncate(2) by path reopens what was only readable; Landlock knows that right from ABI 3 on. */
static const struct row path_truncate_rows[] = {
	NEVER(truncate, EACCES), NEVER(truncate64, EACCES),
};

/* Lockdown's families: these, and no other (AF_UNIX has its own rule above). */
static const int allowed_families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
#define FAMILY_MAX 16   /* the greatest of them, AF_NETLINK: what is above needs one comparison */

static const struct row family_rows[] = {
	WHEN(socket, EAFNOSUPPORT, {0, SCMP_CMP_GT, FAMILY_MAX, 0}),
	/* Of netlink only ROUTE, protocol 0: name look-ups list addresses with it. */
	WHEN_BOTH(socket, EPROTONOSUPPORT, {0, SCMP_CMP_EQ, AF_NETLINK, 0}, {2, SCMP_CMP_NE, 0, 0}),
	WHEN(socketpair, EAFNOSUPPORT, {0, SCMP_CMP_NE, AF_UNIX, 0}),
};

/* A datagram pair can be re-aimed with sendto(2) at any socket of the host; these two cannot. */
static const unsigned int allowed_pair_types[] = {SOCK_STREAM, SOCK_SEQPACKET};
#define SOCKET_TYPE_MASK 0xfU

static int add_row(scmp_filter_ctx filter, const struct row *row) {
	int r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned int)row->answer), row->call,
	                               row->comparisons, row->compare);
	/* A call that this architecture does not have needs no rule. */
	return r == -EDOM || (r == -EINVAL && row->call < 0) ? 0 : r;
}

static int add_rows(scmp_filter_ctx filter, const struct row *rows, size_t count) {
	int r = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_row(filter, &rows[i]);
	return r;
}

static bool listed(int value, const int *list, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (list[i] == value)
			return true;
	}
	return false;
}

static int add_families(scmp_filter_ctx filter) {
	int r = add_rows(filter, family_rows, ARRAY_SIZE(family_rows));
	for (int family = 0; r == 0 && family < FAMILY_MAX; family++) {
		if (listed(family, allowed_families, ARRAY_SIZE(allowed_families)))
			continue;
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
		                     SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0));
	}
	for (unsigned int type = 0; r == 0 && type <= SOCKET_TYPE_MASK; type++) {
		if (type == allowed_pair_types[0] || type == allowed_pair_types[1])
			continue;
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ESOCKTNOSUPPORT), SCMP_SYS(socketpair), 1,
		                     SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK, type));
	}
	return r;
}

static const struct group {
	uint32_t feature;
	const struct row *rows;
	size_t count;
} groups[] = {
	{SANDBOX_SECCOMP, default_rows, ARRAY_SIZE(default_rows)},
	{SANDBOX_SECCOMP, clone_rows, ARRAY_SIZE(clone_rows)},
	{SANDBOX_SECCOMP | SANDBOX_NO_LISTEN | SANDBOX_NO_UNIX | SANDBOX_FAMILIES, io_uring_rows,
         ARRAY_SIZE(io_uring_rows)},
	{SANDBOX_WRITE_RULE, attribute_rows, ARRAY_SIZE(attribute_rows)},
	{SANDBOX_NO_LISTEN, listen_rows, ARRAY_SIZE(listen_rows)},
	{SANDBOX_NO_UNIX, unix_rows, ARRAY_SIZE(unix_rows)},
	{SANDBOX_NO_PATH_TRUNCATE, path_truncate_rows, ARRAY_SIZE(path_truncate_rows)},
};

static int build(scmp_filter_ctx filter, uint32_t features) {
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A tree of comparisons instead of a list: it sits in front of every system call. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(groups); i++) {
		if (features & groups[i].feature)
			r = add_rows(filter, groups[i].rows, groups[i].count);
	}
	if (r == 0 && (features & SANDBOX_FAMILIES))
		r = add_families(filter);
	return r;
}

/* Lockdown's filter with and without each of these; the other tiers have no more than two each. */
#define LOCKDOWN (SANDBOX_SECCOMP | SANDBOX_FAMILIES | SANDBOX_WRITE_RULE)

static const uint32_t combinations[] = {
	SANDBOX_NO_LISTEN,
	SANDBOX_SECCOMP,
	SANDBOX_SECCOMP | SANDBOX_NO_LISTEN,
	LOCKDOWN,
	LOCKDOWN | SANDBOX_NO_LISTEN,
	LOCKDOWN | SANDBOX_NO_UNIX,
	LOCKDOWN | SANDBOX_NO_UNIX | SANDBOX_NO_LISTEN,
	LOCKDOWN | SANDBOX_NO_PATH_TRUNCATE,
	LOCKDOWN | SANDBOX_NO_PATH_TRUNCATE | SANDBOX_NO_LISTEN,
	LOCKDOWN | SANDBOX_NO_PATH_TRUNCATE | SANDBOX_NO_UNIX,
	LOCKDOWN | SANDBOX_NO_PATH_TRUNCATE | SANDBOX_NO_UNIX | SANDBOX_NO_LISTEN,
};

/* libseccomp 2.5 writes a program to a descriptor, not to memory. */
static int export(scmp_filter_ctx filter, struct sock_filter *program, size_t *ret_count) {
	FILE *file = tmpfile();
	if (!file)
		return -errno;
	int r = seccomp_export_bpf(filter, fileno(file));
	if (r == 0) {
		rewind(file);
		*ret_count = fread(program, sizeof(*program), BPF_MAXINSNS, file);
	}
	fclose(file);
	return r;
}

static int compile(uint32_t features, struct sock_filter *program, size_t *ret_count) {
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return -ENOMEM;
	int r = build(filter, features);
	if (r == 0)
		r = export(filter, program, ret_count);
	seccomp_release(filter);
	return r;
}

static void print_program(size_t number, const struct sock_filter *program, size_t count) {
	printf("static const struct sock_filter program_%zu[] = {\n", number);
	for (size_t i = 0; i < count; i++)
		printf("\t{0x%04x, %u, %u, 0x%08xU},\n", program[i].code, program[i].jt, program[i].jf,
		       program[i].k);
	printf("};\n\n");
}

int main(void) {
	static struct sock_filter program[BPF_MAXINSNS];
	puts("/* Made by filters-compile with libseccomp, for this machine's architecture. */\n");
	for (size_t i = 0; i < ARRAY_SIZE(combinations); i++) {
		size_t count = 0;
		int r = compile(combinations[i], program, &count);
		if (r < 0 || count == 0) {
			fprintf(stderr, "filters-compile: combination %zu: %s\n", i, strerror(-r));
			return EXIT_FAILURE;
		}
		print_program(i, program, count);
	}
	puts("static const struct program programs[] = {");
	for (size_t i = 0; i < ARRAY_SIZE(combinations); i++)
		printf("\t{0x%xU, program_%zu, ARRAY_SIZE(program_%zu)},\n", combinations[i], i, i);
	puts("};");
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
