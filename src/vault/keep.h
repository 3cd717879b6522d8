#ifndef ENVSEAL_VAULT_KEEP_H
#define ENVSEAL_VAULT_KEEP_H

#include "util/error.h"
#include "util/secret.h"
#include "vault/config.h"
#include "vault/vault.h"

#include <stdint.h>

/*
 * Keeps an unlocked root key for a limited time, under the vault's id. In the user's kernel
 * keyring, the kernel removes it. In a file on a tmpfs, the reader compares the deadline with
 * CLOCK_BOOTTIME, which nobody can set and which counts while the machine sleeps.
 */
int keep_put(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
             const struct secret *root, unsigned int seconds, struct error *err);

/* The caller frees. -ENOENT: none is kept, or its time is over. */
int keep_get(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
             struct secret **ret_root, struct error *err);

/* -ENOENT: there was none. */
int keep_drop(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
              struct error *err);

#endif
