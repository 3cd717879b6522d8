#include "policy/minisign.h"

#include "util/cleanup.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ALGORITHM_BYTES 2
#define HASH_BYTES 64
#define COMMENT_MAX ((size_t)8192)

/* The second line of both files: the algorithm and the key's id, then the key or the signature. */
#define KEY_LINE_BYTES (ALGORITHM_BYTES + MINISIGN_ID_BYTES + 32)
#define SIGNATURE_LINE_BYTES (ALGORITHM_BYTES + MINISIGN_ID_BYTES + 64)

_Static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_BYTES == 64, "Ed25519's sizes");

static const char untrusted[] = "untrusted comment: ";
static const char trusted[] = "trusted comment: ";

struct line {
	const char *bytes;
	size_t size;
};

/* Stops after one line more than `max`. */
static size_t split(const char *text, size_t size, struct line lines[], size_t max) {
	size_t count = 0;
	while (size > 0 && count < max) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;
		lines[count++] = (struct line){text, length};
		size_t used = length + (end ? 1 : 0);
		text += used;
		size -= used;
	}
	return size > 0 ? max + 1 : count;
}

/* Comments are shown to people and split at tabs, so no other control character is accepted. */
static bool is_text(const struct line *line) {
	for (size_t i = 0; i < line->size; i++) {
		unsigned char c = (unsigned char)line->bytes[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return line->size <= COMMENT_MAX;
}

static int wrong(unsigned int line, const char *what, struct error *err) {
	return error_set(err, EBADMSG, "line %u is not %s", line, what);
}

static int take_comment(const struct line *line, unsigned int number, const char *prefix,
                        struct line *ret_comment, struct error *err) {
	size_t length = strlen(prefix);
	if (line->size < length || memcmp(line->bytes, prefix, length) != 0 || !is_text(line))
		return error_set(err, EBADMSG,
		                 "line %u is not '%s' and at most 8192 printable bytes", number,
		                 prefix);
	*ret_comment = (struct line){line->bytes + length, line->size - length};
	return 0;
}

/*
 * Exactly `size` bytes, in the one canonical spelling: libsodium's decoder accepts some bytes above
 * 127 as letters, so the result is encoded again and compared.
 */
static bool take_base64(const struct line *line, uint8_t *bytes, size_t size) {
	char again[sodium_base64_ENCODED_LEN(SIGNATURE_LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	size_t got = 0;
	if (sodium_base642bin(bytes, size, line->bytes, line->size, NULL, &got, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) < 0 ||
	    got != size)
		return false;
	sodium_bin2base64(again, sizeof(again), bytes, size, sodium_base64_VARIANT_ORIGINAL);
	return strlen(again) == line->size && memcmp(again, line->bytes, line->size) == 0;
}

int minisign_key_parse(const char *text, size_t size, struct minisign_key *ret_key,
                       struct error *err) {
	struct line lines[2], comment;
	uint8_t bytes[KEY_LINE_BYTES];
	if (split(text, size, lines, 2) != 2)
		return error_set(err, EBADMSG, "not the two lines of a minisign public key");
	int r = take_comment(&lines[0], 1, untrusted, &comment, err);
	if (r < 0)
		return r;
	if (!take_base64(&lines[1], bytes, sizeof(bytes)) || memcmp(bytes, "Ed", 2) != 0)
		return wrong(2, "a minisign public key", err);
	memcpy(ret_key->id, bytes + ALGORITHM_BYTES, sizeof(ret_key->id));
	memcpy(ret_key->bytes, bytes + ALGORITHM_BYTES + MINISIGN_ID_BYTES, sizeof(ret_key->bytes));
	return 0;
}

static int take_signature(const struct line *line, struct minisign_signature *signature,
                          struct error *err) {
	uint8_t bytes[SIGNATURE_LINE_BYTES];
	if (!take_base64(line, bytes, sizeof(bytes)))
		return wrong(2, "a minisign signature", err);
	signature->prehashed = memcmp(bytes, "ED", 2) == 0;
	if (!signature->prehashed && memcmp(bytes, "Ed", 2) != 0)
		return wrong(2, "a signature by a known algorithm (Ed or ED)", err);
	memcpy(signature->id, bytes + ALGORITHM_BYTES, sizeof(signature->id));
	memcpy(signature->bytes, bytes + ALGORITHM_BYTES + MINISIGN_ID_BYTES,
	       sizeof(signature->bytes));
	return 0;
}

int minisign_signature_parse(const char *text, size_t size,
                             struct minisign_signature *ret_signature, struct error *err) {
	struct minisign_signature signature = {0};
	struct line lines[4], comment;
	if (split(text, size, lines, 4) != 4)
		return error_set(err, EBADMSG, "not the four lines of a minisign signature");
	int r = take_comment(&lines[0], 1, untrusted, &comment, err);
	if (r < 0)
		return r;
	r = take_signature(&lines[1], &signature, err);
	if (r < 0)
		return r;
	r = take_comment(&lines[2], 3, trusted, &comment, err);
	if (r < 0)
		return r;
	if (!take_base64(&lines[3], signature.global, sizeof(signature.global)))
		return wrong(4, "a signature of the trusted comment", err);
	signature.comment = comment.bytes;
	signature.comment_size = comment.size;
	*ret_signature = signature;
	return 0;
}

/*
 * The signature does not cover the algorithm's name. It could be replaced by the other only if the
 * key had signed 64 bytes that are the hash of another file, which no policy and no pin file is.
 */
static bool verify_message(const struct minisign_key *key,
                           const struct minisign_signature *signature, const void *message,
                           size_t size) {
	uint8_t hash[HASH_BYTES];
	if (!signature->prehashed)
		return crypto_sign_verify_detached(signature->bytes, message, size, key->bytes) ==
		       0;
	return crypto_generichash(hash, sizeof(hash), message, size, NULL, 0) == 0 &&
	       crypto_sign_verify_detached(signature->bytes, hash, sizeof(hash), key->bytes) == 0;
}

static bool verify_comment(const struct minisign_key *key,
                           const struct minisign_signature *signature) {
	uint8_t message[sizeof(signature->bytes) + COMMENT_MAX];
	memcpy(message, signature->bytes, sizeof(signature->bytes));
	memcpy(message + sizeof(signature->bytes), signature->comment, signature->comment_size);
	return crypto_sign_verify_detached(signature->global, message,
	                                   sizeof(signature->bytes) + signature->comment_size,
	                                   key->bytes) == 0;
}

int minisign_verify(const struct minisign_key *key, const struct minisign_signature *signature,
                    const void *message, size_t size, struct error *err) {
	if (!verify_message(key, signature, message, size))
		return error_set(err, EKEYREJECTED, "does not sign this content");
	if (!verify_comment(key, signature))
		return error_set(err, EKEYREJECTED, "has a trusted comment that was not signed");
	return 0;
}

const char *minisign_field(const struct minisign_signature *signature, const char *name,
                           size_t *ret_size) {
	const char *found = NULL, *at = signature->comment;
	const char *end = at + signature->comment_size;
	size_t length = strlen(name);
	while (at < end) {
		const char *tab = memchr(at, '\t', (size_t)(end - at));
		const char *stop = tab ? tab : end;
		if ((size_t)(stop - at) > length && memcmp(at, name, length) == 0 &&
		    at[length] == ':') {
			if (found)
				return NULL;
			found = at + length + 1;
			*ret_size = (size_t)(stop - found);
		}
		at = tab ? tab + 1 : end;
	}
	return found;
}

void minisign_id_format(const uint8_t id[static MINISIGN_ID_BYTES],
                        char text[static MINISIGN_ID_TEXT]) {
	for (size_t i = 0; i < MINISIGN_ID_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02X", id[MINISIGN_ID_BYTES - 1 - i]);
}
