#ifndef ENVSEAL_POLICY_APPROVAL_H
#define ENVSEAL_POLICY_APPROVAL_H

#include "policy/find.h"
#include "util/error.h"
#include "vault/vault.h"

/*
 * User mode believes a policy because its owner approved it while the vault was open: a MAC, under a
 * key derived from the root key, over a domain tag, the command, the profile, a generation number, and
 * the policy's and the pins' bytes, each with its length. Kept in the vault, in approvals/.
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

/* Takes an approval back; it is fine when there is none. Needs no key. */
int approval_remove(const struct vault *vault, const char *command, const char *profile, struct error *err);

#endif
