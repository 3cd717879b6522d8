#ifndef ENVSEAL_SANDBOX_CGROUP_H
#define ENVSEAL_SANDBOX_CGROUP_H

#include "sandbox/limits.h"
#include "util/error.h"

#include <stdint.h>

/*
 * A control group (cgroups(7), version 2) for the target, which enforces `memory` and `processes`
 * for its whole tree. It is made below our own cgroup. A cgroup with processes cannot enable the
 * memory controller for children (the "no internal processes" rule); then it is made beside our
 * own, but only where we may use the parent.
 */
struct cgroup {
	int parent_fd;
	int directory_fd;
	int procs_fd; /* write "0": the writer joins */
	char name[40];
};

#define CGROUP_NONE ((struct cgroup){-1, -1, -1, ""})

/*
 * Makes one that enforces `limits`. -ENOENT: no cgroup can be made here, and the caller uses
 * resource limits instead; any other error ends the run. The caller frees with cgroup_free.
 */
int cgroup_make(const struct sandbox_limits *limits, struct cgroup *ret_cgroup, struct error *err);

/*
 * What its processes have used so far: CPU time in microseconds and the peak of memory in bytes.
 * Values that the kernel does not report (memory.peak needs Linux 5.19) are left unchanged.
 */
void cgroup_usage(const struct cgroup *cgroup, uint64_t *cpu, uint64_t *peak_memory);

/*
 * Kills what is left in it and removes it. A killed supervisor leaves its cgroup behind; the next
 * run removes it.
 */
void cgroup_free(struct cgroup *cgroup);

/* For cgroup.c and its tests. `directory` is the cgroup to make it in. */
int cgroup_make_in(int directory, const struct sandbox_limits *limits, struct cgroup *ret_cgroup,
                   struct error *err);

#endif
