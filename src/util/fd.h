#ifndef ENVSEAL_UTIL_FD_H
#define ENVSEAL_UTIL_FD_H

#include "util/buffer.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* read(2) and write(2) with loops for EINTR and short counts, and other helpers for descriptors. */

/* Reads to the end of the file. -EFBIG when there are more than `max` bytes. Not for secrets. */
int fd_read_all(int fd, size_t max, struct buffer *ret_bytes);

/* Reads exactly `size` bytes; -ENODATA when the file ends before that. */
int fd_read_full(int fd, void *bytes, size_t size);

int fd_write_full(int fd, const void *bytes, size_t size);

/*
 * Copies a file from its start to the end, with sendfile(2). -EFBIG: more than FD_COPY_MAX bytes.
 */
#define FD_COPY_MAX ((off_t)1 << 30)
int fd_copy(int from, int to);

/* Opens descriptors 0, 1 and 2 on /dev/null where they are closed. */
int fd_reserve_standard(void);

/* Replaces an open descriptor by /dev/null, open for reading and writing. */
int fd_null(int fd);

int fd_set_cloexec(int fd, bool on);

/*
 * Reads the number of an open descriptor: decimal digits alone.
 *   -EINVAL  other text, or too large
 *   -EBADF   not open
 */
int fd_parse(const char *text, int *ret_fd);

/* A pipe, both ends close-on-exec. */
int fd_pipe(int *ret_read, int *ret_write, struct error *err);

/*
 * Moves *fd to a number from FD_HIGH on, above those that shells and scripts use and that policies
 * name. It stays where it is when the limit is lower.
 */
#define FD_HIGH 20
int fd_raise(int *fd, bool cloexec);

/* Sets close-on-exec on every open descriptor from `first` on. */
int fd_cloexec_from(int first);

/*
 * Closes every descriptor from `first` on except the `count` in `kept`. Negative ones are ignored.
 */
void fd_close_others(int first, const int *kept, size_t count);

/* Makes a memory file of `size` bytes, sealed against any change; close-on-exec. */
int fd_sealed(const char *name, const void *bytes, size_t size, int *ret_fd);

/*
 * isatty(3) with all its answers. 1: a terminal. 0: not a terminal. -EIO: a terminal that has hung
 * up. Another -errno: not known, so assume neither.
 */
int fd_is_terminal(int fd);

#endif
