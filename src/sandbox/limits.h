#ifndef ENVSEAL_SANDBOX_LIMITS_H
#define ENVSEAL_SANDBOX_LIMITS_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Limits of a program; 0: none. */
struct sandbox_limits {
	uint64_t timeout;   /* milliseconds from its start */
	uint64_t memory;    /* bytes */
	uint64_t processes; /* threads count as processes, as everywhere in Linux */
	uint64_t open_files;
	uint64_t file_size; /* bytes */
	uint64_t cpu_time;  /* seconds */
};

/* What enforces `memory` and `processes`. The others are always resource limits. */
enum limits_by {
	LIMITS_BY_NONE,   /* neither was asked for */
	LIMITS_BY_CGROUP, /* the tree as a whole */
	LIMITS_BY_RLIMIT, /* memory: each process; processes: see limits_by_rlimit */
};

const char *limits_by_name(enum limits_by by);

/*
 * For a host without a usable cgroup: changes `limits` to what resource limits can enforce for a
 * target of `uid`. In a user namespace of its own, RLIMIT_NPROC counts only the processes there
 * (Linux 5.14), our PID 1 included. -EPERM: the kernel does not apply it to root, in any user
 * namespace.
 */
int limits_by_rlimit(struct sandbox_limits *limits, uid_t uid, bool own_user_namespace,
                     struct error *err);

/* Removes the limits that a cgroup enforces. */
void limits_by_cgroup(struct sandbox_limits *limits);

/*
 * Sets the resource limits of this process, soft and hard, never above its hard limits. Called
 * late, so that our own work does not fail by them. `timeout` is not one of them (sandbox/init.h).
 */
int limits_apply(const struct sandbox_limits *limits, struct error *err);

#endif
