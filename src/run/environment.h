#ifndef ENVSEAL_RUN_ENVIRONMENT_H
#define ENVSEAL_RUN_ENVIRONMENT_H

#include "policy/policy.h"
#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"

#include <stdint.h>

/*
 * The target's environment: the caller's variables that the policy lets in, the secure PATH, what the policy
 * sets, and the secrets. Rendered once, into secret memory: "NAME=value" strings, each with its NUL.
 */
struct environment {
	struct secret *block;
	uint32_t count;
};

/* One variable: execve(2)'s MAX_ARG_STRLEN, name, "=" and NUL included. */
#define ENVIRONMENT_STRING_MAX ((size_t)128 * 1024)

/*
 * Builds it. `script` is the value of ENVSEAL_SCRIPT, `home` that of HOME; NULL for none of
 * envseal's own. The vault must be unlocked; only the
 * secrets that the policy names are opened. The caller frees with environment_free.
 *   -ENOENT   a required secret is missing
 *   -EINVAL   a value with a NUL in it
 *   -E2BIG    a value, or all together, too long for an environment
 */
int environment_build(const struct policy *policy, char *const caller[], const char *script,
                      const char *home, const struct vault *vault, struct environment *ret_environment,
                      struct error *err);

/* Pointers into the block, NULL at the end; the caller frees the array, not the strings. NULL: no memory. */
char **environment_pointers(const struct environment *environment);

/*
 * Why one of the caller's variables ("NAME=value") is not passed on; NULL: it is, unless something else sets
 * that name.
 */
const char *environment_left_out(const struct policy *policy, const char *variable);

void environment_free(struct environment *environment);

#define cleanup_environment __attribute__((cleanup(environment_free)))

#endif
