#include "mask/index.h"

#include "mask/pattern.h"

#include <stdlib.h>
#include <string.h>

/* With this many bits a window, one place in that many looks possible and is not. */
#define BITS_PER_WINDOW 256
#define TABLE_BITS_MIN 16
#define TABLE_BITS_MAX 22

static int compare(const void *a, const void *b) {
	const struct window *one = a, *other = b;
	if (one->bytes != other->bytes)
		return one->bytes < other->bytes ? -1 : 1;
	return one->pattern < other->pattern ? -1 : one->pattern > other->pattern;
}

static uint32_t first_window(const struct encoded *text) {
	struct cursor cursor = {0};
	uint32_t bytes = 0;
	for (int i = 0; i < WINDOW; i++) {
		bytes = bytes << 8 | (uint32_t)(cursor_byte(text, &cursor) & 0xff);
		cursor_advance(text, &cursor);
	}
	return bytes;
}

static unsigned int table_bits(size_t windows) {
	unsigned int bits = TABLE_BITS_MIN;
	while (bits < TABLE_BITS_MAX && (size_t)1 << bits < windows * BITS_PER_WINDOW)
		bits++;
	return bits;
}

static struct window *windows_of(const struct mask *mask) {
	return (struct window *)(void *)mask->windows->bytes;
}

int mask_index_make(struct mask *mask, struct error *err) {
	size_t count = mask->pattern_count;
	unsigned int bits = table_bits(count);
	/* One more: a mask without any value is a mask all the same. */
	int r = secret_new((count + 1) * sizeof(struct window), &mask->windows, err);
	if (r == 0)
		r = secret_new((size_t)1 << (bits - 3), &mask->table, err);
	if (r < 0)
		return r;
	mask->table_shift = 32 - bits;
	struct window *windows = windows_of(mask);
	for (size_t i = 0; i < count; i++) {
		windows[i] = (struct window){first_window(&mask->patterns[i].text), (uint32_t)i};
		uint32_t hash = window_hash(mask, windows[i].bytes);
		mask->table->bytes[hash >> 3] |= (unsigned char)(1 << (hash & 7));
	}
	qsort(windows, count, sizeof(*windows), compare);
	return 0;
}

/* The first window that is not less. */
static size_t lower_bound(const struct mask *mask, uint32_t bytes) {
	const struct window *windows = windows_of(mask);
	size_t low = 0, high = mask->pattern_count;
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
	const struct window *end = windows_of(mask) + mask->pattern_count;
	size_t count = 0;
	while (first + count < end && first[count].bytes == bytes)
		count++;
	*ret_count = count;
	return first;
}

bool mask_index_begins(const struct mask *mask, const unsigned char *bytes, size_t size) {
	uint32_t least = 0;
	for (size_t i = 0; i < WINDOW; i++)
		least = least << 8 | (i < size ? bytes[i] : 0);
	size_t found = lower_bound(mask, least);
	unsigned int rest = 8 * (unsigned int)(WINDOW - size);
	return found < mask->pattern_count && windows_of(mask)[found].bytes >> rest == least >> rest;
}

size_t mask_index_scan(const struct mask *mask, const unsigned char *bytes, size_t from, size_t size) {
	size_t at = from;
	/* Four places at a time: one branch, and four independent looks. */
	for (; at + WINDOW + 3 <= size; at += 4) {
		const unsigned char *here = bytes + at;
		if (window_possible(mask, window_at(here)) | window_possible(mask, window_at(here + 1)) |
		    window_possible(mask, window_at(here + 2)) | window_possible(mask, window_at(here + 3)))
			break;
	}
	while (at + WINDOW <= size && !window_possible(mask, window_at(bytes + at)))
		at++;
	return at;
}
