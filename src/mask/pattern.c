#include "mask/pattern.h"

#include <stdbool.h>
#include <string.h>

/*
 * The most white space in one place of base64 or hexadecimal: a line feed and a deep indentation.
 */
#define BREAKS_MAX 64

/*
 * The most carriage returns before a line feed: the terminal's and the program's own. With more,
 * time would tell where a value has its line feeds.
 */
#define RETURNS_MAX 2

static bool is_break(unsigned char c) {
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/*
 * Skips bytes before `want` that are not the text's own: a terminal writes CR LF for a line feed.
 */
static size_t skip(bool breaks, unsigned char want, const unsigned char *bytes, size_t at,
                   size_t size) {
	const size_t most = breaks ? BREAKS_MAX : RETURNS_MAX;
	const size_t end = size - at < most ? size : at + most;
	while (at < end && bytes[at] != want &&
	       (breaks ? is_break(bytes[at]) : want == '\n' && bytes[at] == '\r'))
		at++;
	return at;
}

/*
 * Most values are one line, and most possible places match in the plain form: this is the fast
 * path.
 */
static bool same(const unsigned char *one, const unsigned char *other, size_t size) {
	for (size_t from = 0, to; from < size; from = to) {
		unsigned char differences = 0;
		to = size - from < PATTERN_UNITS_AT_ONCE ? size : from + PATTERN_UNITS_AT_ONCE;
		for (size_t i = from; i < to; i++)
			differences |= one[i] ^ other[i];
		if (differences)
			return false;
	}
	return true;
}

static size_t match_units(const struct encoded *text, const unsigned char *bytes, size_t size) {
	const size_t units = encoding_units(text);
	const bool breaks = encoding_has_breaks(text->encoding);
	unsigned int differences = 0;
	size_t at = 0;
	for (size_t unit = 0; unit < units; unit++) {
		unsigned char wanted[ENCODING_UNIT_MAX];
		const size_t length = encoding_unit(text, unit, wanted);
		for (size_t i = 0; i < length; i++) {
			at = skip(breaks, wanted[i], bytes, at, size);
			if (at == size)
				return 0;
			differences |= (unsigned int)(wanted[i] ^ bytes[at++]);
		}
		if (differences && unit % PATTERN_UNITS_AT_ONCE == PATTERN_UNITS_AT_ONCE - 1)
			return 0;
	}
	return differences ? 0 : at;
}

size_t pattern_match(const struct encoded *text, const unsigned char *bytes, size_t size) {
	if (text->encoding != encoding_row(ENCODING_PLAIN) || memchr(text->bytes, '\n', text->size))
		return match_units(text, bytes, size);
	return size >= text->size && same(text->bytes, bytes, text->size) ? text->size : 0;
}
