#include "sandbox/environment.h"

#include "fuzz.h"
#include "util/syscalls.h"

#include <unistd.h>

/* libFuzzer target of what comes down the environment's pipe: counts first, then strings and files. */

#define FIRST_FREE 50 /* libFuzzer's own descriptors are below, the files' above */

static void check_environment(char **envp, const uint8_t *counts) {
	size_t n = 0;
	while (envp[n])
		MUST(memchr(envp[n], '\0', SANDBOX_ENVIRONMENT_MAX) && n++ < 512);
	MUST(n >= counts[0] && n <= (size_t)counts[0] + counts[1]);
	for (size_t i = counts[0]; i < n; i++)
		free(envp[i]);
	free(envp);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	char **envp = NULL;
	if (size < 2 || size > 65536)
		return 0;
	const struct sandbox_environment header = {.count = bytes[0], .file_count = bytes[1], .size = size - 2};
	/* A copy of exactly this size, so that a look behind its end is seen. */
	char *text = malloc(size - 2 ? size - 2 : 1);
	MUST(text);
	memcpy(text, bytes + 2, size - 2);
	if (sandbox_environment_make(&header, text, &envp, &err) == 0)
		check_environment(envp, bytes);
	else
		MUST(!envp && err.text[0] != '\0');
	close_range(FIRST_FREE, ~0U, 0);
	free(text);
	return 0;
}
