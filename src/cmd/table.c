#include "cmd/table.h"

#include "cmd/cmd.h"
#include "util/cleanup.h"

#include <stdio.h>
#include <string.h>

void table_take(struct table *table, enum style style, char *text) {
	cleanup_free char *owned = text;
	if (owned && table->count == table->room) {
		size_t room = table->room ? table->room * 2 : 64;
		struct table_cell *cells = reallocarray(table->cells, room, sizeof(*cells));
		if (!cells) {
			table->failed = true;
			return;
		}
		table->cells = cells;
		table->room = room;
	}
	if (owned)
		table->cells[table->count++] = (struct table_cell){steal_pointer(owned), style};
	else
		table->failed = true;
}

void table_add(struct table *table, enum style style, const char *text) {
	table_take(table, style, text ? strdup(text) : NULL);
}

/* Counts UTF-8 characters: continuation bytes have no width. */
static size_t width(const char *text) {
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void print_row(const struct table *table, size_t row, const size_t *widths) {
	for (size_t c = 0; c < table->columns; c++) {
		const struct table_cell *cell = &table->cells[row * table->columns + c];
		size_t blanks = c + 1 < table->columns ? widths[c] - width(cell->text) + 2 : 0;
		fputs(style_begin(cell->style), stdout);
		cmd_print(stdout, cell->text);
		fputs(style_end(cell->style), stdout);
		printf("%*s", (int)blanks, "");
	}
	putchar('\n');
}

void table_print(const struct table *table) {
	cleanup_free size_t *widths = calloc(table->columns, sizeof(*widths));
	for (size_t i = 0; widths && i < table->count; i++) {
		size_t *wide = &widths[i % table->columns];
		size_t cell = width(table->cells[i].text);
		*wide = cell > *wide ? cell : *wide;
	}
	for (size_t row = 0; widths && row < table->count / table->columns; row++)
		print_row(table, row, widths);
}

void table_free(struct table *table) {
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct table){0};
}
