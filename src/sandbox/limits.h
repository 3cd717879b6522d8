#ifndef ENVSEAL_SANDBOX_LIMITS_H
#define ENVSEAL_SANDBOX_LIMITS_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a program may use up; 0: as much as it likes. */
struct sandbox_limits {
	uint64_t timeout;   /* milliseconds from its start */
	uint64_t memory;    /* bytes */
	uint64_t processes; /* threads count as processes, as everywhere in Linux */
	uint64_t open_files;
	uint64_t file_size; /* bytes */
	uint64_t cpu_time;  /* seconds */
};

/* Who holds `memory` and `processes`; the others are resource limits always. */
enum limits_by {
	LIMITS_BY_NONE,   /* neither was asked for */
	LIMITS_BY_CGROUP, /* the tree as a whole */
	LIMITS_BY_RLIMIT, /* memory: each process; processes: see limits_by_rlimit */
};

const char *limits_by_name(enum limits_by by);

/*
 * For a host without a cgroup: makes of `limits` what resource limits can do to a target of `uid`. Where the target has a user
 * namespace of its own, RLIMIT_NPROC counts in there alone (Linux 5.14), our PID 1 included. -EPERM: the kernel
 * exempts root from it, in every user namespace.
 */
int limits_by_rlimit(struct sandbox_limits *limits, uid_t uid, bool own_user_namespace, struct error *err);

/* What a cgroup holds needs no resource limit. */
void limits_by_cgroup(struct sandbox_limits *limits);

/*
 * Sets the resource limits of this process, soft and hard, never above what its hard limits are already. Last before the
 * exec: nothing of ours is to fail by them. `timeout` is not one (sandbox/init.h).
 */
int limits_apply(const struct sandbox_limits *limits, struct error *err);

#endif
