#include "sandbox/confine.h"

#include "sandbox/run_group.h"
#include "util/cleanup.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct program {
	uint32_t key; /* features, or the profile */
	const struct sock_filter *instructions;
	unsigned short count;
};

#include "sandbox/filters.h"

/*
 * One filter that joins several programs, because each loaded filter costs time
 * (doc/decisions/filters.md).
 */
struct linked {
	struct sock_filter instructions[BPF_MAXINSNS];
	unsigned short count;
};

/*
 * Appends a program: where it would allow a call, it jumps past its own end, to the next program or
 * the final `allow`. Each replacement is one instruction long, so all other jumps stay correct.
 */
static int append(struct linked *filter, const struct program *program) {
	if (program->count >= BPF_MAXINSNS - filter->count)
		return -E2BIG;
	struct sock_filter *at = filter->instructions + filter->count;
	memcpy(at, program->instructions, program->count * sizeof(*at));
	for (unsigned short i = 0; i < program->count; i++) {
		if (at[i].code == (BPF_RET | BPF_K) && at[i].k == SECCOMP_RET_ALLOW)
			at[i] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
			                                     program->count - i - 1U);
	}
	filter->count = (unsigned short)(filter->count + program->count);
	return 0;
}

/* The target already has its ids, so the run group is its own. */
static void name_run_group(struct linked *filter) {
	const gid_t group = getegid();
	for (unsigned short i = 0; i < filter->count; i++) {
		struct sock_filter *at = &filter->instructions[i];
		if (at->code != (BPF_JMP | BPF_JEQ | BPF_K))
			continue;
		if (at->k == SANDBOX_RUN_GROUP)
			at->k = group;
		else if (at->k == SANDBOX_RUN_GROUP_16)
			at->k = group & 0xffff;
	}
}

static int load(const struct sock_filter *instructions, unsigned short count, struct error *err) {
	const struct sock_fprog program = {.len = count,
	                                   .filter = (struct sock_filter *)instructions};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return error_errno(err, errno,
		                   "cannot load the seccomp filter (CONFIG_SECCOMP_FILTER?)");
	return 0;
}

static int load_joined(const struct program *const chosen[], size_t count, bool run_group,
                       struct error *err) {
	static struct linked filter; /* 32 KiB, which a small stack may not have */
	filter.count = 0;
	for (size_t i = 0; i < count; i++) {
		int r = append(&filter, chosen[i]);
		if (r < 0)
			return error_errno(err, r, "cannot join the seccomp filters");
	}
	filter.instructions[filter.count++] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (run_group)
		name_run_group(&filter);
	return load(filter.instructions, filter.count, err);
}

/* The features that filters implement; other steps implement the rest. */
#define WITH_ROWS                                                                                  \
	(uint32_t)(SANDBOX_SECCOMP | SANDBOX_SURFACE | SANDBOX_FAMILIES | SANDBOX_WRITE_RULE |     \
	           SANDBOX_NO_PATH_TRUNCATE | SANDBOX_NO_LISTEN | SANDBOX_NO_UNIX |                \
	           SANDBOX_NO_SETID | SANDBOX_EXEC_LIST | SANDBOX_CORE_LIMIT | SANDBOX_LISTS |     \
	           SANDBOX_KNOWN_CALLS | SANDBOX_NO_RESIZE | SANDBOX_NO_FOREGROUND)

static const struct program *find_profile(uint32_t profile) {
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		if (profiles[i].key == profile)
			return &profiles[i];
	}
	return NULL;
}

uint32_t confine_left_for_target(const struct sandbox_spec *spec) {
	bool another = spec->features & SANDBOX_EXEC_LIST || find_profile(spec->profile);
	return another ? spec->features & (uint32_t)(SANDBOX_EXEC_LIST | SANDBOX_LISTS) : 0;
}

int confine_seccomp(uint32_t features, enum sandbox_profile profile, struct error *err) {
	const bool run_group = features & SANDBOX_NO_SETID;
	const struct program *chosen[ARRAY_SIZE(combinations) + 1];
	const struct program *last = find_profile(profile);
	size_t count = 0;
	features &= WITH_ROWS;
	for (size_t i = 0; features && i < ARRAY_SIZE(combinations); i++) {
		if (combinations[i].key & ~features)
			continue;
		chosen[count++] = &combinations[i];
		features &= ~combinations[i].key;
	}
	bool known = last || profile == SANDBOX_PROFILE_DEFAULT ||
	             profile == SANDBOX_PROFILE_UNRESTRICTED;
	if (features || !known)
		return error_set(
			err, ENOSYS,
			"envseal was built without the seccomp filter for one of the rules");
	if (last)
		chosen[count++] = last;
	if (count == 0)
		return 0;
	return count == 1 && !run_group ? load(chosen[0]->instructions, chosen[0]->count, err)
	                                : load_joined(chosen, count, run_group, err);
}
