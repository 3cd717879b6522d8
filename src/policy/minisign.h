#ifndef ENVSEAL_POLICY_MINISIGN_H
#define ENVSEAL_POLICY_MINISIGN_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Public keys and signatures in minisign's formats (https://jedisct1.github.io/minisign/). Nothing
 * here opens a file. doc/formats/signature.md says what is accepted.
 */

#define MINISIGN_ID_BYTES 8
#define MINISIGN_KEY_MAX ((size_t)4096)
#define MINISIGN_SIGNATURE_MAX ((size_t)16384)

struct minisign_key {
	uint8_t id[MINISIGN_ID_BYTES];
	uint8_t bytes[32];
};

struct minisign_signature {
	bool prehashed; /* "ED": of the BLAKE2b-512 hash; else "Ed", of the bytes themselves */
	uint8_t id[MINISIGN_ID_BYTES];
	uint8_t bytes[64];
	uint8_t global[64];  /* of `bytes` and the comment */
	const char *comment; /* the trusted one; points into the text, and has no NUL at its end */
	size_t comment_size;
};

/* -EBADMSG: the text names the line and what is wrong with it, and repeats nothing of it. */
int minisign_key_parse(const char *text, size_t size, struct minisign_key *ret_key,
                       struct error *err);
int minisign_signature_parse(const char *text, size_t size,
                             struct minisign_signature *ret_signature, struct error *err);

/*
 * Whether `key` signed exactly this message and this comment. -EKEYREJECTED: the text names the one
 * that it did not sign. The caller compares the ids, which are not signed.
 */
int minisign_verify(const struct minisign_key *key, const struct minisign_signature *signature,
                    const void *message, size_t size, struct error *err);

/*
 * A field of the trusted comment: the text after "NAME:", up to a tab or the end. NULL: there is
 * none, or more than one.
 */
const char *minisign_field(const struct minisign_signature *signature, const char *name,
                           size_t *ret_size);

/* As minisign prints it: the id is a little-endian number. */
#define MINISIGN_ID_TEXT (2 * MINISIGN_ID_BYTES + 1)
void minisign_id_format(const uint8_t id[static MINISIGN_ID_BYTES],
                        char text[static MINISIGN_ID_TEXT]);

#endif
