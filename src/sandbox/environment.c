#include "sandbox/environment.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <string.h>

/* Points envp at each of `count` strings; false unless they fill `size` bytes exactly. */
static bool split(char *strings, uint64_t size, uint32_t count, char **envp) {
	uint64_t at = 0;
	for (uint32_t i = 0; i < count; i++) {
		const char *end = memchr(strings + at, '\0', size - at);
		if (!end)
			return false;
		envp[i] = strings + at;
		at = (uint64_t)(end - strings) + 1;
	}
	envp[count] = NULL;
	return at == size;
}

int sandbox_environment_receive(int fd, char ***ret_envp, struct error *err) {
	struct sandbox_environment header;
	int r = fd_read_full(fd, &header, sizeof(header));
	if (r == -ENODATA)
		return error_set(err, ECANCELED, "the supervisor gave up");
	if (r < 0)
		return error_errno(err, r, "cannot read the environment");
	if (header.magic != SANDBOX_ENVIRONMENT_MAGIC || header.size > SANDBOX_ENVIRONMENT_MAX ||
	    header.count > header.size)
		return error_set(err, EPROTO, "the environment is damaged");
	char *strings = malloc(header.size + 1);
	char **envp = calloc((size_t)header.count + 1, sizeof(*envp));
	r = !strings || !envp ? -ENOMEM : fd_read_full(fd, strings, header.size);
	if (r == 0 && !split(strings, header.size, header.count, envp))
		r = -EPROTO;
	if (r < 0) {
		free(strings);
		free(envp);
		return error_errno(err, r, "cannot read the environment");
	}
	*ret_envp = envp;
	return 0;
}
