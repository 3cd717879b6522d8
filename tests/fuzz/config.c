#include "vault/config.c"

#include "fuzz.h"

/* libFuzzer target of vault.toml. What is refused says where; a MAC is never echoed. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	struct config config;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	if (size > FILE_SIZE_MAX || sodium_init() < 0)
		return 0;
	buffer_append(&text, bytes, size);
	MUST(!text.failed);
	if (parse(&text, "file", &config, &err) < 0) {
		MUST(strncmp(err.text, "file:", 5) == 0);
		return 0;
	}
	MUST(strcmp(config_slots(&config), config.retiring ? LAYOUT_SLOTS_NEXT : LAYOUT_SLOTS) ==
	     0);
	return 0;
}
