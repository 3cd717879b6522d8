#ifndef ENVSEAL_CMD_VAULT_PUBLIC_KEYS_H
#define ENVSEAL_CMD_VAULT_PUBLIC_KEYS_H

#include "util/error.h"
#include "vault/vault.h"

/*
 * The copy of vaults' public keys, kept apart from the vaults: storing needs no key, so this is the
 * only thing that an altered vault.toml can be held against. Lines `HEXPUBLICKEY /absolute/vault`,
 * the directory with every link resolved; # comments and empty lines are allowed. The user's file is
 * $XDG_CONFIG_HOME/envseal/vault.pub; the system's vault has its own, SYSTEM_PUBLIC_KEYS, which everybody reads.
 */

/* Adds the vault's line to its file, in place of an older one for the same directory. */
int public_keys_record(const struct vault *vault, struct error *err);

/*
 * 0 when the file has this very key for the vault's directory.
 *   -ENOENT        nothing is written down for it
 *   -EKEYREJECTED  another key is
 *   -EPERM -EBADMSG ...  the file is not to be believed, or not readable
 */
int public_keys_compare(const struct vault *vault, struct error *err);

/* The same before something is sealed: nothing written down is only a warning, which it prints. */
int public_keys_check(const struct vault *vault, struct error *err);

#endif
