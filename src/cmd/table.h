#ifndef ENVSEAL_CMD_TABLE_H
#define ENVSEAL_CMD_TABLE_H

#include "cmd/style.h"

#include <stdbool.h>
#include <stddef.h>

/* Aligned columns on standard output, in colour on a terminal. */

struct table_cell {
	char *text;
	enum style style;
};

struct table {
	size_t columns;
	struct table_cell *cells; /* row by row; the first row is the head */
	size_t count;
	size_t room;
	bool failed; /* a cell could not be kept: no memory */
};

/* Adds the next cell, a copy of `text`; NULL is a failed allocation of the caller's. */
void table_add(struct table *table, enum style style, const char *text);
/* The same, and takes `text` over. */
void table_take(struct table *table, enum style style, char *text);

void table_print(const struct table *table);

void table_free(struct table *table);
#define cleanup_table __attribute__((cleanup(table_free)))

#endif
