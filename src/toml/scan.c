#include "toml/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The cursor over the text, and how its errors are written. */

#define KEY_SHOWN 64 /* bytes of a key in a message */

static bool continues_scalar(char byte) {
	return ((unsigned char)byte & 0xc0) == 0x80;
}

char toml_peek_ahead(const struct toml_parser *parser, size_t ahead) {
	return ahead < (size_t)(parser->end - parser->at) ? parser->at[ahead] : '\0';
}

char toml_peek(const struct toml_parser *parser) {
	return toml_peek_ahead(parser, 0);
}

bool toml_accept(struct toml_parser *parser, const char *text) {
	size_t size = strlen(text);
	if ((size_t)(parser->end - parser->at) < size || memcmp(parser->at, text, size) != 0)
		return false;
	parser->at += size;
	return true;
}

struct toml_place toml_here(struct toml_parser *parser) {
	struct toml_place *place = &parser->mark.place;
	for (; parser->mark.at < parser->at; parser->mark.at++) {
		if (*parser->mark.at == '\n')
			*place = (struct toml_place){.line = place->line + 1, .column = 1};
		else if (!continues_scalar(*parser->mark.at))
			place->column++;
	}
	return *place;
}

void toml_skip_blanks(struct toml_parser *parser) {
	while (toml_peek(parser) == ' ' || toml_peek(parser) == '\t')
		parser->at++;
}

static void skip_comment(struct toml_parser *parser) {
	if (toml_peek(parser) != '#')
		return;
	const char *line_end = memchr(parser->at, '\n', (size_t)(parser->end - parser->at));
	parser->at = line_end ? line_end : parser->end;
}

static bool skip_line_end(struct toml_parser *parser) {
	return toml_accept(parser, "\n") || toml_accept(parser, "\r\n");
}

void toml_skip_lines(struct toml_parser *parser) {
	do {
		toml_skip_blanks(parser);
		skip_comment(parser);
	} while (skip_line_end(parser));
}

int toml_end_line(struct toml_parser *parser, const char *after) {
	toml_skip_blanks(parser);
	skip_comment(parser);
	if (skip_line_end(parser) || parser->at == parser->end)
		return 0;
	return toml_fail(parser, toml_here(parser), "unexpected text after %s", after);
}

/* How much of the key fits, whole characters only. */
static int shown_size(const struct toml_string *key) {
	if (key->size <= KEY_SHOWN)
		return (int)key->size;
	size_t size = KEY_SHOWN;
	while (continues_scalar(key->bytes[size]))
		size--;
	return (int)size;
}

int toml_fail(struct toml_parser *parser, struct toml_place place, const char *format, ...) {
	char what[256];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	const struct toml_string *key = &parser->key;
	if (key->size == 0)
		return error_set(parser->err, EBADMSG, "%s:%u:%u: %s", parser->file, place.line,
		                 place.column, what);
	return error_set(parser->err, EBADMSG, "%s:%u:%u: '%.*s%s': %s", parser->file, place.line,
	                 place.column, shown_size(key), key->bytes,
	                 key->size > KEY_SHOWN ? "..." : "", what);
}

int toml_no_memory(struct toml_parser *parser) {
	return error_errno(parser->err, ENOMEM, "%s", parser->file);
}
