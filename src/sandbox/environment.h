#ifndef ENVSEAL_SANDBOX_ENVIRONMENT_H
#define ENVSEAL_SANDBOX_ENVIRONMENT_H

#include "util/error.h"

#include <stdint.h>

/*
 * The target's environment on its pipe: this header, then `count` NUL-terminated strings of `size` bytes
 * in all. The bytes are the "go": nothing of the target runs before they have arrived whole.
 */
struct sandbox_environment {
	uint32_t magic;
	uint32_t count;
	uint64_t size;
};

#define SANDBOX_ENVIRONMENT_MAGIC 0x65736531U   /* "ese1" */
#define SANDBOX_ENVIRONMENT_MAX ((uint64_t)16 * 1024 * 1024)

/*
 * Waits for the environment and builds an envp of it; the memory lasts until the exec. -ECANCELED: the
 * supervisor gave up. -EPROTO: damaged.
 */
int sandbox_environment_receive(int fd, char ***ret_envp, struct error *err);

#endif
