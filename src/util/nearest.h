#ifndef ENVSEAL_UTIL_NEAREST_H
#define ENVSEAL_UTIL_NEAREST_H

#include <stddef.h>

/*
 * The word of ours that a mistyped one was meant to be. Only our own word is ever shown: what was
 * typed may be a secret that landed in the wrong place.
 */
struct nearest {
	const char *typed; /* need not end in a NUL */
	size_t length;
	const char *word; /* the best so far; NULL: none is near */
	size_t distance;
};

/*
 * Takes `word` when it is nearer than the best so far, and near at all: at most one letter in three
 * of it inserted, left out, replaced or swapped with the next.
 */
void nearest_offer(struct nearest *nearest, const char *word);

#endif
