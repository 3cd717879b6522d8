#ifndef ENVSEAL_TOML_TOML_H
#define ENVSEAL_TOML_TOML_H

#include "util/cleanup.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A reader of TOML 1.1.0 (https://toml.io/en/v1.1.0): text in, a tree out, every value with the
 * place it came from. A byte order mark in front of the text is skipped.
 */

#define TOML_SIZE_MAX ((size_t)1024 * 1024)
#define TOML_DEPTH_MAX 64  /* nested tables, arrays and dotted keys */
#define TOML_KEYS_MAX 1024 /* in one table */

enum toml_type {
	TOML_TABLE,
	TOML_ARRAY,
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOL,
	TOML_DATETIME, /* with an offset */
	TOML_DATETIME_LOCAL,
	TOML_DATE_LOCAL,
	TOML_TIME_LOCAL,
};

/* A place in the text, both from 1; the column counts Unicode scalar values. */
struct toml_place {
	unsigned int line;
	unsigned int column;
};

/* RFC 3339 fields; those that the type lacks are 0. */
struct toml_datetime {
	int year, month, day;
	int hour, minute, second;
	int nanosecond;     /* further digits are cut off, as TOML asks */
	int offset_minutes; /* east of UTC */
};

struct toml_string {
	const char *bytes; /* UTF-8, NUL-terminated; may contain NULs of its own */
	size_t size;       /* without the terminator */
};

struct toml_entry;

struct toml_value {
	enum toml_type type;
	struct toml_place place;
	union {
		struct {
			struct toml_entry *entries; /* in the order of the text */
			size_t count;
		} table;
		struct {
			struct toml_value *values;
			size_t count;
		} array;
		struct toml_string string;
		int64_t integer;
		double number;
		bool boolean;
		struct toml_datetime datetime;
	};
};

struct toml_entry {
	struct toml_string key;
	struct toml_place place; /* of the key */
	struct toml_value value;
};

/* A parsed document: owns everything that its root leads to. */
struct toml_document;

/*
 * Parses `size` bytes. `file` names the source in messages ("file:line:column: what is wrong").
 * The caller frees with toml_free.
 *   -EBADMSG  not TOML, not UTF-8, nested too deep, or too many keys in a table
 *   -EFBIG    more than TOML_SIZE_MAX bytes
 *   -ENOMEM
 */
int toml_parse(const char *text, size_t size, const char *file, struct toml_document **ret_document,
               struct error *err);

/* The root table. Lives as long as the document. */
const struct toml_value *toml_root(const struct toml_document *document);

/* The value of `key` (NUL-terminated) in a table; NULL when it has none. */
const struct toml_value *toml_get(const struct toml_value *table, const char *key);

/* "string", "integer", "table" ...: for messages. */
const char *toml_type_name(enum toml_type type);

void toml_free(struct toml_document *document);

DEFINE_CLEANUP(toml, struct toml_document *, toml_free)
#define cleanup_toml __attribute__((cleanup(cleanup_toml_)))

#endif
