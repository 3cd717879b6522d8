#ifndef ENVSEAL_SANDBOX_TIER_H
#define ENVSEAL_SANDBOX_TIER_H

#include "sandbox/profile.h"

#include <stdbool.h>
#include <stdint.h>

/* The three tiers as data (the table is in doc/sandbox.md). */

enum sandbox_tier {
	SANDBOX_TIER_NONE,
	SANDBOX_TIER_HARDENED,
	SANDBOX_TIER_LOCKDOWN,
};

struct sandbox_spec;

/* enum sandbox_feature, as the tier has them before a policy's keys change them. */
uint32_t sandbox_tier_features(enum sandbox_tier tier);

/* Gives a spec the tier's features and namespaces. */
void sandbox_spec_set_tier(struct sandbox_spec *spec, enum sandbox_tier tier);

/* The network key: `host` keeps the network namespace, else there is a new one with loopback. */
void sandbox_spec_set_network(struct sandbox_spec *spec, bool host);

/* process.seccomp. The small profiles refuse all that SANDBOX_SURFACE refuses, and much more. */
void sandbox_spec_set_profile(struct sandbox_spec *spec, enum sandbox_profile profile);

#endif
