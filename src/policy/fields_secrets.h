#ifndef ENVSEAL_POLICY_SECRETS_H
#define ENVSEAL_POLICY_SECRETS_H

#include "policy/policy.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Takes apart the rows of [secrets]: one secret, or a template with any number of them. */

/*
 * Room for a name after "%U" was replaced by a number. The vault refuses a name that is too long.
 */
#define POLICY_NAME_SIZE (VAULT_NAME_MAX * 6 + 1)

/* A piece of a row: the name of a secret, or plain text. */
struct policy_piece {
	const char *bytes; /* borrowed, `size` of them */
	size_t size;
	bool is_secret;
};

/*
 * The piece at `*at`, which starts as NULL and is advanced. False at the end. In a template,
 * "${NAME}" is a secret and "$$" is "$".
 */
bool policy_secret_next(const struct policy_secret *row, const char **at,
                        struct policy_piece *ret_piece);

/* Whether the name contains "%U", so that each caller has a secret of their own. */
bool policy_secret_is_each_callers(const struct policy_piece *piece);

/* The name that a piece says for this caller. */
void policy_secret_name(const struct policy_piece *piece, uid_t caller,
                        char ret_name[static POLICY_NAME_SIZE]);

/* Whether the policy delivers a secret in that variable, required or not. */
bool policy_has_secret(const struct policy *policy, const char *variable);

const char *policy_delivery_name(enum policy_delivery delivery);

#endif
