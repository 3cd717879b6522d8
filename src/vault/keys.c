#include "vault/keys.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static_assert(crypto_kdf_KEYBYTES == VAULT_KEY_BYTES, "the root key is a crypto_kdf master key");
static_assert(crypto_box_SEEDBYTES == VAULT_KEY_BYTES, "a subkey seeds the pair");
static_assert(crypto_box_PUBLICKEYBYTES == VAULT_KEY_BYTES, "X25519");
static_assert(crypto_kdf_CONTEXTBYTES == 8, "the context below has no NUL");

static const char context[] = "envseal1";

void key_text(const uint8_t bytes[static 16], char ret_text[static VAULT_FINGERPRINT_SIZE]) {
	for (size_t i = 0; i < 16; i += 2)
		snprintf(ret_text + i / 2 * 5, 6, "%02x%02x%s", bytes[i], bytes[i + 1],
		         i + 2 < 16 ? "-" : "");
}

int key_new_root(struct secret **ret_root, struct error *err) {
	struct secret *root = NULL;
	int r = secret_new(VAULT_KEY_BYTES, &root, err);
	if (r < 0)
		return r;
	randombytes_buf(root->bytes, root->size);
	*ret_root = root;
	return 0;
}

int key_derive(const struct secret *root, enum key_use use, struct secret **ret_key,
               struct error *err) {
	cleanup_secret struct secret *key = NULL;
	if (root->size != VAULT_KEY_BYTES)
		return error_set(err, EINVAL, "the root key must have %d bytes", VAULT_KEY_BYTES);
	int r = secret_new(VAULT_KEY_BYTES, &key, err);
	if (r < 0)
		return r;
	if (crypto_kdf_derive_from_key(key->bytes, key->size, use, context, root->bytes) != 0)
		return error_set(err, EIO, "a key could not be derived");
	*ret_key = steal_pointer(key);
	return 0;
}

int key_pair(const struct secret *root, uint8_t ret_public[static VAULT_KEY_BYTES],
             struct secret **ret_private, struct error *err) {
	cleanup_secret struct secret *seed = NULL;
	cleanup_secret struct secret *private = NULL;
	uint8_t public[VAULT_KEY_BYTES];
	int r = key_derive(root, KEY_SEED, &seed, err);
	if (r < 0)
		return r;
	r = secret_new(crypto_box_SECRETKEYBYTES, &private, err);
	if (r < 0)
		return r;
	if (crypto_box_seed_keypair(public, private->bytes, seed->bytes) != 0)
		return error_set(err, EIO, "a key pair could not be derived");
	memcpy(ret_public, public, sizeof(public));
	*ret_private = steal_pointer(private);
	return 0;
}

void keys_free(struct vault_keys *keys) {
	secret_free(keys->root);
	secret_free(keys->private_key);
	*keys = (struct vault_keys){0};
}

int keys_make(struct secret **root, struct vault_keys *ret_keys, struct error *err) {
	struct vault_keys keys = {0};
	int r = key_pair(*root, keys.public_key, &keys.private_key, err);
	if (r < 0)
		return r;
	keys.root = steal_pointer(*root);
	*ret_keys = keys;
	return 0;
}
