#include "sandbox/tier.h"

#include "sandbox/spec.h"

#include <linux/sched.h>

#define NAMESPACES_OF_ITS_OWN (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS)

/* clang-format off */
static const struct sandbox_plan plans[] = {
	[SANDBOX_TIER_NONE] = {
		.features = SANDBOX_CORE_LIMIT | SANDBOX_NO_LISTEN,
	},
	[SANDBOX_TIER_HARDENED] = {
		.namespaces = NAMESPACES_OF_ITS_OWN,
		.features = SANDBOX_FRESH_PROC | SANDBOX_PRIVATE_TMP | SANDBOX_SCOPE | SANDBOX_SECCOMP |
		            SANDBOX_SURFACE | SANDBOX_CORE_LIMIT | SANDBOX_NO_LISTEN,
	},
	[SANDBOX_TIER_LOCKDOWN] = {
		.namespaces = NAMESPACES_OF_ITS_OWN,
		.features = SANDBOX_READONLY_ROOT | SANDBOX_FRESH_PROC |
		            SANDBOX_PRIVATE_TMP | SANDBOX_FRESH_RUN | SANDBOX_MINIMAL_DEV | SANDBOX_OWN_NETWORK |
		            SANDBOX_PLAIN_STDIO | SANDBOX_WRITE_RULE | SANDBOX_SCOPE | SANDBOX_SECCOMP |
		            SANDBOX_SURFACE | SANDBOX_CORE_LIMIT | SANDBOX_FAMILIES | SANDBOX_NO_UNIX |
		            SANDBOX_NO_LISTEN | SANDBOX_LISTS |
		            SANDBOX_KNOWN_CALLS,
	},
};
/* clang-format on */

struct sandbox_plan sandbox_tier_plan(enum sandbox_tier tier) {
	return plans[tier];
}

void sandbox_plan_network(struct sandbox_plan *plan, int host) {
	if (!host) {
		plan->features |= SANDBOX_OWN_NETWORK;
		plan->features &= ~(uint32_t)SANDBOX_KEEP_RESOLVER;
		return;
	}
	plan->features &= ~(uint32_t)SANDBOX_OWN_NETWORK;
	if (plan->features & SANDBOX_FRESH_RUN)
		plan->features |= SANDBOX_KEEP_RESOLVER;
}

void sandbox_plan_profile(struct sandbox_plan *plan, enum sandbox_profile profile) {
	plan->profile = profile;
	if (profile != SANDBOX_PROFILE_DEFAULT)
		plan->features &= ~(uint32_t)SANDBOX_SURFACE;
}
