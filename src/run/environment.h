#ifndef ENVSEAL_RUN_ENVIRONMENT_H
#define ENVSEAL_RUN_ENVIRONMENT_H

#include "policy/policy.h"
#include "run/secrets.h"
#include "sandbox/envp.h"
#include "util/error.h"
#include "util/secret.h"

#include <stdint.h>

/*
 * The target's environment: the caller's variables that the policy lets in, the secure PATH, what
 * the policy sets, and the secrets. It is rendered once, into secret memory, in the form of
 * sandbox/envp.h.
 */
struct environment {
	struct secret *block;
	uint32_t count;      /* variables */
	uint32_t file_count; /* secrets that are delivered as files */
	uint32_t padding;    /* bytes at the block's end without meaning */
};

/* One variable: execve(2)'s MAX_ARG_STRLEN, name, "=" and NUL included. */
#define ENVIRONMENT_STRING_MAX ((size_t)128 * 1024)

/*
 * Builds it. `script` is the value of ENVSEAL_SCRIPT, `home` that of HOME; NULL for none of
 * envseal's own. The caller frees with environment_free.
 *   -EINVAL   a value with a NUL in it that would be a variable
 *   -E2BIG    a value, or all together, too long for an environment
 */
int environment_build(const struct policy *policy, char *const caller[], const char *script,
                      const char *home, const struct secrets *secrets,
                      struct environment *ret_environment, struct error *err);

/* Whether a secret can be the value of a variable: -EINVAL and -E2BIG as above. */
int environment_check_secret(const char *variable, const struct secret *value, struct error *err);

/* What goes in front of the block on the pipe. */
struct sandbox_environment environment_header(const struct environment *environment);

/*
 * Why one of the caller's variables ("NAME=value") is left out. NULL: it is passed on, unless
 * something else sets that name.
 */
const char *environment_left_out(const struct policy *policy, const char *variable);

void environment_free(struct environment *environment);

#define cleanup_environment __attribute__((cleanup(environment_free)))

#endif
