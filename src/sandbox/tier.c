#include "sandbox/tier.h"

#include "sandbox/spec.h"

#include <linux/sched.h>

#define NAMESPACES_OF_ITS_OWN (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS)

static const struct {
	uint64_t namespaces; /* without the network's, which is a feature */
	uint32_t features;
} tiers[] = {
	/* clang-format off */
	[SANDBOX_TIER_NONE] = {
		.features = SANDBOX_CORE_LIMIT | SANDBOX_NO_LISTEN,
	},
	[SANDBOX_TIER_HARDENED] = {
		.namespaces = NAMESPACES_OF_ITS_OWN,
		.features = SANDBOX_FRESH_PROC | SANDBOX_PRIVATE_TMP | SANDBOX_SCOPE |
		            SANDBOX_SECCOMP | SANDBOX_SURFACE | SANDBOX_CORE_LIMIT |
		            SANDBOX_NO_LISTEN,
	},
	[SANDBOX_TIER_LOCKDOWN] = {
		.namespaces = NAMESPACES_OF_ITS_OWN,
		.features = SANDBOX_READONLY_ROOT | SANDBOX_FRESH_PROC | SANDBOX_PRIVATE_TMP |
		            SANDBOX_FRESH_RUN | SANDBOX_MINIMAL_DEV | SANDBOX_OWN_NETWORK |
		            SANDBOX_PLAIN_STDIO | SANDBOX_WRITE_RULE | SANDBOX_SCOPE |
		            SANDBOX_SECCOMP | SANDBOX_SURFACE | SANDBOX_CORE_LIMIT |
		            SANDBOX_FAMILIES | SANDBOX_NO_UNIX | SANDBOX_NO_LISTEN | SANDBOX_LISTS |
		            SANDBOX_KNOWN_CALLS,
	},
	/* clang-format on */
};

uint32_t sandbox_tier_features(enum sandbox_tier tier) {
	return tiers[tier].features;
}

void sandbox_spec_set_tier(struct sandbox_spec *spec, enum sandbox_tier tier) {
	spec->features = tiers[tier].features;
	spec->namespaces = tiers[tier].namespaces;
}

void sandbox_spec_set_network(struct sandbox_spec *spec, bool host) {
	if (!host) {
		spec->features |= SANDBOX_OWN_NETWORK;
		spec->features &= ~(uint32_t)SANDBOX_KEEP_RESOLVER;
		return;
	}
	spec->features &= ~(uint32_t)SANDBOX_OWN_NETWORK;
	if (spec->features & SANDBOX_FRESH_RUN)
		spec->features |= SANDBOX_KEEP_RESOLVER;
}

void sandbox_spec_set_profile(struct sandbox_spec *spec, enum sandbox_profile profile) {
	spec->profile = profile;
	if (profile != SANDBOX_PROFILE_DEFAULT)
		spec->features &= ~(uint32_t)SANDBOX_SURFACE;
}
