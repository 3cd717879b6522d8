#ifndef ENVSEAL_SANDBOX_ENVP_H
#define ENVSEAL_SANDBOX_ENVP_H

#include "util/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The target's environment on its pipe: this header, then `size` bytes: `count` NUL-terminated
 * strings, and `file_count` files, each a struct sandbox_file, the NUL-terminated name of a
 * variable, and the content. Padding at the end hides the exact length of the secrets: `size` grows
 * in steps. The bytes are the "go": nothing of the target runs before all have arrived. Only the
 * final child reads them.
 */
struct sandbox_environment {
	uint32_t magic;
	uint32_t count;
	uint64_t size;
	uint32_t file_count;
	uint32_t padding; /* bytes at the end that have no meaning */
};

#define SANDBOX_ENVIRONMENT_MAGIC 0x65736535U /* "ese5" */
#define SANDBOX_ENVIRONMENT_MAX ((uint64_t)16 * 1024 * 1024)

enum sandbox_file_kind {
	SANDBOX_FILE_PATH,  /* the variable gets a path that leads to it */
	SANDBOX_FILE_FD,    /* the variable gets the descriptor's number */
	SANDBOX_FILE_STDIN, /* it is standard input; no variable */
	SANDBOX_FILE_NONE,  /* nothing: the target finds its number closed; no variable */
};

struct sandbox_file {
	uint16_t kind;
	uint16_t number;    /* its descriptor; 0: any. Those with a number come first */
	uint32_t name_size; /* with its NUL */
	uint64_t size;
};

/* Descriptors that are needed until the exec, or -1. One that is in the way of a file is moved. */
struct sandbox_needed {
	int *const *movable;
	size_t count;
	int fixed; /* its number is known elsewhere, so no file can have it */
};

/*
 * Waits for the environment and builds an envp of it; the memory lasts until the exec. -ECANCELED:
 * the supervisor gave up. -EPROTO: damaged. Others as envp_make.
 */
int envp_receive(int fd, const struct sandbox_needed *needed, char ***ret_envp, struct error *err);

/*
 * Builds an envp from `bytes`, which must last as long, and makes the files: memory files of the
 * calling process's user, readable by that user alone, sealed against any change, and open across
 * an exec. A file with a number replaces whatever else is open there. -EBUSY: a needed descriptor
 * has that number and cannot be moved.
 */
int envp_make(const struct sandbox_environment *header, char *bytes,
              const struct sandbox_needed *needed, char ***ret_envp, struct error *err);

#endif
