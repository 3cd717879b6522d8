#ifndef ENVSEAL_SANDBOX_CGROUP_H
#define ENVSEAL_SANDBOX_CGROUP_H

#include "sandbox/limits.h"
#include "util/error.h"

#include <stdint.h>

/*
 * A control group (cgroups(7), version 2) of the target's own, which holds `memory` and `processes` for its
 * whole tree. It is made below our own cgroup or, as a cgroup with processes cannot share out its memory
 * (the "no internal processes" rule), beside it, but there only where that place is ours to use.
 */
struct cgroup {
	int parent_fd;
	int directory_fd;
	int procs_fd; /* write "0": the writer joins */
	char name[40];
};

#define CGROUP_NONE ((struct cgroup){-1, -1, -1, ""})

/*
 * Makes one that holds what `limits` asks for. -ENOENT: none can be had here, which is no mistake of anybody's; any
 * other error is one. The caller frees with cgroup_free.
 */
int cgroup_make(const struct sandbox_limits *limits, struct cgroup *ret_cgroup, struct error *err);

/*
 * What its processes have used so far: microseconds, and bytes at the most. What the kernel does not tell
 * (memory.peak needs Linux 5.19) is left as it was.
 */
void cgroup_usage(const struct cgroup *cgroup, uint64_t *cpu, uint64_t *peak_memory);

/* Kills what is left in it and removes it. A supervisor that was killed leaves it behind, for the next run to remove. */
void cgroup_free(struct cgroup *cgroup);

/* Below here: for cgroup.c's own use and its tests. `directory` is the place to make it in. */
int cgroup_make_in(int directory, const struct sandbox_limits *limits, struct cgroup *ret_cgroup,
                   struct error *err);

#endif
