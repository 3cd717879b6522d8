#ifndef ENVSEAL_STDIO_DESCRIPTORS_H
#define ENVSEAL_STDIO_DESCRIPTORS_H

#include "policy/policy.h"
#include "sandbox/spec.h"
#include "util/error.h"

/*
 * process.keep_fds. The caller's descriptors have no close-on-exec flag, or the exec would have
 * closed them; ours have one. That distinguishes them: one of ours may have a number that the
 * caller left free.
 */

/* Puts into `spec` the caller's descriptors, from 3 on, that the target gets. -E2BIG: too many. */
int descriptors_keep(const struct policy *policy, struct sandbox_spec *spec, struct error *err);

/* In the child, where all descriptors were marked close-on-exec: unmarks these. */
int descriptors_hand_on(const struct sandbox_spec *spec, struct error *err);

/*
 * In the supervisor, once the child has them: closes them, so that the other end of a pipe sees the
 * target's end.
 */
void descriptors_let_go(const struct sandbox_spec *spec);

#endif
