#include "pin/pin.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

_Static_assert(PIN_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256 has 32 bytes");

/* Large enough that hashing, not read(2), is what takes the time. */
#define CHUNK ((size_t)128 * 1024)

union hash_state {
	crypto_generichash_state blake2b;
	crypto_hash_sha256_state sha256;
};

static void blake2b_init(union hash_state *state) {
	crypto_generichash_init(&state->blake2b, NULL, 0, PIN_DIGEST_BYTES);
}

static void blake2b_update(union hash_state *state, const uint8_t *bytes, size_t size) {
	crypto_generichash_update(&state->blake2b, bytes, size);
}

static void blake2b_final(union hash_state *state, uint8_t *digest) {
	crypto_generichash_final(&state->blake2b, digest, PIN_DIGEST_BYTES);
}

static void sha256_init(union hash_state *state) {
	crypto_hash_sha256_init(&state->sha256);
}

static void sha256_update(union hash_state *state, const uint8_t *bytes, size_t size) {
	crypto_hash_sha256_update(&state->sha256, bytes, size);
}

static void sha256_final(union hash_state *state, uint8_t *digest) {
	crypto_hash_sha256_final(&state->sha256, digest);
}

static const struct algorithm {
	const char *name;
	void (*init)(union hash_state *state);
	void (*update)(union hash_state *state, const uint8_t *bytes, size_t size);
	void (*final)(union hash_state *state, uint8_t *digest);
} algorithms[] = {
	[PIN_BLAKE2B_256] = {"blake2b-256", blake2b_init, blake2b_update, blake2b_final},
	[PIN_SHA256] = {"sha256", sha256_init, sha256_update, sha256_final},
};

const char *pin_algorithm_name(enum pin_algorithm algorithm) {
	return (size_t)algorithm < ARRAY_SIZE(algorithms) ? algorithms[algorithm].name : NULL;
}

int pin_algorithm_parse(const char *name, enum pin_algorithm *ret_algorithm) {
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
		if (strcmp(name, algorithms[i].name) == 0) {
			*ret_algorithm = (enum pin_algorithm)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* sodium_hex2bin takes capitals as well; a hash has one spelling, so that text can be compared. */
static bool is_lower_hex(const char *text) {
	return strlen(text) == 2 * PIN_DIGEST_BYTES &&
	       strspn(text, "0123456789abcdef") == strlen(text);
}

int pin_hash_parse(const char *text, struct pin_hash *ret_hash) {
	const char *colon = strchr(text, ':');
	char name[16];
	struct pin_hash hash;
	if (!colon || (size_t)(colon - text) >= sizeof(name) || !is_lower_hex(colon + 1))
		return -EINVAL;
	memcpy(name, text, (size_t)(colon - text));
	name[colon - text] = '\0';
	if (pin_algorithm_parse(name, &hash.algorithm) < 0)
		return -EINVAL;
	if (sodium_hex2bin(hash.digest, sizeof(hash.digest), colon + 1, 2 * PIN_DIGEST_BYTES, NULL,
	                   NULL, NULL) != 0)
		return -EINVAL;
	*ret_hash = hash;
	return 0;
}

void pin_hash_format(const struct pin_hash *hash, char ret_text[static PIN_HASH_TEXT_MAX]) {
	const char *name = pin_algorithm_name(hash->algorithm);
	size_t length = strlen(name);
	memcpy(ret_text, name, length);
	ret_text[length] = ':';
	sodium_bin2hex(ret_text + length + 1, PIN_HASH_TEXT_MAX - length - 1, hash->digest,
	               sizeof(hash->digest));
}

int pin_hash_fd(int fd, enum pin_algorithm algorithm, struct pin_hash *ret_hash,
                struct error *err) {
	const struct algorithm *hash = &algorithms[algorithm];
	union hash_state state;
	cleanup_free uint8_t *chunk = malloc(CHUNK);
	if (!chunk)
		return error_errno(err, ENOMEM, "cannot hash");
	hash->init(&state);
	for (off_t offset = 0;;) {
		ssize_t n = pread(fd, chunk, CHUNK, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, errno, "cannot hash");
		if (n == 0)
			break;
		hash->update(&state, chunk, (size_t)n);
		offset += n;
	}
	ret_hash->algorithm = algorithm;
	hash->final(&state, ret_hash->digest);
	return 0;
}
