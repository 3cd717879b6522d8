#ifndef ENVSEAL_MASK_ENCODING_H
#define ENVSEAL_MASK_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The ways in which programs write a value down: as it is, base64 (RFC 4648), hexadecimal, escaped
 * for URLs (RFC 3986), for JSON (RFC 8259), for shells, programming languages and HTML, and in
 * UTF-16. None is ever written out whole: a value of 1 MiB has a dozen of them, and locked memory
 * is scarce. An encoded text is read unit by unit instead, a unit being what can be made from the
 * value without knowing what stands before it.
 */

#define ENCODING_UNIT_MAX 12 /* a pair of surrogates in JSON, "\ud83d\ude00" */

struct encoding;

/* A value, or a part of one, in an encoding. Borrows the bytes. */
struct encoded {
	const struct encoding *encoding;
	const unsigned char *bytes;
	size_t size;
};

/* All of them, from 0, the value as it is; NULL after the last. */
#define ENCODING_PLAIN 0
const struct encoding *encoding_row(size_t index);

/* "base64, second alignment": for tests and messages. */
const char *encoding_name(const struct encoding *encoding);

/*
 * Whether programs break its lines anywhere (base64(1), PEM, xxd -p): white space inside says
 * nothing.
 */
bool encoding_has_breaks(const struct encoding *encoding);

size_t encoding_units(const struct encoded *text);

/* Writes unit number `unit` and returns its length, which may be 0. */
size_t encoding_unit(const struct encoded *text, size_t unit,
                     unsigned char ret_bytes[static ENCODING_UNIT_MAX]);

/* Whether both encode to the same bytes, so that one of them is enough. */
bool encoding_same(const struct encoded *one, const struct encoded *other);

#endif
