#ifndef ENVSEAL_STDIO_DESCRIPTORS_H
#define ENVSEAL_STDIO_DESCRIPTORS_H

#include "policy/policy.h"
#include "sandbox/spec.h"
#include "util/error.h"

/*
 * process.keep_fds. What the caller handed us has no close-on-exec flag, or it would not have arrived; what we
 * opened has one. That tells them apart: a number that the caller left free may be one of ours by now.
 */

/* Notes in `spec` which of the caller's descriptors from 3 on the target gets. -E2BIG: too many. */
int descriptors_keep(const struct policy *policy, struct sandbox_spec *spec, struct error *err);

/* In the child, where all were marked close-on-exec: those are not. */
int descriptors_hand_on(const struct sandbox_spec *spec, struct error *err);

/* In the supervisor, once the child has them: who is at the other end of a pipe must see the target's end. */
void descriptors_let_go(const struct sandbox_spec *spec);

#endif
