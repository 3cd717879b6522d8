#include "policy/system.c"

#include "fuzz.h"

/* libFuzzer target of system.toml: no id that is taken is root's, or none at all. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	struct system system;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	if (size > FILE_SIZE_MAX)
		return 0;
	buffer_append(&text, bytes, size);
	MUST(!text.failed);
	if (parse(&text, "file", &system, &err) < 0) {
		MUST(strncmp(err.text, "file:", 5) == 0);
		return 0;
	}
	MUST(system.service_uid != 0 && system.service_uid != (uid_t)-1);
	MUST(system.run_gid != 0 && system.run_gid != (gid_t)-1);
	return 0;
}
