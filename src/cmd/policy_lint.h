#ifndef ENVSEAL_CMD_POLICY_LINT_H
#define ENVSEAL_CMD_POLICY_LINT_H

#include "policy/policy.h"

#include <stddef.h>

/*
 * What a policy permits that its writer hardly means: a command that runs whatever it is told to, with the
 * secrets. Each is a sentence that begins with the key. Calls `each` with every one.
 */
void policy_lint(const struct policy *policy, void (*each)(void *context, const char *finding),
                 void *context);

#endif
