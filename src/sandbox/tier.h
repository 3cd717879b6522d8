#ifndef ENVSEAL_SANDBOX_TIER_H
#define ENVSEAL_SANDBOX_TIER_H

#include "sandbox/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The three tiers as data (the table is in doc/sandbox.md). */

enum sandbox_tier {
	SANDBOX_TIER_NONE,
	SANDBOX_TIER_HARDENED,
	SANDBOX_TIER_LOCKDOWN,
};

struct sandbox_plan {
	uint64_t namespaces; /* CLONE_NEW*, but for the network's: a feature */
	bool own_users; /* no other namespace, but a user namespace that the service owns (doc/run-group.md) */
	uint32_t features; /* enum sandbox_feature */
	enum sandbox_profile profile;
	char *const *exec; /* SANDBOX_EXEC_LIST: absolute paths, the policy's */
	size_t exec_count;
};

struct sandbox_plan sandbox_tier_plan(enum sandbox_tier tier);

/* The network key: `host` keeps the network namespace, else a new one with loopback. */
void sandbox_plan_network(struct sandbox_plan *plan, int host);

/* process.seccomp. The small profiles refuse what SANDBOX_SURFACE does and much more. */
void sandbox_plan_profile(struct sandbox_plan *plan, enum sandbox_profile profile);

#endif
