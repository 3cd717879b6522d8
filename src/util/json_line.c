#include "util/json_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void put(struct json_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct json_line *line, const char *format, ...) {
	if (line->failed)
		return;
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line->bytes + line->size, line->room - line->size, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= line->room - line->size)
		line->failed = true;
	else
		line->size += (size_t)length;
}

void json_line_begin(struct json_line *line, char *bytes, size_t room) {
	*line = (struct json_line){.bytes = bytes, .room = room};
	put(line, "{");
}

static void put_name(struct json_line *line, const char *name) {
	put(line, "%s\"%s\":", line->size > 1 ? "," : "", name);
}

/* The length of the UTF-8 sequence (RFC 3629) at `text`; 0: invalid. `text` ends with a NUL. */
static size_t sequence(const unsigned char *text) {
	static const struct form {
		unsigned char first, last; /* of the first byte */
		unsigned char least,
			most; /* of the second: neither overlong, surrogate nor beyond U+10FFFF */
		size_t length;
	} forms[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	if (text[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct form *form = &forms[i];
		if (text[0] < form->first || text[0] > form->last)
			continue;
		if (text[1] < form->least || text[1] > form->most)
			return 0;
		for (size_t k = 2; k < form->length; k++) {
			if ((text[k] & 0xc0) != 0x80)
				return 0;
		}
		return form->length;
	}
	return 0;
}

static void put_escaped(struct json_line *line, const char *value) {
	while (*value) {
		size_t length = sequence((const unsigned char *)value);
		unsigned char c = (unsigned char)*value;
		if (length == 0)
			put(line, "\\ufffd");
		else if (c == '"' || c == '\\')
			put(line, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			put(line, "\\u%04x", c);
		else
			put(line, "%.*s", (int)length, value);
		value += length ? length : 1;
	}
}

void json_line_string(struct json_line *line, const char *name, const char *value) {
	if (!value) {
		json_line_null(line, name);
		return;
	}
	put_name(line, name);
	put(line, "\"");
	put_escaped(line, value);
	put(line, "\"");
}

void json_line_integer(struct json_line *line, const char *name, uint64_t value) {
	put_name(line, name);
	put(line, "%" PRIu64, value);
}

void json_line_boolean(struct json_line *line, const char *name, bool value) {
	put_name(line, name);
	put(line, "%s", value ? "true" : "false");
}

void json_line_null(struct json_line *line, const char *name) {
	put_name(line, name);
	put(line, "null");
}

void json_line_seconds(struct json_line *line, const char *name, uint64_t microseconds) {
	uint64_t milliseconds = (microseconds + 500) / 1000;
	put_name(line, name);
	put(line, "%" PRIu64 ".%03" PRIu64, milliseconds / 1000, milliseconds % 1000);
}

bool json_line_end(struct json_line *line) {
	put(line, "}\n");
	return !line->failed;
}
