#ifndef ENVSEAL_VAULT_CONFIG_H
#define ENVSEAL_VAULT_CONFIG_H

#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"
#include "vault/writer.h"

#include <stdbool.h>
#include <stdint.h>

/* vault.toml: the vault's id, the public key that secrets are sealed to, and a MAC of both. */

#define CONFIG_VERSION 1
#define CONFIG_ID_BYTES 16
#define CONFIG_MAC_BYTES 32
#define CONFIG_RETIRED_BYTES 72 /* a nonce, and crypto_secretbox_easy of a root key */

struct config {
	uint8_t id[CONFIG_ID_BYTES];
	uint8_t public_key[VAULT_KEY_BYTES];
	uint8_t mac[CONFIG_MAC_BYTES];
	bool retiring;                         /* the root key is being changed (vault/rotate.c) */
	uint8_t retired[CONFIG_RETIRED_BYTES]; /* the old root key, encrypted under the new one */
};

/* The directory that holds the slots. */
const char *config_slots(const struct config *config);

/* The MAC that `config` should have, under the subkey KEY_VAULT. */
void config_mac(const struct config *config, const struct secret *key,
                uint8_t ret_mac[static CONFIG_MAC_BYTES]);

/*
 * Reads vault.toml of the vault `dirfd`, whose path is `directory`.
 *   -ENOENT   there is none
 *   -EBADMSG  damaged, or of an unknown version
 *   -EPERM    others may write it
 */
int config_read(int dirfd, const char *directory, struct config *ret_config, struct error *err);

/* Writes it. -EEXIST: there is one and `replace` is false. */
int config_write(const struct writer *writer, int dirfd, const struct config *config, bool replace,
                 struct error *err);

#endif
