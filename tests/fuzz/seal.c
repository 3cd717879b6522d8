#include "vault/seal.h"

#include "fuzz.h"
#include "vault/bytes.h"
#include "vault/names.h"

#include <sodium.h>

/*
 * libFuzzer target of sealed files. The first byte says how far the rest gets: as it is; with a
 * label's sum that fits; or as a plaintext that is sealed properly, for anybody can do that who
 * knows the public key.
 */

#define NAME "github/token"

enum { AS_IT_IS, GOOD_LABEL, SEALED, WAYS };

static uint8_t public_key[VAULT_KEY_BYTES];
static struct secret *private_key;

static void make_keys(void) {
	static const uint8_t seed[crypto_box_SEEDBYTES] = {1};
	uint8_t bytes[VAULT_KEY_BYTES];
	struct error err;
	MUST(sodium_init() >= 0);
	MUST(crypto_box_seed_keypair(public_key, bytes, seed) == 0);
	MUST(secret_from_bytes(bytes, sizeof(bytes), &private_key, &err) == 0);
}

/* Whole blocks, and the label taken from the plaintext, as an honest writer would. */
static size_t seal(const uint8_t *bytes, size_t size, unsigned char *ret_sealed) {
	static unsigned char plain[SEAL_PADDED(4096)];
	size_t whole = SEAL_PADDED(size > SEAL_HEADER ? size - SEAL_HEADER : 1);
	memset(plain, 0, sizeof(plain));
	memcpy(plain, bytes, size);
	memcpy(plain, "envseal", 8);
	bytes_put(plain + 8, 4, 1);
	memcpy(ret_sealed, plain, SEAL_LABEL);
	seal_label_renumber(NAME, 1, ret_sealed);
	MUST(crypto_box_seal(ret_sealed + SEAL_LABEL, plain, whole, public_key) == 0);
	return whole + SEAL_OVERHEAD;
}

static void check_value(const struct secret *value, size_t size) {
	static unsigned char copy[SEAL_PADDED(4096)];
	MUST(value->size > 0 && value->size < size);
	memcpy(copy, value->bytes, value->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	struct seal_label label;
	cleanup_secret struct secret *value = NULL;
	if (!private_key)
		make_keys();
	if (size < 1 || size > 4096)
		return 0;
	int way = *bytes++ % WAYS;
	size--;
	/* Exactly as large as needed, so that a look behind the end is seen. */
	size_t room = way == SEALED ? SEAL_PADDED(size > SEAL_HEADER ? size - SEAL_HEADER : 1) +
	                                      SEAL_OVERHEAD
	                            : size;
	unsigned char *sealed = malloc(room ? room : 1);
	MUST(sealed);
	memcpy(sealed, bytes, way == SEALED ? 0 : size);
	if (way == GOOD_LABEL && size >= SEAL_LABEL)
		seal_label_renumber(NAME, 1, sealed);
	if (way == SEALED)
		MUST(seal(bytes, size, sealed) == room);
	if (seal_label_read(NAME, sealed, room, &label, &err) < 0)
		MUST(strstr(err.text, NAME));
	if (seal_open(public_key, private_key, NAME, 0, sealed, room, &value, &err) == 0)
		check_value(value, room);
	else
		MUST(!value && strstr(err.text, NAME));
	MUST(way == SEALED || !value);
	free(sealed);
	return 0;
}
