#include "vault/seal.h"

#include "vault/bytes.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

static_assert(SEAL_OVERHEAD == SEAL_LABEL + crypto_box_SEALBYTES, "the overhead is libsodium's");
static_assert(SEAL_SIZE_MAX <= SECRET_SIZE_MAX, "the largest plaintext fits into a struct secret");

#define FORMAT_VERSION 1

/* Offsets in the plaintext. The value follows, then zeros up to a whole block. */
enum {
	AT_MAGIC = 0,
	AT_FORMAT = 8,
	AT_VALUE_SIZE = 12,
	AT_CREATED = 16,
	AT_EXPIRES = 24,
	AT_NAME_SIZE = 32,
	AT_NAME = 33,
	AT_VALUE = AT_NAME + VAULT_NAME_MAX,
};
static_assert(AT_VALUE == SEAL_HEADER, "the header has no gap");

/* Offsets in the label. Magic, format and times are where they are in the plaintext. */
enum {
	AT_LABEL_VERSION = 12,
	AT_LABEL_SUM = 32,
	LABEL_SUM_SIZE = 32,
};
static_assert(AT_LABEL_SUM + LABEL_SUM_SIZE == SEAL_LABEL, "the label has no gap");

static const unsigned char magic[8] = {'e', 'n', 'v', 's', 'e', 'a', 'l', 0};

void seal_bytes_free(struct seal_bytes *sealed) {
	free(sealed->bytes);
	*sealed = (struct seal_bytes){0};
}

/* Without a key: detects damage, and a file that was moved, before anything is opened. */
static void label_sum(const char *name, const unsigned char *label,
                      unsigned char ret_sum[static LABEL_SUM_SIZE]) {
	unsigned char input[AT_LABEL_SUM + VAULT_NAME_MAX];
	size_t size = strnlen(name, VAULT_NAME_MAX);
	memcpy(input, label, AT_LABEL_SUM);
	memcpy(input + AT_LABEL_SUM, name, size);
	crypto_generichash(ret_sum, LABEL_SUM_SIZE, input, AT_LABEL_SUM + size, NULL, 0);
}

void seal_label_renumber(const char *name, uint32_t version, unsigned char *bytes) {
	bytes_put(bytes + AT_LABEL_VERSION, 4, version);
	label_sum(name, bytes, bytes + AT_LABEL_SUM);
}

static void put_common(unsigned char *bytes, const struct seal_label *label) {
	memcpy(bytes + AT_MAGIC, magic, sizeof(magic));
	bytes_put(bytes + AT_FORMAT, 4, FORMAT_VERSION);
	bytes_put(bytes + AT_CREATED, 8, (uint64_t)label->created);
	bytes_put(bytes + AT_EXPIRES, 8, (uint64_t)label->expires);
}

static int make_plain(const char *name, const struct seal_label *label, const struct secret *value,
                      struct secret **ret_plain, struct error *err) {
	cleanup_secret struct secret *plain = NULL;
	size_t name_size = strlen(name);
	int r = secret_new(SEAL_PADDED(value->size), &plain, err);
	if (r < 0)
		return r;
	put_common(plain->bytes, label);
	bytes_put(plain->bytes + AT_VALUE_SIZE, 4, value->size);
	bytes_put(plain->bytes + AT_NAME_SIZE, 1, name_size);
	memcpy(plain->bytes + AT_NAME, name, name_size);
	memcpy(plain->bytes + AT_VALUE, value->bytes, value->size);
	*ret_plain = steal_pointer(plain);
	return 0;
}

int seal_make(const uint8_t public_key[static VAULT_KEY_BYTES], const char *name,
              const struct seal_label *label, const struct secret *value,
              struct seal_bytes *ret_sealed, struct error *err) {
	if (value->size == 0 || value->size > VAULT_VALUE_MAX)
		return error_set(err, EINVAL, "a secret has 1 to %zu bytes", VAULT_VALUE_MAX);
	size_t name_size = strlen(name);
	if (name_size == 0 || name_size > VAULT_NAME_MAX)
		return error_set(err, EINVAL, "a secret's name has 1 to %d bytes", VAULT_NAME_MAX);
	cleanup_secret struct secret *plain = NULL;
	int r = make_plain(name, label, value, &plain, err);
	if (r < 0)
		return r;
	size_t size = plain->size + SEAL_OVERHEAD;
	cleanup_free unsigned char *sealed = malloc(size);
	if (!sealed)
		return error_errno(err, ENOMEM, "secret '%s'", name);
	put_common(sealed, label);
	seal_label_renumber(name, label->version, sealed);
	if (crypto_box_seal(sealed + SEAL_LABEL, plain->bytes, plain->size, public_key) != 0)
		return error_set(err, EBADMSG,
		                 "the vault's public key is not usable; restore vault.toml");
	*ret_sealed = (struct seal_bytes){steal_pointer(sealed), size};
	return 0;
}

bool seal_size_possible(size_t size) {
	return size >= SEAL_SIZE_MIN && size <= SEAL_SIZE_MAX &&
	       (size - SEAL_OVERHEAD) % SEAL_BLOCK == 0;
}

static int damaged(const char *name, const char *how, struct error *err) {
	return error_set(err, EBADMSG, "secret '%s' %s; store it again", name, how);
}

static int check_format(const char *name, const unsigned char *bytes, struct error *err) {
	if (memcmp(bytes + AT_MAGIC, magic, sizeof(magic)) != 0)
		return damaged(name, "is damaged, or its file is not envseal's", err);
	if (bytes_get(bytes + AT_FORMAT, 4) != FORMAT_VERSION)
		return error_set(err, EBADMSG,
		                 "secret '%s' has a format that this envseal does not know; "
		                 "use a newer one",
		                 name);
	return 0;
}

int seal_label_read(const char *name, const unsigned char *bytes, size_t size,
                    struct seal_label *ret_label, struct error *err) {
	unsigned char sum[LABEL_SUM_SIZE];
	if (size < SEAL_LABEL)
		return damaged(name, "is damaged: its file is too short", err);
	int r = check_format(name, bytes, err);
	if (r < 0)
		return r;
	label_sum(name, bytes, sum);
	if (memcmp(sum, bytes + AT_LABEL_SUM, sizeof(sum)) != 0)
		return damaged(name,
		               "has a damaged label, or that of another name: its file was moved",
		               err);
	*ret_label = (struct seal_label){
		.version = (uint32_t)bytes_get(bytes + AT_LABEL_VERSION, 4),
		.created = (int64_t)bytes_get(bytes + AT_CREATED, 8),
		.expires = (int64_t)bytes_get(bytes + AT_EXPIRES, 8),
	};
	return 0;
}

/* Anybody can seal to a public key, so the plaintext is untrusted input. */
static int check_plain(const struct secret *plain, const char *name, const struct seal_label *label,
                       size_t *ret_size, struct error *err) {
	const unsigned char *bytes = plain->bytes;
	int r = check_format(name, bytes, err);
	if (r < 0)
		return r;
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
	if ((int64_t)bytes_get(bytes + AT_CREATED, 8) != label->created ||
	    (int64_t)bytes_get(bytes + AT_EXPIRES, 8) != label->expires)
		return damaged(name, "has a label that was altered", err);
	*ret_size = size;
	return 0;
}

int seal_check_expiry(const char *name, int64_t expires, int64_t now, struct error *err) {
	char day[sizeof("YYYY-MM-DD")] = "";
	struct tm tm;
	time_t at = (time_t)expires;
	if (expires == 0 || now < expires)
		return 0;
	if (gmtime_r(&at, &tm))
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	return error_set(
		err, EKEYEXPIRED,
		"secret '%s' has expired (%s); store a new value: envseal store --force %s", name,
		day, name);
}

static int open_plain(const uint8_t public_key[static VAULT_KEY_BYTES],
                      const struct secret *private_key, const char *name,
                      const unsigned char *bytes, size_t size, struct secret **ret_plain,
                      struct error *err) {
	cleanup_secret struct secret *plain = NULL;
	int r = secret_new(size - SEAL_OVERHEAD, &plain, err);
	if (r < 0)
		return r;
	if (crypto_box_seal_open(plain->bytes, bytes + SEAL_LABEL, size - SEAL_LABEL, public_key,
	                         private_key->bytes) != 0)
		return damaged(name, "is damaged, or sealed to another vault's key", err);
	*ret_plain = steal_pointer(plain);
	return 0;
}

int seal_open(const uint8_t public_key[static VAULT_KEY_BYTES], const struct secret *private_key,
              const char *name, int64_t now, const unsigned char *bytes, size_t size,
              struct secret **ret_value, struct error *err) {
	struct seal_label label;
	size_t value_size = 0;
	cleanup_secret struct secret *plain = NULL;
	if (!seal_size_possible(size))
		return damaged(name, "is damaged: no sealed file has that length", err);
	int r = seal_label_read(name, bytes, size, &label, err);
	if (r < 0)
		return r;
	r = open_plain(public_key, private_key, name, bytes, size, &plain, err);
	if (r < 0)
		return r;
	r = check_plain(plain, name, &label, &value_size, err);
	if (r < 0)
		return r;
	r = seal_check_expiry(name, label.expires, now, err);
	if (r < 0)
		return r;
	/*
	 * Moved within the same memory: another guarded allocation costs a dozen system calls. The
	 * rest of the memory is wiped.
	 */
	memmove(plain->bytes, plain->bytes + AT_VALUE, value_size);
	sodium_memzero(plain->bytes + value_size, plain->size - value_size);
	plain->size = value_size;
	*ret_value = steal_pointer(plain);
	return 0;
}
