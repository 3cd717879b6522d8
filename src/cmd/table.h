#ifndef ENVSEAL_CMD_TABLE_H
#define ENVSEAL_CMD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Aligned columns on standard output, in colour where a person looks at them. */

enum table_style {
	TABLE_PLAIN,
	TABLE_BOLD,
	TABLE_GOOD,
	TABLE_WEAK,
	TABLE_BAD,
	TABLE_DIM,
};

struct table_cell {
	char *text;
	enum table_style style;
};

struct table {
	size_t columns;
	struct table_cell *cells; /* row by row; the first row is the head */
	size_t count;
	size_t room;
	bool failed; /* a cell could not be kept: no memory */
};

/* Adds the next cell, a copy of `text`; NULL is a failed allocation of the caller's. */
void table_add(struct table *table, enum table_style style, const char *text);
/* The same, and takes `text` over. */
void table_take(struct table *table, enum table_style style, char *text);

/* Colour only on a terminal, not with NO_COLOR (no-color.org), not where TERM is "dumb". */
void table_print(const struct table *table);

/* Around a text that is printed by itself: "" where there is no colour. */
const char *table_style_begin(enum table_style style);
const char *table_style_end(enum table_style style);

void table_free(struct table *table);
#define cleanup_table __attribute__((cleanup(table_free)))

#endif
