#ifndef ENVSEAL_MASK_PATTERN_H
#define ENVSEAL_MASK_PATTERN_H

#include "mask/encoding.h"

#include <stddef.h>

/* How many units are compared before a difference ends the comparison (doc/decisions/masking.md). */
#define PATTERN_UNITS_AT_ONCE 16

/*
 * Whether the whole of an encoded text begins at `bytes`: returns how many of the `size` bytes it
 * takes, breaks and a terminal's carriage returns included, or 0. How long that takes depends on
 * the text's length, and on no less of its content than PATTERN_UNITS_AT_ONCE units together.
 */
size_t pattern_match(const struct encoded *text, const unsigned char *bytes, size_t size);

#endif
