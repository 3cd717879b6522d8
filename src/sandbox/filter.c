#include "sandbox/confine.h"

#include "util/cleanup.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

struct program {
	uint32_t features;
	const struct sock_filter *instructions;
	unsigned short count;
};

#include "sandbox/filters.h"

/* The features that filters are made of; the others are other steps'. */
#define WITH_ROWS                                                                                  \
	(uint32_t)(SANDBOX_SECCOMP | SANDBOX_NO_LISTEN | SANDBOX_FAMILIES | SANDBOX_WRITE_RULE |  \
	           SANDBOX_NO_PATH_TRUNCATE | SANDBOX_NO_UNIX)

/* Unix sockets are lockdown's to refuse; elsewhere that feature has no rows. */
static uint32_t wanted(uint32_t features) {
	return features & (features & SANDBOX_FAMILIES ? WITH_ROWS : WITH_ROWS & ~(uint32_t)SANDBOX_NO_UNIX);
}

static const struct program *find(uint32_t features) {
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (programs[i].features == features)
			return &programs[i];
	}
	return NULL;
}

int confine_seccomp(uint32_t features, struct error *err) {
	features = wanted(features);
	if (features == 0)
		return 0;
	const struct program *program = find(features);
	if (!program)
		return error_set(err, ENOSYS, "there is no seccomp filter for this combination of rules");
	const struct sock_fprog filter = {
		.len = program->count,
		.filter = (struct sock_filter *)program->instructions,
	};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0)
		return error_errno(err, errno, "cannot load the seccomp filter (CONFIG_SECCOMP_FILTER?)");
	return 0;
}
