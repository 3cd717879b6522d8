#ifndef ENVSEAL_MASK_PATTERN_H
#define ENVSEAL_MASK_PATTERN_H

#include "mask/encoding.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Matching one encoded text byte by byte, in constant memory and, over a whole stream, in linear
 * time. A match that fails may have had another begin inside it, as "aab" in "aaab". Instead of the
 * table of Knuth, Morris and Pratt, which would be many times the secret, the period of what has
 * matched says where, and is found when needed (Crochemore and Perrin, "Two-way string-matching",
 * 1991).
 */

/* A place in an encoded text. Holds no byte of it. */
struct cursor {
	size_t offset; /* bytes before it */
	size_t unit;
	size_t part; /* bytes of the unit before it */
};

/*
 * What is known of the text's beginning: `period` is that of its first `length` bytes. 0: nothing.
 */
struct period {
	size_t length;
	size_t period;
};

struct progress {
	struct cursor next; /* its offset is how many bytes have matched */
	struct period known;
};

/* The byte there; -1 at the end. */
int cursor_byte(const struct encoded *text, const struct cursor *cursor);
void cursor_advance(const struct encoded *text, struct cursor *cursor);
void cursor_seek(const struct encoded *text, struct cursor *cursor, size_t offset);

bool progress_complete(const struct encoded *text, const struct progress *progress);

/* Takes `byte` if it is the next one. */
bool progress_take(const struct encoded *text, struct progress *progress, int byte);

/*
 * What has matched cannot go on with `byte` (-1: it is complete): goes over to the longest
 * beginning of the text that ends what has been read, the `byte` included. Returns how many bytes
 * after the old start the new one is. A progress of 0 is none.
 */
size_t progress_fall_back(const struct encoded *text, struct progress *progress, int byte);

#endif
