#ifndef ENVSEAL_RUN_SECRETS_H
#define ENVSEAL_RUN_SECRETS_H

#include "policy/policy.h"
#include "mask/mask.h"
#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"

#include <sys/types.h>

/*
 * The secrets of one run in the clear: those that its policy names, each opened once, and the
 * templates made from them.
 */

/* What one row of [secrets] delivers. */
struct delivery {
	const struct policy_secret *row;
	const struct secret *value; /* NULL: none, and its descriptor stays closed */
};

struct secrets {
	struct mask_value *values; /* a secret by its name, a template by its variable */
	size_t value_count;
	struct delivery *deliveries;
	size_t delivery_count;
};

/*
 * Opens them. "%U" in a name stands for the uid `caller`. The vault must be unlocked. The caller
 * frees.
 *  -ENOENT   a required secret is missing
 *  -E2BIG    a template's value is too long
 */
int secrets_open(const struct policy *policy, uid_t caller, const struct vault *vault,
                 struct secrets *ret_secrets, struct error *err);

/* Makes a mask from them, which takes the values over: afterwards none can be delivered. */
int secrets_become_mask(struct secrets *secrets, struct mask **ret_mask, struct error *err);

/* Wipes. */
void secrets_free(struct secrets *secrets);

#define cleanup_secrets __attribute__((cleanup(secrets_free)))

#endif
