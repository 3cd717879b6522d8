#ifndef ENVSEAL_UTIL_FD_H
#define ENVSEAL_UTIL_FD_H

#include "util/buffer.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* read(2) and write(2) that finish: EINTR and short counts are dealt with. */

/* Reads to the end of the file. -EFBIG when there are more than `max` bytes. Not for secrets. */
int fd_read_all(int fd, size_t max, struct buffer *ret_bytes);

/* Reads exactly `size` bytes; -ENODATA when the file ends before that. */
int fd_read_full(int fd, void *bytes, size_t size);

int fd_write_full(int fd, const void *bytes, size_t size);

/* Copies a file from its start to the end, with sendfile(2). -EFBIG when there are more than FD_COPY_MAX bytes. */
#define FD_COPY_MAX ((off_t)1 << 30)
int fd_copy(int from, int to);

/* Makes sure that descriptors 0, 1 and 2 are open, on /dev/null where they were not. */
int fd_reserve_standard(void);

/* Puts /dev/null, open for reading and writing, in the place of an open descriptor. */
int fd_null(int fd);

int fd_set_cloexec(int fd, bool on);

/*
 * The descriptor whose number is `text`: decimal digits alone. -EINVAL: other text, or too large. -EBADF: it is not
 * open.
 */
int fd_parse(const char *text, int *ret_fd);

/* A pipe, both ends close-on-exec. */
int fd_pipe(int *ret_read, int *ret_write, struct error *err);

/*
 * Gives *fd a number from FD_HIGH on, above what shells and scripts use for themselves and policies name; where not so many
 * are allowed, it stays where it is.
 */
#define FD_HIGH 20
int fd_raise(int *fd, bool cloexec);

/* Every open descriptor from `first` on gets close-on-exec. */
int fd_cloexec_from(int first);

/* Closes every descriptor from `first` on but the `count` in `kept`; those below 0 count for nothing. */
void fd_close_others(int first, const int *kept, size_t count);

/* A memory file sealed against any change, holding `size` bytes; close-on-exec. */
int fd_sealed(const char *name, const void *bytes, size_t size, int *ret_fd);

/*
 * isatty(3), but 1: it is one; 0: it is not. -EIO: it was one, and has hung up. Else -errno: it could not be told, and nothing should
 * be taken for granted.
 */
int fd_is_terminal(int fd);

#endif
