#ifndef ENVSEAL_CMD_STYLE_H
#define ENVSEAL_CMD_STYLE_H

#include <stdbool.h>

/* Colours on standard output, for people. */
enum style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_GOOD,
	STYLE_WEAK,
	STYLE_BAD,
	STYLE_DIM,
};

/* Only on a terminal, not with NO_COLOR (no-color.org), not where TERM is "dumb". */
bool style_wanted(void);

/* What goes around a text: "" where no colour is wanted. */
const char *style_begin(enum style style);
const char *style_end(enum style style);

#endif
