#include "cmd/style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool style_wanted(void) {
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	if (!isatty(STDOUT_FILENO) || (no_color && no_color[0] != '\0'))
		return false;
	return term && strcmp(term, "dumb") != 0;
}

const char *style_begin(enum style style) {
	static const char *const sequences[] = {
		[STYLE_PLAIN] = "",        [STYLE_BOLD] = "\033[1m",   [STYLE_GOOD] = "\033[32m",
		[STYLE_WEAK] = "\033[33m", [STYLE_BAD] = "\033[1;31m", [STYLE_DIM] = "\033[2m",
	};
	return style_wanted() ? sequences[style] : "";
}

const char *style_end(enum style style) {
	return style != STYLE_PLAIN && style_wanted() ? "\033[0m" : "";
}
