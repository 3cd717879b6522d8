#ifndef ENVSEAL_POLICY_ARGUMENTS_H
#define ENVSEAL_POLICY_ARGUMENTS_H

#include "policy/policy.h"
#include "util/error.h"

#include <stdbool.h>

/*
 * The rules of [arguments]. Each pattern is for one argument, by fnmatch(3) without flags: "*" matches any text,
 * the empty one and slashes too. "**", last in a line, stands for all that follow, even none.
 */

/*
 * Whether the policy lets the command have these arguments (NULL at the end, without argv[0]). -EPERM: the text
 * says by its position which one was the first that did not match, and never what it was.
 */
int arguments_check(const struct policy *policy, char *const arguments[], struct error *err);

/* Whether there are any rules about what the caller may pass. */
bool arguments_limited(const struct policy *policy);

#endif
