#ifndef ENVSEAL_UTIL_JSON_LINE_H
#define ENVSEAL_UTIL_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes one JSON object (RFC 8259) on one line into a buffer of fixed size, for the programs that
 * run before or beside a target, which link no JSON library. After an overflow `failed` stays set,
 * and json_line_end reports it.
 */
struct json_line {
	char *bytes;
	size_t room;
	size_t size;
	bool failed;
};

void json_line_begin(struct json_line *line, char *bytes, size_t room);

/*
 * Names need no escaping. A value of NULL becomes null; each byte that is not UTF-8 becomes U+FFFD.
 */
void json_line_string(struct json_line *line, const char *name, const char *value);
void json_line_integer(struct json_line *line, const char *name, uint64_t value);
void json_line_boolean(struct json_line *line, const char *name, bool value);
void json_line_null(struct json_line *line, const char *name);

/* Microseconds, as seconds with three digits. */
void json_line_seconds(struct json_line *line, const char *name, uint64_t microseconds);

/* Ends the object and the line. False: it did not fit and must not be used. */
bool json_line_end(struct json_line *line);

#endif
