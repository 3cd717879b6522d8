#include "vault/seal.h"

#include "vault/bytes.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

static_assert(SEAL_OVERHEAD == crypto_box_SEALBYTES, "the format's overhead is libsodium's");
static_assert(SEAL_SIZE_MAX <= SECRET_SIZE_MAX, "the largest plaintext fits into a struct secret");

#define FORMAT_VERSION 1

/* Where the header's fields are. The value follows, and zeros up to a whole block. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 8,
	AT_VALUE_SIZE = 12,
	AT_CREATED = 16,
	AT_EXPIRES = 24,
	AT_NAME_SIZE = 32,
	AT_NAME = 33,
	AT_VALUE = AT_NAME + VAULT_NAME_MAX,
};
static_assert(AT_VALUE == SEAL_HEADER, "the header has no gap");

static const unsigned char magic[8] = {'e', 'n', 'v', 's', 'e', 'a', 'l', 0};

int seal_make(const uint8_t public_key[static VAULT_KEY_BYTES], const char *name,
              const struct seal_times *times, const struct secret *value, unsigned char **ret_bytes,
              size_t *ret_size, struct error *err) {
	size_t name_size = strlen(name);
	if (value->size == 0 || value->size > VAULT_VALUE_MAX)
		return error_set(err, EINVAL, "a secret has 1 to %zu bytes", VAULT_VALUE_MAX);
	if (name_size == 0 || name_size > VAULT_NAME_MAX)
		return error_set(err, EINVAL, "a secret's name has 1 to %d bytes", VAULT_NAME_MAX);
	cleanup_secret struct secret *plain = NULL;
	int r = secret_new(SEAL_PADDED(value->size), &plain, err);
	if (r < 0)
		return r;
	memcpy(plain->bytes + AT_MAGIC, magic, sizeof(magic));
	bytes_put(plain->bytes + AT_VERSION, 4, FORMAT_VERSION);
	bytes_put(plain->bytes + AT_VALUE_SIZE, 4, value->size);
	bytes_put(plain->bytes + AT_CREATED, 8, (uint64_t)times->created);
	bytes_put(plain->bytes + AT_EXPIRES, 8, (uint64_t)times->expires);
	bytes_put(plain->bytes + AT_NAME_SIZE, 1, name_size);
	memcpy(plain->bytes + AT_NAME, name, name_size);
	memcpy(plain->bytes + AT_VALUE, value->bytes, value->size);
	size_t size = plain->size + SEAL_OVERHEAD;
	cleanup_free unsigned char *sealed = malloc(size);
	if (!sealed)
		return error_errno(err, ENOMEM, "secret '%s'", name);
	if (crypto_box_seal(sealed, plain->bytes, plain->size, public_key) != 0)
		return error_set(err, EBADMSG,
		                 "the vault's public key is not usable; restore vault.toml");
	*ret_bytes = steal_pointer(sealed);
	*ret_size = size;
	return 0;
}

static bool size_possible(size_t size) {
	return size >= SEAL_SIZE_MIN && size <= SEAL_SIZE_MAX &&
	       (size - SEAL_OVERHEAD) % SEAL_BLOCK == 0;
}

static int damaged(const char *name, const char *how, struct error *err) {
	return error_set(err, EBADMSG, "secret '%s' %s; store it again", name, how);
}

/* Anybody can seal to a public key, so what comes out is as hostile as what went in. */
static int check(const struct secret *plain, const char *name, int64_t now, size_t *ret_size,
                 struct error *err) {
	const unsigned char *bytes = plain->bytes;
	if (memcmp(bytes + AT_MAGIC, magic, sizeof(magic)) != 0)
		return damaged(name, "is sealed, but is not envseal's", err);
	if (bytes_get(bytes + AT_VERSION, 4) != FORMAT_VERSION)
		return error_set(err, EBADMSG,
		                 "secret '%s' has a format that this envseal does not know; "
		                 "use a newer one",
		                 name);
	size_t size = bytes_get(bytes + AT_VALUE_SIZE, 4);
	if (size == 0 || size > VAULT_VALUE_MAX || SEAL_PADDED(size) != plain->size ||
	    !sodium_is_zero(bytes + AT_VALUE + size, plain->size - AT_VALUE - size))
		return damaged(name, "contradicts its own size", err);
	unsigned char expected[VAULT_NAME_MAX] = {0};
	memcpy(expected, name, strlen(name));
	if (bytes[AT_NAME_SIZE] != strlen(name) ||
	    memcmp(bytes + AT_NAME, expected, sizeof(expected)))
		return damaged(name, "was sealed under another name: its file was moved or copied",
		               err);
	int64_t expires = (int64_t)bytes_get(bytes + AT_EXPIRES, 8);
	if (expires != 0 && now >= expires)
		return error_set(err, EKEYEXPIRED, "secret '%s' has expired; store a new one",
		                 name);
	*ret_size = size;
	return 0;
}

int seal_open(const uint8_t public_key[static VAULT_KEY_BYTES], const struct secret *private_key,
              const char *name, int64_t now, const unsigned char *bytes, size_t size,
              struct secret **ret_value, struct error *err) {
	if (!size_possible(size))
		return damaged(name, "is damaged: its file is not as long as a sealed file can be",
		               err);
	cleanup_secret struct secret *plain = NULL;
	int r = secret_new(size - SEAL_OVERHEAD, &plain, err);
	if (r < 0)
		return r;
	if (crypto_box_seal_open(plain->bytes, bytes, size, public_key, private_key->bytes) != 0)
		return damaged(name, "is damaged, or sealed to another vault's key", err);
	size_t value_size = 0;
	r = check(plain, name, now, &value_size, err);
	if (r < 0)
		return r;
	/* In its place: another guarded allocation costs a dozen system calls. All of this one is wiped. */
	memmove(plain->bytes, plain->bytes + AT_VALUE, value_size);
	sodium_memzero(plain->bytes + value_size, plain->size - value_size);
	plain->size = value_size;
	*ret_value = steal_pointer(plain);
	return 0;
}
