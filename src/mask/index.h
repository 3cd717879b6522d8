#ifndef ENVSEAL_MASK_INDEX_H
#define ENVSEAL_MASK_INDEX_H

#include "mask/encoding.h"
#include "mask/mask.h"

#include <stdint.h>

/*
 * Finds positions where a match may begin: by the first four bytes ("window") of every pattern,
 * sorted, behind a table of hashed windows that rules out nearly every position of ordinary output.
 * A pattern has several windows where a terminal or a dump inserts bytes between its first ones.
 * Only src/mask uses this.
 */

#define WINDOW 4

struct pattern {
	struct encoded text;
	const char *name; /* of the secret */
};

struct window {
	uint32_t bytes; /* the first byte highest: sorted as text is */
	uint32_t pattern;
};

struct mask {
	struct mask_value *values; /* owned */
	size_t value_count;
	struct pattern *patterns;
	size_t pattern_count;
	size_t pattern_room;    /* depends on the values' lengths alone */
	struct secret *windows; /* struct window[window_count] */
	size_t window_count;
	struct secret *table;     /* bits, a power of two of them */
	unsigned int table_shift; /* 32 less the logarithm of that number */
};

static inline uint32_t window_at(const unsigned char *at) {
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Multiplicative hashing: the high bits are the good ones (Knuth, volume 3, section 6.4). */
static inline uint32_t window_hash(const struct mask *mask, uint32_t window) {
	return window * UINT32_C(2654435769) >> mask->table_shift;
}

static inline unsigned int window_possible(const struct mask *mask, uint32_t window) {
	uint32_t hash = window_hash(mask, window);
	return (unsigned int)mask->table->bytes[hash >> 3] >> (hash & 7) & 1;
}

/*
 * No more patterns than this: each has up to INDEX_WINDOWS windows, in one secret of the largest
 * size.
 */
#define INDEX_WINDOWS 2
#define INDEX_PATTERNS_MAX (SECRET_SIZE_MAX / sizeof(struct window) / INDEX_WINDOWS - 1)

int mask_index_make(struct mask *mask, struct error *err);

/* The windows of these very bytes: *ret_count of them. */
const struct window *mask_index_find(const struct mask *mask, uint32_t bytes, size_t *ret_count);

/*
 * The first position from `from` on whose window is possible. None: the last position with a whole
 * window, plus 1.
 */
size_t mask_index_scan(const struct mask *mask, const unsigned char *bytes, size_t from,
                       size_t size);

#endif
