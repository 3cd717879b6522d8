#ifndef ENVSEAL_RUN_FILESYSTEM_H
#define ENVSEAL_RUN_FILESYSTEM_H

#include "policy/policy.h"
#include "run/home.h"
#include "run/request.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"
#include "util/error.h"

/*
 * What a policy's [filesystem] asks of the sandbox. `plan` gets the features; the rest is left to
 * filesystem_describe. *ret_home is the private home; empty when the home is the host's. The caller frees.
 */
int filesystem_plan(const struct policy *policy, const struct request *request, struct sandbox_plan *plan,
                    struct home *ret_home, struct error *err);

/*
 * Puts the policy's places into `spec`, each with what it is now. `home` is the one that was planned: found again, it
 * could be another than the one that the target is told. To be called as whoever the target will be:
 * what that one cannot reach need not be looked for.
 *   -ENOENT ...  a place that must be there is not
 *   -EPERM       a writable place that is, or contains, the home directory or "/"
 */
int filesystem_describe(const struct policy *policy, const struct request *request, const struct home *home,
                        struct sandbox_spec *spec, struct error *err);

/*
 * Whether the caller's directory can be had in a sandbox with these features: what is below a fresh filesystem, or
 * in the place of a private home (`home`, NULL: none), is not. What else the kernel makes of it shows only inside.
 */
int filesystem_foresee(const struct policy *policy, uint32_t features, const char *home, struct error *err);

/* Tier none: goes to the policy's directory. */
int filesystem_enter(const struct policy *policy, struct error *err);

/* The uid that the target will have. */
uid_t filesystem_uid(const struct policy *policy, const struct request *request);

#endif
