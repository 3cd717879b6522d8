#ifndef ENVSEAL_CMD_VAULT_PUBLIC_KEYS_H
#define ENVSEAL_CMD_VAULT_PUBLIC_KEYS_H

#include "util/error.h"
#include "vault/vault.h"

/*
 * Copies of vaults' public keys, apart from the vaults: storing needs no key, so only this copy
 * reveals an altered vault.toml. Lines are `HEXPUBLICKEY /absolute/vault`, the directory without
 * links; # comments and empty lines are allowed. The user's file is
 * $XDG_CONFIG_HOME/envseal/vault.pub; the system's is SYSTEM_PUBLIC_KEYS, which everybody can
 * read.
 */

/* Adds the vault's line to the file, or replaces the line for the same directory. */
int public_keys_record(const struct vault *vault, struct error *err);

/*
 * 0 when the file has this very key for the vault's directory.
 *   -ENOENT        nothing is written down for it
 *   -EKEYREJECTED  another key is
 *   -EPERM -EBADMSG ...  the file is not to be believed, or not readable
 */
int public_keys_compare(const struct vault *vault, struct error *err);

/* The same before something is sealed: a missing line is only a warning, which this prints. */
int public_keys_check(const struct vault *vault, struct error *err);

#endif
