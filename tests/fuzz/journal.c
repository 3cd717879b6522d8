#include "vault/journal.c"

#include "fuzz.h"

/*
 * libFuzzer target of a vault's journal, whose sum has no key: with an odd first byte it is put
 * right.
 */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct step step;
	struct error err;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	const size_t head = strlen(TITLE) + SUM_HEX + 1;
	if (size < 1 || sodium_init() < 0)
		return 0;
	buffer_append(&text, bytes + 1, size - 1);
	MUST(!text.failed);
	if (bytes[0] % 2 && text.size >= head) {
		char hex[SUM_HEX + 1];
		sum(text.bytes + head, text.size - head, hex);
		memcpy(text.bytes, TITLE, strlen(TITLE));
		memcpy(text.bytes + strlen(TITLE), hex, SUM_HEX);
	}
	const char *at = check_journal(&text);
	MUST(!at || (at >= text.bytes && at <= text.bytes + text.size));
	for (const char *end; at && (end = strchr(at, '\n')); at = end + 1) {
		if (!step_parse(at, (size_t)(end - at), &step))
			continue;
		MUST(vault_name_check(step.name, &err) == 0 &&
		     vault_name_check(step.second, &err) == 0);
		MUST(strlen(step.sum) <= SUM_HEX);
	}
	return 0;
}
