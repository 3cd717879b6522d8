#ifndef ENVSEAL_VAULT_KEYS_H
#define ENVSEAL_VAULT_KEYS_H

#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"

#include <stdint.h>

/* One root key, and what crypto_kdf (libsodium) derives from it. The numbers are the format. */
enum key_use {
	KEY_SEED = 1,        /* of the X25519 pair that secrets are sealed to */
	KEY_APPROVAL = 2,    /* MAC of approvals */
	KEY_VAULT = 3,       /* MAC of vault.toml */
	KEY_AUDIT = 4,       /* MAC of audit records */
	KEY_FINGERPRINT = 5, /* of values' fingerprints */
	KEY_RETIRED = 6,     /* encrypts the old root key while it is being replaced */
};

/* 16 bytes in the form that people compare: "xxxx-xxxx-...". */
void key_text(const uint8_t bytes[static 16], char ret_text[static VAULT_FINGERPRINT_SIZE]);

/* 32 random bytes. The caller frees, here and below. */
int key_new_root(struct secret **ret_root, struct error *err);

int key_derive(const struct secret *root, enum key_use use, struct secret **ret_key,
               struct error *err);

/* The X25519 pair. */
int key_pair(const struct secret *root, uint8_t ret_public[static VAULT_KEY_BYTES],
             struct secret **ret_private, struct error *err);

/* A root key and the X25519 pair that comes from it. */
struct vault_keys {
	struct secret *root; /* NULL while locked */
	struct secret *private_key;
	uint8_t public_key[VAULT_KEY_BYTES];
};

void keys_free(struct vault_keys *keys);
#define cleanup_keys __attribute__((cleanup(keys_free)))

/* The pair of a root key. Takes `*root` over when it succeeds. */
int keys_make(struct secret **root, struct vault_keys *ret_keys, struct error *err);

#endif
