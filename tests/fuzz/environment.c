#include "sandbox/envp.h"

#include "fuzz.h"
#include "util/syscalls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * libFuzzer target of what comes down the environment's pipe: counts first, then strings and files.
 */

#define FIXED 19 /* a descriptor that cannot be moved */

static void check_environment(char **envp, const uint8_t *counts) {
	size_t n = 0;
	while (envp[n])
		MUST(memchr(envp[n], '\0', SANDBOX_ENVIRONMENT_MAX) && n++ < 512);
	MUST(n >= counts[0] && n <= (size_t)counts[0] + counts[1]);
	for (size_t i = counts[0]; i < n; i++)
		free(envp[i]);
	free(envp);
}

/* Whatever took its number, it can still be executed, and closes when it is. */
static void check_target(int fd) {
	struct stat st;
	MUST(fstat(fd, &st) == 0 && st.st_rdev == makedev(1, 5) &&
	     fcntl(fd, F_GETFD) == FD_CLOEXEC);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	char **envp = NULL;
	if (size < 2 || size > 65536)
		return 0;
	const struct sandbox_environment header = {
		.count = bytes[0], .file_count = bytes[1], .size = size - 2};
	/* A copy of exactly this size, so that a look behind its end is seen. */
	char *text = malloc(size - 2 ? size - 2 : 1);
	MUST(text);
	memcpy(text, bytes + 2, size - 2);
	int target = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int *const own[] = {&target};
	const struct sandbox_needed needed = {own, 1, FIXED};
	if (envp_make(&header, text, &needed, &envp, &err) == 0)
		check_environment(envp, bytes);
	else
		MUST(!envp && err.text[0] != '\0');
	check_target(target);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	free(text);
	return 0;
}
