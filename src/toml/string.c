#include "toml/internal.h"

#include <string.h>

/* Strings: basic and literal, on one line or several. */

struct quoting {
	char quote;
	bool several_lines;
	bool escapes;
};

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

/* Quotes in a row at `at`, counting no further than 5: two may come before the three that close. */
static size_t quote_run(const char *at, const char *end, char quote) {
	size_t count = 0;
	while (count < 5 && at + count < end && at[count] == quote)
		count++;
	return count;
}

/* Whether the string ends at `at`; then `ret_own` of the quotes there still belong to it. */
static bool closes(const struct quoting *how, const char *at, const char *end, size_t *ret_own) {
	if (*at != how->quote)
		return false;
	size_t run = quote_run(at, end, how->quote);
	if (how->several_lines && run < 3)
		return false;
	*ret_own = how->several_lines ? run - 3 : 0;
	return true;
}

/* The end of the content that begins at `at`; NULL when nothing closes it. */
static const char *find_end(const struct quoting *how, const char *at, const char *end) {
	size_t own = 0;
	while (at < end && !closes(how, at, end, &own)) {
		if (*at == '\n' && !how->several_lines)
			return NULL;
		/* What follows a backslash closes nothing. A line end must still be seen above. */
		bool escape = how->escapes && *at == '\\' && end - at > 1 && at[1] != '\n';
		at += escape ? 2 : 1;
	}
	return at < end ? at + own : NULL;
}

static int hex_value(char c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* \xXX, \uXXXX and \UXXXXXXXX; the cursor stands on the first digit. */
static int unicode_escape(struct toml_parser *parser, struct toml_place place, int digits,
                          struct toml_string *out, char *bytes) {
	uint32_t scalar = 0;
	for (int i = 0; i < digits; i++) {
		int value = hex_value(toml_peek(parser));
		if (value < 0)
			return toml_fail(parser, place, "this escape takes %d hexadecimal digits",
			                 digits);
		scalar = scalar << 4 | (uint32_t)value;
		parser->at++;
	}
	if (scalar > 0x10ffff || (scalar >= 0xd800 && scalar <= 0xdfff))
		return toml_fail(parser, place, "this escape is not a Unicode scalar value");
	char encoded[4];
	size_t size = toml_utf8_encode(scalar, encoded);
	memcpy(bytes + out->size, encoded, size);
	out->size += size;
	return 0;
}

/* A backslash at the end of a line takes all blank space up to the next character with it. */
static int line_escape(struct toml_parser *parser, struct toml_place place) {
	toml_skip_blanks(parser);
	if (toml_peek(parser) != '\n' && toml_peek(parser) != '\r')
		return toml_fail(parser, place, "a backslash before a blank must end its line");
	while (is_blank(toml_peek(parser)) || toml_peek(parser) == '\n' ||
	       toml_peek(parser) == '\r')
		parser->at++;
	return 0;
}

static const struct {
	char name, byte;
} escapes[] = {
	{'b', '\b'}, {'t', '\t'},   {'n', '\n'}, {'f', '\f'},
	{'r', '\r'}, {'e', '\x1b'}, {'"', '"'},  {'\\', '\\'},
};

/* The number of hexadecimal digits of an escape; 0: it takes none. */
static int escape_digits(char name) {
	switch (name) {
	case 'x': return 2;
	case 'u': return 4;
	case 'U': return 8;
	default: return 0;
	}
}

static int parse_escape(struct toml_parser *parser, const struct quoting *how,
                        struct toml_string *out, char *bytes) {
	struct toml_place place = toml_here(parser);
	parser->at++;
	char name = toml_peek(parser);
	if (how->several_lines && (is_blank(name) || name == '\n' || name == '\r'))
		return line_escape(parser, place);
	parser->at++;
	int digits = escape_digits(name);
	if (digits > 0)
		return unicode_escape(parser, place, digits, out, bytes);
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (escapes[i].name == name) {
			bytes[out->size++] = escapes[i].byte;
			return 0;
		}
	return toml_fail(parser, place, "no such escape; a backslash itself is written \\\\");
}

/* Copies up to `end`. No escape yields more than what it is written as, so `end` bounds `out`. */
static int copy_content(struct toml_parser *parser, const struct quoting *how, const char *end,
                        struct toml_string *out, char *bytes) {
	while (parser->at < end) {
		if (how->escapes && *parser->at == '\\') {
			int r = parse_escape(parser, how, out, bytes);
			if (r < 0)
				return r;
		} else {
			bytes[out->size++] = *parser->at++;
		}
	}
	return 0;
}

int toml_parse_string(struct toml_parser *parser, struct toml_string *ret_string) {
	struct toml_place place = toml_here(parser);
	char quote = toml_peek(parser);
	struct quoting how = {
		.quote = quote,
		.several_lines = quote_run(parser->at, parser->end, quote) >= 3,
		.escapes = quote == '"',
	};
	parser->at += how.several_lines ? 3 : 1;
	/* A line end right after the opening quotes is not part of the string. */
	if (how.several_lines && !toml_accept(parser, "\n"))
		toml_accept(parser, "\r\n");
	const char *end = find_end(&how, parser->at, parser->end);
	if (!end)
		return toml_fail(parser, place,
		                 how.several_lines ? "this string never ends"
		                                   : "this string does not end on its line");
	char *bytes = toml_arena_alloc(parser->arena, (size_t)(end - parser->at) + 1);
	if (!bytes)
		return toml_no_memory(parser);
	struct toml_string string = {.bytes = bytes};
	int r = copy_content(parser, &how, end, &string, bytes);
	if (r < 0)
		return r;
	bytes[string.size] = '\0';
	parser->at += how.several_lines ? 3 : 1;
	*ret_string = string;
	return 0;
}
