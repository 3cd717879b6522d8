#ifndef ENVSEAL_POLICY_ARGUMENTS_H
#define ENVSEAL_POLICY_ARGUMENTS_H

#include "policy/policy.h"
#include "util/error.h"

#include <stdbool.h>

/*
 * The rules of [arguments]. Each pattern is for one argument, by fnmatch(3) without flags: "*"
 * matches any text, also the empty one and slashes. "**" at the end of a line matches all remaining
 * arguments, or none.
 */

/*
 * Whether the policy allows these arguments of the command (NULL at the end, without argv[0]).
 * -EPERM: the text has the position of the first argument that did not match, never the argument.
 */
int arguments_check(const struct policy *policy, char *const arguments[], struct error *err);

/* Whether the policy limits the caller's arguments. */
bool arguments_limited(const struct policy *policy);

#endif
