#ifndef ENVSEAL_RUN_FILESYSTEM_H
#define ENVSEAL_RUN_FILESYSTEM_H

#include "policy/policy.h"
#include "run/home.h"
#include "run/request.h"
#include "sandbox/spec.h"
#include "util/error.h"

/*
 * What a policy's [filesystem] asks of the sandbox. `spec` gets the features; the rest is left to
 * filesystem_describe. *ret_home is the private home; empty when the home is the host's. The caller frees.
 */
int filesystem_plan(const struct policy *policy, const struct request *request, struct sandbox_spec *spec,
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

/* The working directory. -ENOENT: it is gone. */
int filesystem_caller_directory(char path[static PATH_MAX], struct error *err);

/* Whether there is a private /tmp, which is the home of users that have none, as many services. */
bool filesystem_tmp_will_do(uint32_t features);

/* Tier none: goes to the policy's directory. */
int filesystem_enter(const struct policy *policy, struct error *err);

/* The uid that the target will have. */
uid_t filesystem_uid(const struct policy *policy, const struct request *request);

#endif
