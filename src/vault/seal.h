#ifndef ENVSEAL_VAULT_SEAL_H
#define ENVSEAL_VAULT_SEAL_H

#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"

#include <stddef.h>
#include <stdint.h>

/* What is inside a sealed file (doc/formats/vault.md). Knows bytes, not files. */

#define SEAL_HEADER 288
#define SEAL_BLOCK 256
#define SEAL_OVERHEAD 48   /* crypto_box_SEALBYTES */
#define SEAL_PADDED(size) ((SEAL_HEADER + (size) + SEAL_BLOCK - 1) / SEAL_BLOCK * SEAL_BLOCK)
#define SEAL_SIZE_MIN (SEAL_PADDED(1) + SEAL_OVERHEAD)
#define SEAL_SIZE_MAX (SEAL_PADDED(VAULT_VALUE_MAX) + SEAL_OVERHEAD)

/* Seconds since the epoch, UTC. */
struct seal_times {
	int64_t created;
	int64_t expires;   /* the first second in which it does not open; 0: never */
};

/* Seals a value of 1 to VAULT_VALUE_MAX bytes under a checked name. The caller frees *ret_bytes. */
int seal_make(const uint8_t public_key[static VAULT_KEY_BYTES], const char *name,
              const struct seal_times *times, const struct secret *value,
              unsigned char **ret_bytes, size_t *ret_size, struct error *err);

/*
 * Opens one. `private_key` belongs to `public_key`; `now` as in struct seal_times. The caller
 * frees.
 *   -EBADMSG     damaged, sealed to another key or under another name
 *   -EKEYEXPIRED
 */
int seal_open(const uint8_t public_key[static VAULT_KEY_BYTES], const struct secret *private_key,
              const char *name, int64_t now, const unsigned char *bytes, size_t size,
              struct secret **ret_value, struct error *err);

#endif
