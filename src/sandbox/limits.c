#include "sandbox/limits.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/*
 * RLIMIT_DATA and not RLIMIT_AS: it counts writable memory, not the gigabytes of address space that
 * node, java and go reserve at their start.
 */
static const struct row {
	const char *name;
	size_t offset;
	__rlimit_resource_t resource;
	rlim_t grace; /* hard above soft: SIGXCPU comes first, then SIGKILL */
} rows[] = {
	{"memory", offsetof(struct sandbox_limits, memory), RLIMIT_DATA, 0},
	{"processes", offsetof(struct sandbox_limits, processes), RLIMIT_NPROC, 0},
	{"open_files", offsetof(struct sandbox_limits, open_files), RLIMIT_NOFILE, 0},
	{"file_size", offsetof(struct sandbox_limits, file_size), RLIMIT_FSIZE, 0},
	{"cpu_time", offsetof(struct sandbox_limits, cpu_time), RLIMIT_CPU, 1},
};

const char *limits_by_name(enum limits_by by) {
	static const char *const names[] = {"none", "cgroup", "rlimit"};
	return names[by];
}

int limits_by_rlimit(struct sandbox_limits *limits, uid_t uid, bool own_user_namespace,
                     struct error *err) {
	if (limits->processes == 0)
		return 0;
	if (uid == 0)
		return error_set(
			err, EPERM,
			"limits.processes: the kernel does not apply this limit to root, and no "
			"cgroup v2 with the pids controller can be used; run it as another user, "
			"or in a delegated cgroup (systemd-run --scope -p Delegate=yes)");
	limits->processes += own_user_namespace ? 1 : 0;
	return 0;
}

void limits_by_cgroup(struct sandbox_limits *limits) {
	limits->memory = 0;
	limits->processes = 0;
}

/*
 * In tier none this process becomes the target. The CPU time for unlocking the vault must not count
 * against it; the limit is in whole seconds.
 */
static rlim_t cpu_seconds_so_far(void) {
	struct timespec used = {0};
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (rlim_t)used.tv_sec + (used.tv_nsec > 100 * 1000 * 1000 ? 1 : 0);
}

static rlim_t least(rlim_t a, rlim_t b) {
	return a < b ? a : b;
}

static int apply(const struct row *row, rlim_t value, struct error *err) {
	struct rlimit now, check;
	if (row->resource == RLIMIT_CPU)
		value += cpu_seconds_so_far();
	if (getrlimit(row->resource, &now) < 0)
		return error_errno(err, errno, "limits.%s: cannot read the limit", row->name);
	const struct rlimit wanted = {
		.rlim_cur = least(value, now.rlim_max),
		.rlim_max = least(value + row->grace, now.rlim_max),
	};
	if (setrlimit(row->resource, &wanted) < 0 || getrlimit(row->resource, &check) < 0)
		return error_errno(err, errno, "limits.%s: cannot set the limit", row->name);
	if (check.rlim_cur != wanted.rlim_cur || check.rlim_max != wanted.rlim_max)
		return error_set(err, EPERM, "limits.%s: the kernel did not set the limit",
		                 row->name);
	return 0;
}

int limits_apply(const struct sandbox_limits *limits, struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = *(const uint64_t *)((const char *)limits + rows[i].offset);
		int r = value ? apply(&rows[i], value, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}
