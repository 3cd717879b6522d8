#ifndef ENVSEAL_CMD_TOOL_H
#define ENVSEAL_CMD_TOOL_H

#include "util/buffer.h"
#include "util/error.h"

#include <stddef.h>

/*
 * Other programs that `envseal` runs: package managers, diff(1), editors. They never get a
 * secret.
 */

/*
 * Runs argv[0] (an absolute path) with only PATH and LC_ALL=C in its environment, standard input
 * and error on /dev/null. *ret_status is its exit status, or 128 if a signal ended it. -ENOENT:
 * there is no such program. -EFBIG: its output has more than `max` bytes.
 */
int tool_output(char *const argv[], size_t max, struct buffer *ret_output, int *ret_status,
                struct error *err);

/*
 * The same with our own standard descriptors and environment, for editors and for output that
 * people see. The descriptors of `keep` (-1 at the end; NULL: none) stay open in it.
 */
int tool_run(char *const argv[], const int *keep, int *ret_status, struct error *err);

#endif
