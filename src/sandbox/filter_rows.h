#ifndef ENVSEAL_SANDBOX_FILTER_ROWS_H
#define ENVSEAL_SANDBOX_FILTER_ROWS_H

#include "sandbox/spec.h"
#include "util/cleanup.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>

/*
 * The seccomp filters as tables. Only filters-compile, which runs while envseal is built, reads
 * them: libseccomp makes each group into a program, and filter.c joins those that a run needs.
 */

/*
 * What libseccomp 2.5.0, or the kernel headers that a later one counts on, do not name yet. All
 * architectures count alike since Linux 5.1, from a base of their own.
 */
#define LATER_CALL(number) (__NR_io_uring_setup - 425 + (number))
#ifndef __NR_process_madvise
#define __NR_process_madvise LATER_CALL(440)
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr LATER_CALL(442)
#endif
#ifndef __NR_quotactl_fd
#define __NR_quotactl_fd LATER_CALL(443)
#endif
#ifndef __NR_memfd_secret
#define __NR_memfd_secret LATER_CALL(447)
#endif
#ifndef __NR_process_mrelease
#define __NR_process_mrelease LATER_CALL(448)
#endif
#ifndef __NR_set_mempolicy_home_node
#define __NR_set_mempolicy_home_node LATER_CALL(450)
#endif
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 LATER_CALL(452)
#endif
#ifndef __NR_lsm_set_self_attr
#define __NR_lsm_set_self_attr LATER_CALL(460)
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat LATER_CALL(463)
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat LATER_CALL(466)
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr LATER_CALL(467)
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr LATER_CALL(469)
#endif
#ifndef __SNR_process_madvise
#define __SNR_process_madvise __NR_process_madvise
#endif
#ifndef __SNR_mount_setattr
#define __SNR_mount_setattr __NR_mount_setattr
#endif
#ifndef __SNR_quotactl_fd
#define __SNR_quotactl_fd __NR_quotactl_fd
#endif
#ifndef __SNR_memfd_secret
#define __SNR_memfd_secret __NR_memfd_secret
#endif
#ifndef __SNR_process_mrelease
#define __SNR_process_mrelease __NR_process_mrelease
#endif
#ifndef __SNR_set_mempolicy_home_node
#define __SNR_set_mempolicy_home_node __NR_set_mempolicy_home_node
#endif
#ifndef __SNR_fchmodat2
#define __SNR_fchmodat2 __NR_fchmodat2
#endif
#ifndef __SNR_lsm_set_self_attr
#define __SNR_lsm_set_self_attr __NR_lsm_set_self_attr
#endif
#ifndef __SNR_setxattrat
#define __SNR_setxattrat __NR_setxattrat
#endif
#ifndef __SNR_removexattrat
#define __SNR_removexattrat __NR_removexattrat
#endif
#ifndef __SNR_open_tree_attr
#define __SNR_open_tree_attr __NR_open_tree_attr
#endif
#ifndef __SNR_file_setattr
#define __SNR_file_setattr __NR_file_setattr
#endif

/*
 * A row that matches answers with its errno; without `compare` it always matches. Filters see
 * registers, never memory: clone3's flags are in memory, so it is answered with ENOSYS and the C
 * library falls back to clone.
 */
struct filter_row {
	int call;
	int answer;
	unsigned int comparisons;
	struct scmp_arg_cmp compare[2];
};

/*
 * Compares all 64 bits of a register, though the kernel may look at 32: so only where more is
 * refused as well.
 */
#define NEVER(name, error)                                                                         \
	{                                                                                          \
		SCMP_SYS(name), error, 0, {                                                        \
			{ 0 }                                                                      \
		}                                                                                  \
	}
#define WHEN(name, error, ...)                                                                     \
	{                                                                                          \
		SCMP_SYS(name), error, 1, {                                                        \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define WHEN_BOTH(name, error, ...)                                                                \
	{                                                                                          \
		SCMP_SYS(name), error, 2, {                                                        \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define HAS_BIT(argument, bit)                                                                     \
	{ argument, SCMP_CMP_MASKED_EQ, (bit), (bit) }
#define LOW32(argument, value)                                                                     \
	{ argument, SCMP_CMP_MASKED_EQ, 0xffffffffU, (value) }

/* What a feature refuses. */
struct filter_group {
	uint32_t feature; /* 0: goes with every filter */
	const struct filter_row *rows;
	size_t count;
	int (*more)(scmp_filter_ctx filter); /* rules that are no rows; may be NULL */
};

extern const struct filter_group filter_groups[];
extern const size_t filter_group_count;

#endif
