#ifndef ENVSEAL_POLICY_SECRETS_H
#define ENVSEAL_POLICY_SECRETS_H

#include "policy/policy.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What the rows of [secrets] are made of: one secret, or a template with any number of them. */

/* Room for a name of which "%U" has become a number. One that is too long is no name: the vault says so. */
#define POLICY_NAME_SIZE (VAULT_NAME_MAX * 6 + 1)

/* A piece of a row: the name of a secret, or plain text. */
struct policy_piece {
	const char *bytes; /* borrowed, `size` of them */
	size_t size;
	bool is_secret;
};

/*
 * The piece at `*at`, which begins with NULL and moves on; false at the end. In a template "${NAME}" is a secret and "$$"
 * is "$".
 */
bool policy_secret_next(const struct policy_secret *row, const char **at, struct policy_piece *ret_piece);

/* Whether the name has "%U" in it, so that each caller has a secret of his own. */
bool policy_secret_is_each_callers(const struct policy_piece *piece);

/* The name that a piece says for this caller. */
void policy_secret_name(const struct policy_piece *piece, uid_t caller, char ret_name[static POLICY_NAME_SIZE]);

/* Whether one is delivered by that variable, or would be if it were there. */
bool policy_has_secret(const struct policy *policy, const char *variable);

const char *policy_delivery_name(enum policy_delivery delivery);

#endif
