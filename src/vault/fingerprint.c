#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/keys.h"

#include <errno.h>
#include <sodium.h>

static const unsigned char domain[] = "envseal fingerprint 1";

/* BLAKE2b of the value under a key that only the vault has. */
static int by_vault(const struct vault *vault, const struct secret *value, uint8_t ret_digest[16],
                    struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = key_derive(vault->now->keys.root, KEY_FINGERPRINT, &key, err);
	if (r < 0)
		return r;
	crypto_generichash(ret_digest, 16, value->bytes, value->size, key->bytes, key->size);
	return 0;
}

/* The phrase is a salt that others do not know. Each guess of the value costs one Argon2id. */
static int by_phrase(const struct secret *phrase, const struct secret *value,
                     uint8_t ret_digest[16], struct error *err) {
	cleanup_secret struct secret *digest = NULL;
	unsigned char salt[crypto_pwhash_SALTBYTES];
	int r = secret_new(crypto_generichash_BYTES_MAX, &digest, err);
	if (r < 0)
		return r;
	crypto_generichash(digest->bytes, digest->size, value->bytes, value->size, domain,
	                   sizeof(domain));
	crypto_generichash(salt, sizeof(salt), phrase->bytes, phrase->size, domain, sizeof(domain));
	if (crypto_pwhash(ret_digest, 16, (const char *)digest->bytes, digest->size, salt,
	                  crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE,
	                  crypto_pwhash_ALG_ARGON2ID13) != 0)
		r = error_set(err, ENOMEM, "Argon2id needs %u MiB of memory; free some",
		              (unsigned int)(crypto_pwhash_MEMLIMIT_MODERATE >> 20));
	sodium_memzero(salt, sizeof(salt));
	return r;
}

int vault_value_fingerprint(const struct vault *vault, const char *name,
                            const struct secret *phrase,
                            char ret_text[static VAULT_FINGERPRINT_SIZE], struct error *err) {
	cleanup_secret struct secret *value = NULL;
	uint8_t digest[16];
	int r = vault_unseal(vault, name, &value, err);
	if (r < 0)
		return r;
	r = phrase ? by_phrase(phrase, value, digest, err) : by_vault(vault, value, digest, err);
	if (r < 0)
		return r;
	key_text(digest, ret_text);
	return 0;
}
