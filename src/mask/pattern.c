#include "mask/pattern.h"

#include <stdint.h>

/* Below this, trying one start after the other is cheaper than thinking. */
#define SHORT 16

int cursor_byte(const struct encoded *text, const struct cursor *cursor) {
	unsigned char bytes[ENCODING_UNIT_MAX];
	if (cursor->unit >= encoding_units(text))
		return -1;
	encoding_unit(text, cursor->unit, bytes);
	return bytes[cursor->part];
}

/* Over units that say nothing, so that a cursor always stands before a byte or at the end. */
static void settle(const struct encoded *text, struct cursor *cursor) {
	unsigned char bytes[ENCODING_UNIT_MAX];
	size_t units = encoding_units(text);
	while (cursor->unit < units && encoding_unit(text, cursor->unit, bytes) == cursor->part) {
		cursor->unit++;
		cursor->part = 0;
	}
}

void cursor_advance(const struct encoded *text, struct cursor *cursor) {
	cursor->offset++;
	cursor->part++;
	settle(text, cursor);
}

static void go_back(const struct encoded *text, struct cursor *cursor) {
	unsigned char bytes[ENCODING_UNIT_MAX];
	cursor->offset--;
	while (cursor->part == 0)
		cursor->part = encoding_unit(text, --cursor->unit, bytes);
	cursor->part--;
}

void cursor_seek(const struct encoded *text, struct cursor *cursor, size_t offset) {
	size_t width = encoding_width(text->encoding);
	if (width) {
		*cursor = (struct cursor){offset, offset / width, offset % width};
		return;
	}
	if (offset < cursor->offset / 2)
		*cursor = (struct cursor){0, 0, 0};
	while (cursor->offset > offset)
		go_back(text, cursor);
	while (cursor->offset < offset)
		cursor_advance(text, cursor);
}

bool progress_complete(const struct encoded *text, const struct progress *progress) {
	return progress->next.unit >= encoding_units(text);
}

bool progress_take(const struct encoded *text, struct progress *progress, int byte) {
	if (cursor_byte(text, &progress->next) != byte)
		return false;
	cursor_advance(text, &progress->next);
	return true;
}

/* Reads a text at offsets that mostly lie beside the last one. */
struct reader {
	const struct encoded *text;
	struct cursor cursor;
};

static int at(struct reader *reader, size_t offset) {
	cursor_seek(reader->text, &reader->cursor, offset);
	return cursor_byte(reader->text, &reader->cursor);
}

/*
 * Where the greatest suffix of the first `length` bytes begins, in one of both orders, and its
 * period.
 */
static size_t greatest_suffix(const struct encoded *text, size_t length, bool reversed, size_t *ret_period) {
	struct reader best = {.text = text}, other = {.text = text};
	size_t start = 0, rival = 1, same = 0, period = 1;
	while (rival + same < length) {
		int a = at(&other, rival + same), b = at(&best, start + same);
		if (a == b) {
			same++;
			if (same == period) {
				rival += period;
				same = 0;
			}
		} else if (reversed ? a > b : a < b) {
			rival += same + 1;
			same = 0;
			period = rival - start;
		} else {
			start = rival++;
			same = 0;
			period = 1;
		}
	}
	*ret_period = period;
	return start;
}

static bool repeats(const struct encoded *text, size_t period, size_t length) {
	struct reader one = {.text = text}, other = {.text = text};
	for (size_t i = 0; i < length; i++) {
		if (at(&one, i) != at(&other, i + period))
			return false;
	}
	return true;
}

/*
 * The least distance at which the first `length` bytes can meet themselves. Exact when it is at
 * most half of them, and then noted; else at least that: nearer there is nothing.
 */
static size_t least_shift(const struct encoded *text, size_t length, struct period *known, bool *ret_exact) {
	*ret_exact = known->period && known->period <= length / 2 && length <= known->length;
	if (*ret_exact)
		return known->period;
	if (length < SHORT)
		return 1;
	size_t period, period_reversed;
	size_t start = greatest_suffix(text, length, false, &period);
	size_t start_reversed = greatest_suffix(text, length, true, &period_reversed);
	if (start_reversed > start) {
		start = start_reversed;
		period = period_reversed;
	}
	if (!repeats(text, period, start)) {
		size_t longer = start > length - start ? start : length - start;
		return longer + 1;
	}
	*ret_exact = true;
	if (period <= length / 2)
		*known = (struct period){length, period};
	return period;
}

size_t progress_fall_back(const struct encoded *text, struct progress *progress, int byte) {
	const size_t length = progress->next.offset, end = length + (byte >= 0);
	struct reader read = {.text = text};
	struct cursor *next = &progress->next;
	size_t start = 0;
	bool first = true;
	while (start < end) {
		bool exact = false;
		if (!first && start + next->offset == end)
			return start;
		if (!first) {
			size_t read_at = start + next->offset;
			int c = read_at < length ? at(&read, read_at) : byte;
			if (progress_take(text, progress, c))
				continue;
		}
		first = false;
		size_t shift = next->offset ? least_shift(text, next->offset, &progress->known, &exact) : 1;
		cursor_seek(text, next, exact ? next->offset - shift : 0);
		start += shift;
	}
	cursor_seek(text, next, 0);
	return end;
}
