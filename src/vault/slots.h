#ifndef ENVSEAL_VAULT_SLOTS_H
#define ENVSEAL_VAULT_SLOTS_H

#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"
#include "vault/writer.h"

#include <stdint.h>

/*
 * Slots hold the root key: host.key as it is, the others encrypted under another key
 * (doc/formats/vault.md). `slots` is the descriptor of the directory, `path` the file's path.
 */

const char *slot_file(enum vault_slot slot);

/*
 * Reads an open key file: the root key itself, or a key that opens a slot. The caller frees.
 * `service`: the file was handed over by systemd; a group may read it where root owns it, as the
 * mask of an ACL shows in the group's bits.
 *   -EPERM    others may read it, or another user owns it
 *   -EBADMSG  not a regular file of exactly 32 bytes
 */
int slot_key_read(int fd, const char *path, bool service, struct secret **ret_key,
                  struct error *err);

/*
 * The cost of new passphrases (crypto_pwhash_*_MODERATE), and the lowest and highest that are
 * accepted.
 */
extern const struct vault_cost slot_cost_new;
extern const struct vault_cost slot_cost_min;
extern const struct vault_cost slot_cost_max;

int slot_write(const struct writer *writer, int slots, const char *path,
               const struct vault_slot_new *slot, const struct secret *root, bool replace,
               struct error *err);

#define SLOT_SIZE 152
#define SLOT_BLOB_MAX 4096

/* A slot after reading: complete and within bounds, but not authenticated. */
struct slot_sealed {
	enum vault_slot slot;
	size_t size;
	int64_t changed;
	unsigned char bytes[SLOT_SIZE + SLOT_BLOB_MAX];
};

/* -ENOENT: there is none. -EBADMSG: damaged, or costs out of bounds. */
int slot_read(int slots, const char *path, enum vault_slot slot, struct slot_sealed *ret_slot,
              struct error *err);

struct vault_cost slot_cost(const struct slot_sealed *slot);
const unsigned char *slot_blob(const struct slot_sealed *slot, size_t *ret_size);

/*
 * Opens it with the passphrase, or with the 32 bytes. The caller frees. -EKEYREJECTED: the wrong
 * one. -ENOMEM: too little memory for Argon2id.
 */
int slot_open(const struct slot_sealed *slot, const char *path, const struct secret *key,
              struct secret **ret_root, struct error *err);

#endif
