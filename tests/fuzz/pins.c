#include "policy/find.c"

#include "fuzz.h"

/*
 * libFuzzer target of pin files: each hash that comes out stands in the file, at the start of a
 * line.
 */

static void check_hash(const struct pin_hash *hash, const uint8_t *bytes, size_t size) {
	char text[PIN_HASH_TEXT_MAX];
	struct pin_hash again;
	pin_hash_format(hash, text);
	MUST(pin_hash_parse(text, &again) == 0 &&
	     memcmp(again.digest, hash->digest, PIN_DIGEST_BYTES) == 0);
	MUST(memmem(bytes, size, text, strlen(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	struct policy_hashes hashes = {0};
	cleanup_buffer struct buffer text = BUFFER_INIT;
	buffer_append(&text, bytes, size);
	MUST(!text.failed);
	if (parse_pins(&text, "file", &hashes, &err) < 0)
		MUST(strstr(err.text, "file"));
	MUST(hashes.count <= PINS_MAX);
	for (size_t i = 0; i < hashes.count; i++)
		check_hash(&hashes.items[i], bytes, size);
	free(hashes.items);
	return 0;
}
