#ifndef ENVSEAL_AUTHORITY_IDENTITY_H
#define ENVSEAL_AUTHORITY_IDENTITY_H

#include "policy/policy.h"
#include "util/error.h"

/*
 * process.user and process.group: real root runs a command as another user, without supplementary
 * groups. Each of these does nothing where the policy does not ask for it.
 *  -EPERM   a caller other than real root asked for it
 */

/* Checks whether this process could; changes nothing. */
int identity_check(const struct policy *policy, struct error *err);

/*
 * Around the start of a sandbox: the effective ids become the target's, so that this user owns the
 * user namespace, and are switched back afterwards. The supplementary groups and the bounding set
 * are given up for good.
 */
int identity_borrow(const struct policy *policy, struct error *err);
int identity_return(const struct policy *policy, struct error *err);

/* In the child, once its ids are mapped: real and saved ids follow the effective ones. */
int identity_settle(const struct policy *policy, struct error *err);

/* Tier none: this process becomes the other user for good. */
int identity_become(const struct policy *policy, struct error *err);

#endif
