#include "toml/internal.h"

/*
 * The check of the whole text before anything is read from it. TOML allows the same characters
 * everywhere (tab, line ends, what is printable), so no later step needs to look again.
 */

/* Well-formed UTF-8, The Unicode Standard, table 3-7: the second byte's range excludes overlong
 * forms, surrogates and everything beyond U+10FFFF. */
static const struct utf8_row {
	unsigned char first_low, first_high;
	unsigned char length;
	unsigned char second_low, second_high;
} utf8_rows[] = {
	/* clang-format off */
	{0x00, 0x7f, 1, 0x00, 0x00},
	{0xc2, 0xdf, 2, 0x80, 0xbf},
	{0xe0, 0xe0, 3, 0xa0, 0xbf},
	{0xe1, 0xec, 3, 0x80, 0xbf},
	{0xed, 0xed, 3, 0x80, 0x9f},
	{0xee, 0xef, 3, 0x80, 0xbf},
	{0xf0, 0xf0, 4, 0x90, 0xbf},
	{0xf1, 0xf3, 4, 0x80, 0xbf},
	{0xf4, 0xf4, 4, 0x80, 0x8f},
	/* clang-format on */
};

static const struct utf8_row *row_of(unsigned char first) {
	for (size_t i = 0; i < ARRAY_SIZE(utf8_rows); i++)
		if (first >= utf8_rows[i].first_low && first <= utf8_rows[i].first_high)
			return &utf8_rows[i];
	return NULL;
}

/* The length of the sequence at `at`; 0 when it is not UTF-8. */
static size_t sequence_length(const char *at, const char *end) {
	const unsigned char *bytes = (const unsigned char *)at;
	const struct utf8_row *row = row_of(bytes[0]);
	if (!row || row->length > end - at)
		return 0;
	if (row->length == 1)
		return 1;
	if (bytes[1] < row->second_low || bytes[1] > row->second_high)
		return 0;
	for (size_t i = 2; i < row->length; i++)
		if (bytes[i] < 0x80 || bytes[i] > 0xbf)
			return 0;
	return row->length;
}

static const char *wrong_character(const char *at, const char *end) {
	if (*at == '\r')
		return end - at > 1 && at[1] == '\n' ? NULL
		                                     : "a carriage return without a line feed";
	if (((unsigned char)*at < 0x20 && *at != '\t' && *at != '\n') || *at == 0x7f)
		return "a control character; in a string write it as an escape";
	return NULL;
}

static const char *find_wrong(const char *text, const char *end, const char **ret_at) {
	for (const char *at = text; at < end;) {
		size_t length = sequence_length(at, end);
		const char *wrong = length ? wrong_character(at, end) : "not UTF-8";
		if (wrong) {
			*ret_at = at;
			return wrong;
		}
		at += length;
	}
	return NULL;
}

int toml_check_text(struct toml_parser *parser) {
	const char *wrong = find_wrong(parser->at, parser->end, &parser->at);
	if (wrong)
		return toml_fail(parser, toml_here(parser), "%s", wrong);
	return 0;
}

size_t toml_utf8_encode(uint32_t scalar, char ret_bytes[static 4]) {
	size_t length = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
	for (size_t i = length; i-- > 1; scalar >>= 6)
		ret_bytes[i] = (char)(0x80 | (scalar & 0x3f));
	ret_bytes[0] = (char)(first[length] | scalar);
	return length;
}
