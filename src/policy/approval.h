#ifndef ENVSEAL_POLICY_APPROVAL_H
#define ENVSEAL_POLICY_APPROVAL_H

#include "policy/find.h"
#include "util/error.h"
#include "vault/vault.h"

/*
 * User mode trusts a policy that its owner approved while the vault was unlocked. An approval is a
 * MAC, under a key derived from the root key, over a domain tag, the command, the profile, a
 * generation number, and the bytes of the policy and of its pins, each after its length. It is kept
 * in the vault, in approvals/.
 */

/* Approves what was found. The vault must be unlocked. Raises the generation. Holds the vault. */
int approval_write(struct vault *vault, const struct policy_found *found, const char *profile,
                   struct error *err);

/*
 * 0 when exactly these bytes were approved. The vault must be unlocked. Writes nothing.
 *   -ENOENT        never approved
 *   -EKEYREJECTED  changed since it was approved
 */
int approval_check(const struct vault *vault, const struct policy_found *found, const char *profile,
                   struct error *err);

/* Removes an approval; none need exist. Needs no key. */
int approval_remove(const struct vault *vault, const char *command, const char *profile,
                    struct error *err);

#endif
