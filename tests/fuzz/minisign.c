#include "policy/minisign.h"

#include "fuzz.h"

/*
 * libFuzzer target of minisign's two formats: the same bytes as a key and as a signature. What is
 * taken for a signature has a comment within the text, and no key ever verifies it, for none signed
 * anything here.
 */

static void check_signature(const struct minisign_signature *signature, const char *text,
                            size_t size) {
	static const struct minisign_key key = {.bytes = {1, 2, 3}};
	struct error err = {0};
	size_t length = 0;
	MUST(signature->comment >= text && signature->comment_size <= size);
	MUST((size_t)(signature->comment - text) + signature->comment_size <= size);
	const char *file = minisign_field(signature, "file", &length);
	MUST(!file || (file >= signature->comment &&
	               file + length <= signature->comment + signature->comment_size));
	MUST(minisign_verify(&key, signature, "content", 7, &err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	/* A copy of exactly this size, so that a look behind its end is seen. */
	char *text = malloc(size ? size : 1);
	struct error err = {0};
	struct minisign_key key;
	struct minisign_signature signature;
	if (!text)
		return 0;
	memcpy(text, bytes, size);
	if (minisign_key_parse(text, size, &key, &err) < 0)
		MUST(err.text[0] != '\0');
	if (minisign_signature_parse(text, size, &signature, &err) == 0)
		check_signature(&signature, text, size);
	free(text);
	return 0;
}
