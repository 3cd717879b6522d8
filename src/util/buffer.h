#ifndef ENVSEAL_UTIL_BUFFER_H
#define ENVSEAL_UTIL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A growing run of bytes, always followed by a NUL that `size` does not count. Never for secrets:
 * growing leaves copies behind (util/secret.h is for those). Zero-initialise with BUFFER_INIT.
 * A failed allocation sticks in `failed`, so a run of appends needs one check at its end.
 */
struct buffer {
	char *bytes;
	size_t size;
	size_t room;
	bool failed;
};

#define BUFFER_INIT ((struct buffer){0})

void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_string(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char c);
void buffer_format(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The text, owned by the caller from now on; NULL when an append failed. The buffer is empty again.
 */
char *buffer_steal(struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#define cleanup_buffer __attribute__((cleanup(buffer_free)))

#endif
