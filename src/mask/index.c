#include "mask/index.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* For one value that is masked whole, about one position in a hundred is a false candidate. */
#define BITS_PER_PATTERN 32
#define TABLE_BITS_MIN 16
#define TABLE_BITS_MAX 22

static int compare(const void *a, const void *b) {
	const struct window *one = a, *other = b;
	if (one->bytes != other->bytes)
		return one->bytes < other->bytes ? -1 : 1;
	return one->pattern < other->pattern ? -1 : one->pattern > other->pattern;
}

/* What else the first bytes may have between them. */
enum variant {
	AS_IT_IS,
	CARRIAGE_RETURNS, /* of a terminal, before line feeds */
	SPACES,           /* of a dump, between the bytes in hexadecimal */
};

static bool between(enum variant variant, const unsigned char *unit, size_t length, size_t at) {
	if (variant == SPACES)
		return length == 2 && at == 2;
	return variant == CARRIAGE_RETURNS && length == 1 && unit[0] == '\n';
}

static uint32_t first_window(const struct encoded *text, enum variant variant) {
	static const unsigned char inserted[] = {[CARRIAGE_RETURNS] = '\r', [SPACES] = ' '};
	unsigned char bytes[WINDOW + 1 + ENCODING_UNIT_MAX];
	size_t size = 0;
	for (size_t unit = 0; size < WINDOW; unit++) {
		unsigned char next[ENCODING_UNIT_MAX];
		size_t length = encoding_unit(text, unit, next);
		if (between(variant, next, length, size))
			bytes[size++] = inserted[variant];
		memcpy(bytes + size, next, length);
		size += length;
	}
	return window_at(bytes);
}

static unsigned int table_bits(size_t patterns) {
	unsigned int bits = TABLE_BITS_MIN;
	while (bits < TABLE_BITS_MAX && (size_t)1 << bits < patterns * BITS_PER_PATTERN)
		bits++;
	return bits;
}

static struct window *windows_of(const struct mask *mask) {
	return (struct window *)(void *)mask->windows->bytes;
}

static void add_window(struct mask *mask, uint32_t bytes, size_t pattern) {
	uint32_t hash = window_hash(mask, bytes);
	windows_of(mask)[mask->window_count++] = (struct window){bytes, (uint32_t)pattern};
	mask->table->bytes[hash >> 3] |= (unsigned char)(1 << (hash & 7));
}

static void add_windows(struct mask *mask, size_t pattern) {
	const struct encoded *text = &mask->patterns[pattern].text;
	/* Hexadecimal has no line feed, so there is at most one other window. */
	uint32_t plain = first_window(text, AS_IT_IS);
	uint32_t other =
		first_window(text, encoding_has_breaks(text->encoding) ? SPACES : CARRIAGE_RETURNS);
	add_window(mask, plain, pattern);
	if (other != plain)
		add_window(mask, other, pattern);
}

int mask_index_make(struct mask *mask, struct error *err) {
	/* Sized for the largest possible number of patterns: both sizes can be observed. */
	size_t most = mask->pattern_room * INDEX_WINDOWS;
	unsigned int bits = table_bits(mask->pattern_room);
	int r = secret_new(most * sizeof(struct window), &mask->windows, err);
	if (r < 0)
		return r;
	r = secret_new((size_t)1 << (bits - 3), &mask->table, err);
	if (r < 0)
		return r;
	mask->table_shift = 32 - bits;
	for (size_t i = 0; i < mask->pattern_count; i++)
		add_windows(mask, i);
	qsort(windows_of(mask), mask->window_count, sizeof(struct window), compare);
	return 0;
}

/* The first window that is not less. */
static size_t lower_bound(const struct mask *mask, uint32_t bytes) {
	const struct window *windows = windows_of(mask);
	size_t low = 0, high = mask->window_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (windows[middle].bytes < bytes)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct window *mask_index_find(const struct mask *mask, uint32_t bytes, size_t *ret_count) {
	const struct window *first = windows_of(mask) + lower_bound(mask, bytes);
	const struct window *end = windows_of(mask) + mask->window_count;
	size_t count = 0;
	while (first + count < end && first[count].bytes == bytes)
		count++;
	*ret_count = count;
	return first;
}

size_t mask_index_scan(const struct mask *mask, const unsigned char *bytes, size_t from,
                       size_t size) {
	size_t at = from;
	/* Four places at a time: one branch, and four independent looks. */
	for (; at + WINDOW + 3 <= size; at += 4) {
		const unsigned char *here = bytes + at;
		if (window_possible(mask, window_at(here)) |
		    window_possible(mask, window_at(here + 1)) |
		    window_possible(mask, window_at(here + 2)) |
		    window_possible(mask, window_at(here + 3)))
			break;
	}
	while (at + WINDOW <= size && !window_possible(mask, window_at(bytes + at)))
		at++;
	return at;
}
