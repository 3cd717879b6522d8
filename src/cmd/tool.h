#ifndef ENVSEAL_CMD_TOOL_H
#define ENVSEAL_CMD_TOOL_H

#include "util/buffer.h"
#include "util/error.h"

#include <stddef.h>

/* Other programs that `envseal` asks: package managers, diff(1). No secret is ever near them. */

/*
 * Runs argv[0] (an absolute path) with nothing in its environment but PATH and LC_ALL=C, standard input and error on
 * /dev/null. *ret_status is its exit status, 128 when it ended otherwise. -ENOENT: there is no such program.
 * -EFBIG: it said more than `max` bytes.
 */
int tool_output(char *const argv[], size_t max, struct buffer *ret_output, int *ret_status, struct error *err);

/*
 * The same with our own standard descriptors and environment: for editors and for what is to be seen at once. The
 * descriptors of `keep` (-1 at the end; NULL: none) stay open in it.
 */
int tool_run(char *const argv[], const int *keep, int *ret_status, struct error *err);

#endif
