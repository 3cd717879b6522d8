#include "vault/vault.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

/*
 * 256 bits of key and 24 of checksum make 56 digits of 5 bits, in groups of four. The alphabet is
 * Crockford's base 32, which has no I, L, O or U, so that a key read from paper is typed correctly.
 */
#define SUM_BYTES 3
#define DIGITS ((VAULT_KEY_BYTES + SUM_BYTES) * 8 / 5)
#define GROUP 4
static_assert(DIGITS + DIGITS / GROUP == VAULT_RECOVERY_SIZE, "digits, and one mark a group");

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void add_sum(unsigned char *bytes) {
	unsigned char sum[32];
	crypto_generichash(sum, sizeof(sum), bytes, VAULT_KEY_BYTES, NULL, 0);
	memcpy(bytes + VAULT_KEY_BYTES, sum, SUM_BYTES);
}

static unsigned int digit_at(const unsigned char *bytes, size_t index) {
	unsigned int value = 0;
	for (size_t bit = index * 5; bit < index * 5 + 5; bit++)
		value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
	return value;
}

int vault_recovery_format(const struct secret *key, struct secret **ret_text, struct error *err) {
	cleanup_secret struct secret *bytes = NULL;
	cleanup_secret struct secret *text = NULL;
	int r = secret_new(VAULT_KEY_BYTES + SUM_BYTES, &bytes, err);
	if (r < 0)
		return r;
	r = secret_new(VAULT_RECOVERY_SIZE, &text, err);
	if (r < 0)
		return r;
	memcpy(bytes->bytes, key->bytes, VAULT_KEY_BYTES);
	add_sum(bytes->bytes);
	unsigned char *at = text->bytes;
	for (size_t i = 0; i < DIGITS; i++) {
		*at++ = (unsigned char)alphabet[digit_at(bytes->bytes, i)];
		if (i % GROUP == GROUP - 1)
			*at++ = i == DIGITS - 1 ? '\n' : '-';
	}
	*ret_text = steal_pointer(text);
	return 0;
}

/* -1: not a digit. Letters that look like a digit count as that digit. */
static int value_of(unsigned char c) {
	if (c >= 'a' && c <= 'z')
		c = (unsigned char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *found = c ? strchr(alphabet, c) : NULL;
	return found ? (int)(found - alphabet) : -1;
}

static bool is_mark(unsigned char c) {
	return c == '-' || c == ' ' || c == '\n' || c == '\t';
}

static int not_one(struct error *err) {
	return error_set(err, EINVAL, "this is not a recovery key, or it is mistyped");
}

static int decode(const struct secret *text, unsigned char *bytes, struct error *err) {
	size_t digits = 0;
	for (size_t i = 0; i < text->size; i++) {
		int value = value_of(text->bytes[i]);
		if (is_mark(text->bytes[i]))
			continue;
		if (value < 0 || digits == DIGITS)
			return not_one(err);
		for (size_t bit = 0; bit < 5; bit++) {
			size_t at = digits * 5 + bit;
			unsigned int set = (unsigned int)value >> (4 - bit) & 1;
			bytes[at / 8] = (unsigned char)(bytes[at / 8] | set << (7 - at % 8));
		}
		digits++;
	}
	return digits == DIGITS ? 0 : not_one(err);
}

int vault_recovery_parse(const struct secret *text, struct secret **ret_key, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	unsigned char typed[SUM_BYTES];
	int r = secret_new(VAULT_KEY_BYTES + SUM_BYTES, &key, err);
	if (r < 0)
		return r;
	r = decode(text, key->bytes, err);
	if (r < 0)
		return r;
	memcpy(typed, key->bytes + VAULT_KEY_BYTES, SUM_BYTES);
	add_sum(key->bytes);
	if (memcmp(typed, key->bytes + VAULT_KEY_BYTES, SUM_BYTES) != 0)
		return not_one(err);
	key->size = VAULT_KEY_BYTES;
	*ret_key = steal_pointer(key);
	return 0;
}
