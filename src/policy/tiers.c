#include "policy/policy.h"

#include <errno.h>
#include <string.h>

static const char *const tier_names[] = {
	[SANDBOX_TIER_NONE] = "none",
	[SANDBOX_TIER_HARDENED] = "hardened",
	[SANDBOX_TIER_LOCKDOWN] = "lockdown",
};

const char *policy_tier_name(enum sandbox_tier tier) {
	return (size_t)tier < ARRAY_SIZE(tier_names) ? tier_names[tier] : NULL;
}

int policy_tier_parse(const char *name, enum sandbox_tier *ret_tier) {
	for (size_t i = 0; i < ARRAY_SIZE(tier_names); i++) {
		if (strcmp(name, tier_names[i]) == 0) {
			*ret_tier = (enum sandbox_tier)i;
			return 0;
		}
	}
	return -EINVAL;
}
