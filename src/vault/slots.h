#ifndef ENVSEAL_VAULT_SLOTS_H
#define ENVSEAL_VAULT_SLOTS_H

#include "util/error.h"
#include "util/secret.h"

#include <stdint.h>

/*
 * Slots hold the root key: slots/host.key as it is, slots/passphrase sealed with Argon2id and
 * secretbox (doc/formats/vault.md). `slots` is the directory's descriptor, `path` the file's path.
 */

#define SLOT_KEY_FILE "host.key"
#define SLOT_PASSPHRASE "passphrase"

int slot_key_write(int slots, const char *path, const struct secret *root, struct error *err);

/*
 * Reads a key file that is open. The caller frees. -EPERM: others may read it, or it is another
 * user's. -EBADMSG: not a regular file of exactly 32 bytes.
 */
int slot_key_read(int fd, const char *path, struct secret **ret_root, struct error *err);

/* What a guess costs: crypto_pwhash's opslimit, and its memlimit in bytes. */
struct slot_cost {
	uint64_t operations;
	uint64_t memory;
};

/* What new slots get (crypto_pwhash_*_MODERATE), and the least and most that is ever tried. */
extern const struct slot_cost slot_cost_new;
extern const struct slot_cost slot_cost_min;
extern const struct slot_cost slot_cost_max;

int slot_passphrase_write(int slots, const char *path, const struct secret *root,
                          const struct secret *passphrase, const struct slot_cost *cost,
                          struct error *err);

#define SLOT_PASSPHRASE_SIZE 152

/* A passphrase slot as read: whole and within bounds, but nothing in it is proven. */
struct slot_sealed {
	unsigned char bytes[SLOT_PASSPHRASE_SIZE];
};

/* -ENOENT: there is none. -EBADMSG: damaged, or costs out of bounds. */
int slot_passphrase_read(int slots, const char *path, struct slot_sealed *ret_slot,
                         struct error *err);

/* The caller frees. -EKEYREJECTED: wrong passphrase. -ENOMEM: too little memory for Argon2id. */
int slot_passphrase_open(const struct slot_sealed *slot, const char *path,
                         const struct secret *passphrase, struct secret **ret_root,
                         struct error *err);

#endif
