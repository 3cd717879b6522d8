#ifndef ENVSEAL_RUN_FILESYSTEM_H
#define ENVSEAL_RUN_FILESYSTEM_H

#include "policy/policy.h"
#include "run/home.h"
#include "run/request.h"
#include "sandbox/spec.h"
#include "util/error.h"

/*
 * Sets the features that a policy's [filesystem] asks for in `spec`; filesystem_describe adds the
 * places. *ret_home is the private home, empty when the home is the host's. The caller frees.
 */
int filesystem_plan(const struct policy *policy, const struct request *request,
                    struct sandbox_spec *spec, struct home *ret_home, struct error *err);

/*
 * Puts the policy's places into `spec`, each with its device and inode. `home` comes from
 * filesystem_plan, because a second look-up could find another one than the target is told. Call it
 * as the target's user: places that this user cannot reach are not looked for.
 *  -ENOENT ...  a place is missing
 *  -EPERM       a writable place is, or contains, the home directory or "/"
 */
int filesystem_describe(const struct policy *policy, const struct request *request,
                        const struct home *home, struct sandbox_spec *spec, struct error *err);

/* The caller's working directory. -ENOENT: it was removed. */
int filesystem_caller_directory(char path[static PATH_MAX], struct error *err);

/*
 * Whether there is a private /tmp, which serves as home for users without one, such as many
 * services.
 */
bool filesystem_tmp_will_do(uint32_t features);

/*
 * Where this process becomes the target: goes to the policy's directory, with the target's ids. In
 * a sandbox places_enter_directory does it.
 */
int filesystem_enter(const struct policy *policy, struct error *err);

/* The uid that the target will have. */
uid_t filesystem_uid(const struct policy *policy, const struct request *request);

#endif
