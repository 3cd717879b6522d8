#include "cmd/ask.h"

#include "util/terminal.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

bool ask_possible(void) {
	return terminal_present();
}

int ask_twice(const char *what, size_t max, struct secret **ret_line, struct error *err) {
	cleanup_secret struct secret *first = NULL;
	cleanup_secret struct secret *second = NULL;
	char prompt[512];
	snprintf(prompt, sizeof(prompt), "%s: ", what);
	int r = terminal_read_hidden(prompt, max, &first, err);
	if (r < 0)
		return r;
	if (first->size == 0)
		return error_set(err, EINVAL, "nothing was entered, and empty is refused");
	snprintf(prompt, sizeof(prompt), "%s, again: ", what);
	r = terminal_read_hidden(prompt, max, &second, err);
	if (r < 0)
		return r;
	if (first->size != second->size ||
	    sodium_memcmp(first->bytes, second->bytes, first->size) != 0)
		return error_set(err, EINVAL, "the two entries differ; try again");
	*ret_line = steal_pointer(first);
	return 0;
}
