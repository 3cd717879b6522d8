#ifndef ENVSEAL_TOML_INTERNAL_H
#define ENVSEAL_TOML_INTERNAL_H

#include "toml/toml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the reader's own files share. Text is checked once as a whole (text.c); from then on the
 * parser may rely on it being UTF-8 without stray control characters, so a NUL can only mean its
 * end. The tree is built in place, in memory that the document owns (arena.c, containers.c).
 */

/* Memory that is freed all at once. */
struct toml_arena {
	struct toml_chunk *chunks;
};

/* `size` bytes for any type, not cleared; NULL when there is no memory. */
void *toml_arena_alloc(struct toml_arena *arena, size_t size);
void toml_arena_free(struct toml_arena *arena);

struct toml_document {
	struct toml_arena arena;
	struct toml_value root;
};

struct toml_parser {
	const char *at;
	const char *end;
	/* The last place asked for. They are asked for in order: counting on from it is linear. */
	struct {
		const char *at;
		struct toml_place place;
	} mark;
	const char *file;
	struct toml_string key; /* as the text writes it, named in messages; size 0: none */
	struct toml_arena *arena;
	struct error *err;
};

/* scan.c: the cursor */

/* The next byte, or the one `ahead` of it; NUL at the end. */
char toml_peek(const struct toml_parser *parser);
char toml_peek_ahead(const struct toml_parser *parser, size_t ahead);

/* Steps over `text` when it comes next. */
bool toml_accept(struct toml_parser *parser, const char *text);

/* Where the cursor is. Never moves back. */
struct toml_place toml_here(struct toml_parser *parser);

void toml_skip_blanks(struct toml_parser *parser); /* spaces and tabs */
void toml_skip_lines(struct toml_parser *parser);  /* blanks, comments and line ends */

/* Blanks, a comment, then the end of the line or of the text. `after` is for the message. */
int toml_end_line(struct toml_parser *parser, const char *after);

/*
 * -EBADMSG and "file:line:column: 'key': what is wrong". The message never repeats the text: a
 * value may be a secret in the wrong place.
 */
int toml_fail(struct toml_parser *parser, struct toml_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int toml_no_memory(struct toml_parser *parser);

/* text.c: UTF-8, control characters, carriage returns. Leaves the cursor where it was. */
int toml_check_text(struct toml_parser *parser);

/* Writes a Unicode scalar value; returns the number of bytes, 1 to 4. */
size_t toml_utf8_encode(uint32_t scalar, char ret_bytes[static 4]);

/* string.c: the cursor stands on the first quote. */
int toml_parse_string(struct toml_parser *parser, struct toml_string *ret_string);

/* number.c and datetime.c: `token` is the whole word; they set type and content, not the place. */
int toml_parse_number(struct toml_parser *parser, const struct toml_string *token,
                      struct toml_value *value);
bool toml_looks_like_datetime(const struct toml_string *token);
int toml_parse_datetime(struct toml_parser *parser, const struct toml_string *token,
                        struct toml_value *value);

/*
 * value.c: any value. `depth` is how many tables and arrays it lies in below the root, plus one:
 * what it would count as, were it one itself.
 */
int toml_parse_value(struct toml_parser *parser, unsigned int depth, struct toml_value *ret_value);

/* tree.c */

/* How a table was made decides what may be added to it. */
enum toml_table_kind {
	TOML_IMPLICIT, /* on the way to a header: [a.b] makes `a`, which [a] may still define */
	TOML_HEADER,   /* [a] or [[a]]: once */
	TOML_DOTTED,   /* a.b = 1 makes `a`: more dotted keys, no header of its own */
	TOML_INLINE,   /* {}: complete */
};

/*
 * What a table's `entries` point into. Growing moves the entries, so the parser keeps a pointer
 * into a table only while it adds to tables below that entry; when parsing is over nothing moves.
 */
struct toml_table_store {
	enum toml_table_kind kind;
	size_t room;
	struct toml_entry entries[];
};

struct toml_array_store {
	bool of_tables; /* made by [[header]]s, which may add to it */
	size_t room;
	struct toml_value values[];
};

struct toml_table_store *toml_table_store(const struct toml_value *table);
struct toml_array_store *toml_array_store(const struct toml_value *array);

/* Make `ret_value` an empty table or array. They and the two below return false without memory. */
bool toml_table_init(struct toml_arena *arena, enum toml_table_kind kind, struct toml_place place,
                     struct toml_value *ret_value);
bool toml_array_init(struct toml_arena *arena, bool of_tables, struct toml_place place,
                     struct toml_value *ret_value);

/* Adds a key that the table does not have; its value is false until the caller sets it. */
bool toml_table_add(struct toml_arena *arena, struct toml_value *table,
                    const struct toml_string *key, struct toml_place place,
                    struct toml_entry **ret_entry);
bool toml_array_add(struct toml_arena *arena, struct toml_value *array,
                    const struct toml_value *value);

/* The entry of a key; NULL when the table has none. TOML_KEYS_MAX bounds the search. */
struct toml_entry *toml_table_find(const struct toml_value *table, const struct toml_string *key);

/* key.c */

/* One part of a key, and all that was written up to its end. */
struct toml_key_part {
	struct toml_string name;
	struct toml_string written;
	struct toml_place place;
};

/* Goes from a table into the one that a key's part names, making it where needed. */
typedef int toml_enter(struct toml_parser *parser, const struct toml_key_part *part,
                       struct toml_value **table, unsigned int *depth);

/* Reads a key, dotted or not: enters all its parts but the last, which it returns. */
int toml_parse_key(struct toml_parser *parser, toml_enter *enter, struct toml_value **table,
                   unsigned int *depth, struct toml_key_part *ret_last);

/* "key = value" into a table that lies at `depth`. */
int toml_parse_key_value(struct toml_parser *parser, struct toml_value *table, unsigned int depth);

/* Adds the part's key, which the table must not have; fails when the table is full. */
int toml_add_key(struct toml_parser *parser, struct toml_value *table,
                 const struct toml_key_part *part, struct toml_entry **ret_entry);

/* Adds an empty table under a part; fails where it would lie too deep. */
int toml_add_table(struct toml_parser *parser, const struct toml_key_part *part,
                   enum toml_table_kind kind, unsigned int depth, struct toml_value **table);

/* The error of a key that is taken by `entry`. */
int toml_fail_taken(struct toml_parser *parser, const struct toml_key_part *part,
                    const struct toml_entry *entry);

/* -EBADMSG when a table or an array may not lie that deep. */
int toml_check_depth(struct toml_parser *parser, struct toml_place place, unsigned int depth);

/* document.c: all of it, into the root table. */
int toml_parse_document(struct toml_parser *parser, struct toml_value *root);

#endif
