#ifndef ENVSEAL_SANDBOX_TIER_H
#define ENVSEAL_SANDBOX_TIER_H

#include <stdint.h>

/* The three tiers as data (the table is in doc/sandbox.md). */

enum sandbox_tier {
	SANDBOX_TIER_NONE,
	SANDBOX_TIER_HARDENED,
	SANDBOX_TIER_LOCKDOWN,
};

struct sandbox_plan {
	uint64_t namespaces;   /* CLONE_NEW*, but for the network's: a feature */
	uint32_t features;     /* enum sandbox_feature */
};

struct sandbox_plan sandbox_tier_plan(enum sandbox_tier tier);

/* The network key: `host` keeps the network namespace, else a new one with loopback. */
void sandbox_plan_network(struct sandbox_plan *plan, int host);

#endif
