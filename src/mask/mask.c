#include "mask/mask.h"

#include "mask/index.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static int add(struct mask *mask, const struct encoded *text, const char *name, struct error *err) {
	if (mask->pattern_count == mask->pattern_room)
		return error_set(err, E2BIG, "'%s': too many lines to mask", name);
	mask->patterns[mask->pattern_count++] = (struct pattern){*text, name};
	return 0;
}

/*
 * Most values contain no character that an escaping changes, and are the same in both base64
 * alphabets.
 */
static bool added_before(const struct mask *mask, size_t first, const struct encoded *text) {
	for (size_t i = first; i < mask->pattern_count; i++) {
		if (encoding_same(&mask->patterns[i].text, text))
			return true;
	}
	return false;
}

static int add_encodings(struct mask *mask, const unsigned char *bytes, size_t size,
                         const char *name, struct error *err) {
	const size_t first = mask->pattern_count;
	const struct encoding *encoding;
	if (size < MASK_SIZE_MIN)
		return 0;
	for (size_t i = 0; (encoding = encoding_row(i)); i++) {
		const struct encoded text = {encoding, bytes, size};
		if (added_before(mask, first, &text))
			continue;
		int r = add(mask, &text, name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Half of a character (RFC 3629) would be escaped differently from the whole. */
static size_t whole_characters(const unsigned char *bytes, size_t at) {
	for (int i = 0; i < 3 && (bytes[at] & 0xc0) == 0x80; i++)
		at--;
	return at;
}

/*
 * In base64, the first and last character of a piece hold bits of its neighbours. Pieces overlap,
 * so that their marks become one.
 */
#define OVERLAP 16

typedef int add_function(struct mask *mask, const unsigned char *bytes, size_t size,
                         const char *name, struct error *err);

static int add_pieces(add_function *add_piece, struct mask *mask, const unsigned char *bytes,
                      size_t size, const char *name, struct error *err) {
	size_t start = 0, end;
	for (; size - start > MASK_PIECE; start = whole_characters(bytes, end - OVERLAP)) {
		end = whole_characters(bytes, start + MASK_PIECE);
		int r = add_piece(mask, bytes + start, end - start, name, err);
		if (r < 0)
			return r;
	}
	/* The last one is as long as the others: a short end could be guessed on its own. */
	if (start > 0)
		start = whole_characters(bytes, size - MASK_PIECE);
	return add_piece(mask, bytes + start, size - start, name, err);
}

static int add_plain(struct mask *mask, const unsigned char *bytes, size_t size, const char *name,
                     struct error *err) {
	const struct encoded text = {encoding_row(ENCODING_PLAIN), bytes, size};
	return size < MASK_SIZE_MIN ? 0 : add(mask, &text, name, err);
}

static bool blank(unsigned char c) {
	return c == ' ' || c == '\t' || c == '\r';
}

static int add_line(struct mask *mask, const unsigned char *from, const unsigned char *to,
                    const char *name, struct error *err) {
	while (from < to && blank(*from))
		from++;
	while (from < to && blank(to[-1]))
		to--;
	return add_pieces(add_plain, mask, from, (size_t)(to - from), name, err);
}

static int compare_lines(const void *a, const void *b) {
	const struct encoded *one = &((const struct pattern *)a)->text;
	const struct encoded *other = &((const struct pattern *)b)->text;
	if (one->size != other->size)
		return one->size < other->size ? -1 : 1;
	return memcmp(one->bytes, other->bytes, one->size);
}

/* A value can have the same line a hundred thousand times. */
static void keep_one_of_each(struct mask *mask, size_t first) {
	size_t count = mask->pattern_count - first, kept = 0;
	struct pattern *lines = mask->patterns + first;
	if (count == 0)
		return;
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 1; i < count; i++) {
		if (compare_lines(&lines[kept], &lines[i]) != 0)
			lines[++kept] = lines[i];
	}
	mask->pattern_count = first + kept + 1;
}

static int add_lines(struct mask *mask, const unsigned char *bytes, size_t size, const char *name,
                     struct error *err) {
	const unsigned char *from = bytes, *end = bytes + size, *to;
	size_t first = mask->pattern_count;
	for (; (to = memchr(from, '\n', (size_t)(end - from))); from = to + 1) {
		int r = add_line(mask, from, to, name, err);
		if (r < 0)
			return r;
	}
	/* A value of one line is a pattern already. */
	if (from > bytes) {
		int r = add_line(mask, from, end, name, err);
		if (r < 0)
			return r;
	}
	keep_one_of_each(mask, first);
	return 0;
}

static int add_value(struct mask *mask, const struct mask_value *value, struct error *err) {
	const unsigned char *bytes = value->value->bytes;
	size_t size = value->value->size, trimmed = size;
	while (trimmed > 0 && (bytes[trimmed - 1] == '\n' || bytes[trimmed - 1] == '\r'))
		trimmed--;
	if (trimmed < size && size <= MASK_PIECE) {
		int r = add_encodings(mask, bytes, size, value->name, err);
		if (r < 0)
			return r;
	}
	int r = add_pieces(add_encodings, mask, bytes, trimmed, value->name, err);
	if (r < 0)
		return r;
	return add_lines(mask, bytes, trimmed, value->name, err);
}

/* The mask owns the values from here on. Where there is no memory, they are freed. */
static int take_over(struct mask *mask, struct mask_value *values, size_t count) {
	bool failed = !mask || !(mask->values = calloc(count + 1, sizeof(*mask->values)));
	for (size_t i = 0; i < count; i++) {
		struct secret *value = steal_pointer(values[i].value);
		char *name = failed ? NULL : strdup(values[i].name);
		if (name)
			mask->values[mask->value_count++] = (struct mask_value){name, value};
		else
			secret_free(value);
	}
	return !failed && mask->value_count == count ? 0 : -ENOMEM;
}

/* The least distance between the beginnings of two pieces, and of two lines. */
#define PIECE_STEP (MASK_PIECE - OVERLAP - 2 * 3)
#define LINE_STEP (MASK_SIZE_MIN + 1)

/* Counted in steps of the length, as the vault and the environment count it. */
#define LENGTH_STEP ((size_t)256)

/* An upper bound of the patterns of a value of this length. */
static size_t most_patterns(size_t size, size_t encodings) {
	const size_t padded = (size + LENGTH_STEP - 1) / LENGTH_STEP * LENGTH_STEP;
	const size_t pieces = padded / PIECE_STEP + 1, lines = padded / LINE_STEP + 1;
	/* The value's end comes twice: with and without its line feeds. */
	return (pieces + 1) * encodings + pieces + lines;
}

/*
 * Allocates, and touches, room for as many patterns as values of these lengths can have. Otherwise
 * /proc/PID/status and the caller's limit of locked memory would tell how many lines a value has,
 * and which encodings change it.
 */
static int reserve(struct mask *mask) {
	size_t encodings = 0, room = 1;
	while (encoding_row(encodings))
		encodings++;
	for (size_t i = 0; i < mask->value_count; i++)
		room += most_patterns(mask->values[i].value->size, encodings);
	mask->pattern_room = room < INDEX_PATTERNS_MAX ? room : INDEX_PATTERNS_MAX;
	mask->patterns = calloc(mask->pattern_room, sizeof(*mask->patterns));
	if (!mask->patterns)
		return -ENOMEM;
	sodium_memzero(mask->patterns, mask->pattern_room * sizeof(*mask->patterns));
	return 0;
}

int mask_new(struct mask_value *values, size_t count, struct mask **ret_mask, struct error *err) {
	cleanup_mask struct mask *mask = calloc(1, sizeof(*mask));
	if (take_over(mask, values, count) < 0 || reserve(mask) < 0)
		return error_errno(err, ENOMEM, "cannot mask the output");
	for (size_t i = 0; i < count; i++) {
		int r = add_value(mask, &mask->values[i], err);
		if (r < 0)
			return r;
	}
	int r = mask_index_make(mask, err);
	if (r < 0)
		return r;
	*ret_mask = steal_pointer(mask);
	return 0;
}

void mask_free(struct mask *mask) {
	if (!mask)
		return;
	for (size_t i = 0; i < mask->value_count; i++) {
		free((char *)mask->values[i].name);
		secret_free(mask->values[i].value);
	}
	free(mask->values);
	free(mask->patterns);
	secret_free(mask->windows);
	secret_free(mask->table);
	free(mask);
}
