#ifndef ENVSEAL_MASK_PATTERN_H
#define ENVSEAL_MASK_PATTERN_H

#include "mask/encoding.h"

#include <stddef.h>

/*
 * How many units are compared before a difference ends the comparison (doc/decisions/masking.md).
 */
#define PATTERN_UNITS_AT_ONCE 16

/*
 * Whether the complete encoded text begins at `bytes`. Returns its length there, including line
 * breaks and a terminal's carriage returns; 0: no. The time depends on the text's length, and on
 * its content only in steps of PATTERN_UNITS_AT_ONCE units.
 */
size_t pattern_match(const struct encoded *text, const unsigned char *bytes, size_t size);

#endif
