#ifndef ENVSEAL_VAULT_SEAL_H
#define ENVSEAL_VAULT_SEAL_H

#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The content of a sealed file (doc/formats/vault.md): a label that can be read without a key, then
 * the sealed value. Knows bytes, not files.
 */

#define SEAL_LABEL 64
#define SEAL_HEADER 288
#define SEAL_BLOCK 256
#define SEAL_OVERHEAD (SEAL_LABEL + 48) /* 48: crypto_box_SEALBYTES */
#define SEAL_PADDED(size) ((SEAL_HEADER + (size) + SEAL_BLOCK - 1) / SEAL_BLOCK * SEAL_BLOCK)
/* What the file's size tells of a value's size: the largest that has such a file. */
#define SEAL_SHOWN(size) (SEAL_PADDED(size) - SEAL_HEADER)
#define SEAL_SIZE_MIN (SEAL_PADDED(1) + SEAL_OVERHEAD)
#define SEAL_SIZE_MAX (SEAL_PADDED(VAULT_VALUE_MAX) + SEAL_OVERHEAD)

/*
 * The label. The times are inside the seal too, and must agree. The version only informs people:
 * whoever can write the directory can write any version.
 */
struct seal_label {
	uint32_t version; /* 1, plus one each time the value is replaced */
	int64_t created;  /* seconds since the epoch, UTC */
	int64_t expires;  /* the second from which it does not open; 0: never */
};

struct seal_bytes {
	unsigned char *bytes;
	size_t size;
};

void seal_bytes_free(struct seal_bytes *sealed);
#define cleanup_seal_bytes __attribute__((cleanup(seal_bytes_free)))

/* Whether a sealed file can have that size. */
bool seal_size_possible(size_t size);

/* Seals a value of 1 to VAULT_VALUE_MAX bytes under a checked name. The caller frees. */
int seal_make(const uint8_t public_key[static VAULT_KEY_BYTES], const char *name,
              const struct seal_label *label, const struct secret *value,
              struct seal_bytes *ret_sealed, struct error *err);

/*
 * Reads the label of `name`'s file; SEAL_LABEL bytes are enough. -EBADMSG: damaged, or another
 * name's.
 */
int seal_label_read(const char *name, const unsigned char *bytes, size_t size,
                    struct seal_label *ret_label, struct error *err);

/* Changes the version in the label of a valid file. */
void seal_label_renumber(const char *name, uint32_t version, unsigned char *bytes);

/*
 * Opens one. `private_key` belongs to `public_key`; `now` as in struct seal_label, SEAL_ANY_TIME
 * for one that may have expired. The caller frees.
 *   -EBADMSG     damaged, sealed to another key or under another name
 *   -EKEYEXPIRED
 */
#define SEAL_ANY_TIME INT64_MIN
int seal_open(const uint8_t public_key[static VAULT_KEY_BYTES], const struct secret *private_key,
              const char *name, int64_t now, const unsigned char *bytes, size_t size,
              struct secret **ret_value, struct error *err);

/* -EKEYEXPIRED: `expires` (0: never) has come. */
int seal_check_expiry(const char *name, int64_t expires, int64_t now, struct error *err);

#endif
