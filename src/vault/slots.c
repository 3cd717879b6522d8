#include "vault/slots.h"

#include "util/fd.h"
#include "vault/bytes.h"
#include "vault/layout.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define FORMAT_VERSION 1

/* Offsets in a slot. The blob follows (mostly empty), then the checksum of all before it. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 8,
	AT_ALGORITHM = 12,
	AT_OPERATIONS = 16,
	AT_MEMORY = 24,
	AT_SALT = 32,
	AT_NONCE = AT_SALT + crypto_pwhash_SALTBYTES,
	AT_BOX = AT_NONCE + crypto_secretbox_NONCEBYTES,
	AT_BLOB = AT_BOX + crypto_secretbox_MACBYTES + VAULT_KEY_BYTES,
	CHECKSUM_SIZE = 32,
};
static_assert(AT_BLOB + CHECKSUM_SIZE == SLOT_SIZE, "the slot has no gap");

static const unsigned char magic[8] = {'e', 'n', 'v', 's', 'l', 'o', 't', 0};

/* How the box's key is derived. With ALGORITHM_KEY, cost and salt are zero. */
#define ALGORITHM_PASSPHRASE ((uint64_t)crypto_pwhash_ALG_ARGON2ID13)
#define ALGORITHM_KEY 256

static const struct {
	const char *name;
	const char *file;
	uint64_t algorithm;
} kinds[VAULT_SLOTS] = {
	[VAULT_SLOT_HOST_KEY] = {"host-key", "host.key", 0},
	[VAULT_SLOT_PASSPHRASE] = {"passphrase", "passphrase", ALGORITHM_PASSPHRASE},
	[VAULT_SLOT_RECOVERY] = {"recovery", "recovery", ALGORITHM_KEY},
	[VAULT_SLOT_KEY_FILE] = {"key-file", "key-file", ALGORITHM_KEY},
	[VAULT_SLOT_CREDENTIAL] = {"credential", "credential", ALGORITHM_KEY},
	[VAULT_SLOT_TPM2] = {"tpm2", "tpm2", ALGORITHM_KEY},
};

const struct vault_cost slot_cost_new = {crypto_pwhash_OPSLIMIT_MODERATE,
                                         crypto_pwhash_MEMLIMIT_MODERATE};
/* Less would make guessing cheap. More would let a planted slot use up time or memory. */
const struct vault_cost slot_cost_min = {crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                         crypto_pwhash_MEMLIMIT_INTERACTIVE};
const struct vault_cost slot_cost_max = {4 * crypto_pwhash_OPSLIMIT_SENSITIVE,
                                         crypto_pwhash_MEMLIMIT_SENSITIVE};

const char *slot_file(enum vault_slot slot) {
	return kinds[slot].file;
}

const char *vault_slot_name(enum vault_slot slot) {
	return kinds[slot].name;
}

int vault_slot_parse(const char *name, enum vault_slot *ret_slot) {
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		if (strcmp(kinds[slot].name, name) == 0) {
			*ret_slot = slot;
			return 0;
		}
	}
	return -EINVAL;
}

static mode_t forbidden_modes(const struct stat *st, bool service) {
	return service && st->st_uid == 0 ? S_IRWXO | S_IWGRP | S_IXGRP : S_IRWXG | S_IRWXO;
}

int slot_key_read(int fd, const char *path, bool service, struct secret **ret_key,
                  struct error *err) {
	struct stat st;
	int r = layout_check(fd, S_IFREG, path, &st, err);
	if (r < 0)
		return r;
	if (st.st_mode & forbidden_modes(&st, service))
		return error_set(err, EPERM, "key file '%s' is open to others; run: chmod 600 '%s'",
		                 path, path);
	if (st.st_size != VAULT_KEY_BYTES)
		return error_set(err, EBADMSG,
		                 "key file '%s' must have exactly %d bytes; restore it from "
		                 "a backup",
		                 path, VAULT_KEY_BYTES);
	cleanup_secret struct secret *key = NULL;
	r = secret_new(VAULT_KEY_BYTES, &key, err);
	if (r < 0)
		return r;
	r = fd_read_full(fd, key->bytes, key->size);
	if (r < 0)
		return error_errno(err, r, "cannot read key file '%s'", path);
	*ret_key = steal_pointer(key);
	return 0;
}

static void checksum(const unsigned char *slot, size_t size,
                     unsigned char ret_sum[static CHECKSUM_SIZE]) {
	crypto_generichash(ret_sum, CHECKSUM_SIZE, slot, size - CHECKSUM_SIZE, NULL, 0);
}

static int stretch(const unsigned char *slot, const char *path, const struct secret *passphrase,
                   struct secret *key, struct error *err) {
	uint64_t memory = bytes_get(slot + AT_MEMORY, 8);
	if (crypto_pwhash(key->bytes, key->size, (const char *)passphrase->bytes, passphrase->size,
	                  slot + AT_SALT, bytes_get(slot + AT_OPERATIONS, 8), (size_t)memory,
	                  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return error_set(err, ENOMEM,
		                 "'%s': Argon2id needs %u MiB of memory; free some or raise "
		                 "the limit",
		                 path, (unsigned int)(memory >> 20));
	return 0;
}

/* The key of the box. The slot's kind goes into it, so the same key opens no other kind. */
static int derive(const unsigned char *slot, enum vault_slot kind, const char *path,
                  const struct secret *key, struct secret **ret_key, struct error *err) {
	static const char context[] = "envslot1";
	cleanup_secret struct secret *derived = NULL;
	int r = secret_new(crypto_secretbox_KEYBYTES, &derived, err);
	if (r < 0)
		return r;
	if (kinds[kind].algorithm == ALGORITHM_PASSPHRASE) {
		r = stretch(slot, path, key, derived, err);
		if (r < 0)
			return r;
	} else {
		if (key->size != VAULT_KEY_BYTES)
			return error_set(err, EINVAL, "a slot's key has %d bytes", VAULT_KEY_BYTES);
		crypto_kdf_derive_from_key(derived->bytes, derived->size, kind, context,
		                           key->bytes);
	}
	*ret_key = steal_pointer(derived);
	return 0;
}

static void put_header(unsigned char *bytes, const struct vault_slot_new *slot) {
	const struct vault_cost *cost = slot->cost ? slot->cost : &slot_cost_new;
	memset(bytes, 0, AT_BLOB);
	memcpy(bytes + AT_MAGIC, magic, sizeof(magic));
	bytes_put(bytes + AT_VERSION, 4, FORMAT_VERSION);
	bytes_put(bytes + AT_ALGORITHM, 4, kinds[slot->slot].algorithm);
	randombytes_buf(bytes + AT_NONCE, crypto_secretbox_NONCEBYTES);
	if (kinds[slot->slot].algorithm != ALGORITHM_PASSPHRASE)
		return;
	bytes_put(bytes + AT_OPERATIONS, 8, cost->operations);
	bytes_put(bytes + AT_MEMORY, 8, cost->memory);
	randombytes_buf(bytes + AT_SALT, crypto_pwhash_SALTBYTES);
}

int slot_write(const struct writer *writer, int slots, const char *path,
               const struct vault_slot_new *slot, const struct secret *root, bool replace,
               struct error *err) {
	unsigned char bytes[SLOT_SIZE + SLOT_BLOB_MAX];
	const size_t size = SLOT_SIZE + slot->blob_size;
	if (root->size != VAULT_KEY_BYTES || slot->blob_size > SLOT_BLOB_MAX)
		return error_set(err, EINVAL, "the root key must have %d bytes", VAULT_KEY_BYTES);
	if (slot->slot == VAULT_SLOT_HOST_KEY)
		return writer_write(writer, slots, slot_file(slot->slot), root->bytes, root->size,
		                    replace, path, err);
	put_header(bytes, slot);
	cleanup_secret struct secret *key = NULL;
	int r = derive(bytes, slot->slot, path, slot->key, &key, err);
	if (r < 0)
		return r;
	crypto_secretbox_easy(bytes + AT_BOX, root->bytes, root->size, bytes + AT_NONCE,
	                      key->bytes);
	if (slot->blob_size > 0)
		memcpy(bytes + AT_BLOB, slot->blob, slot->blob_size);
	checksum(bytes, size, bytes + size - CHECKSUM_SIZE);
	return writer_write(writer, slots, slot_file(slot->slot), bytes, size, replace, path, err);
}

static int damaged(const char *path, const char *what, struct error *err) {
	return error_set(err, EBADMSG, "slot '%s' %s; restore it from a backup", path, what);
}

struct vault_cost slot_cost(const struct slot_sealed *slot) {
	return (struct vault_cost){bytes_get(slot->bytes + AT_OPERATIONS, 8),
	                           bytes_get(slot->bytes + AT_MEMORY, 8)};
}

const unsigned char *slot_blob(const struct slot_sealed *slot, size_t *ret_size) {
	*ret_size = slot->size - SLOT_SIZE;
	return slot->bytes + AT_BLOB;
}

static bool within_bounds(const struct slot_sealed *slot) {
	const struct vault_cost cost = slot_cost(slot);
	if (kinds[slot->slot].algorithm != ALGORITHM_PASSPHRASE)
		return cost.operations == 0 && cost.memory == 0;
	return cost.operations >= slot_cost_min.operations &&
	       cost.operations <= slot_cost_max.operations && cost.memory >= slot_cost_min.memory &&
	       cost.memory <= slot_cost_max.memory;
}

/* The checksum has no key: it only distinguishes damage from a wrong passphrase. */
static int check(const struct slot_sealed *slot, const char *path, struct error *err) {
	unsigned char sum[CHECKSUM_SIZE];
	checksum(slot->bytes, slot->size, sum);
	if (memcmp(slot->bytes + AT_MAGIC, magic, sizeof(magic)) != 0 ||
	    memcmp(slot->bytes + slot->size - CHECKSUM_SIZE, sum, sizeof(sum)) != 0)
		return damaged(path, "is damaged", err);
	if (bytes_get(slot->bytes + AT_VERSION, 4) != FORMAT_VERSION ||
	    bytes_get(slot->bytes + AT_ALGORITHM, 4) != kinds[slot->slot].algorithm)
		return error_set(err, EBADMSG,
		                 "slot '%s' has a format that this envseal does not know; "
		                 "use a newer one",
		                 path);
	if (!within_bounds(slot))
		return damaged(path, "asks for a cost that is out of bounds", err);
	return 0;
}

int slot_read(int slots, const char *path, enum vault_slot kind, struct slot_sealed *ret_slot,
              struct error *err) {
	struct slot_sealed slot = {.slot = kind};
	struct stat st;
	cleanup_fd int fd = -1;
	const size_t blob = kind == VAULT_SLOT_TPM2 ? SLOT_BLOB_MAX : 0;
	int r = layout_open_file(slots, slot_file(kind), path, &fd, &st, err);
	if (r < 0)
		return r;
	if (st.st_size < SLOT_SIZE || (size_t)st.st_size > SLOT_SIZE + blob)
		return damaged(path, "does not have the size of a slot", err);
	slot.size = (size_t)st.st_size;
	slot.changed = st.st_mtime;
	r = fd_read_full(fd, slot.bytes, slot.size);
	if (r < 0)
		return error_errno(err, r, "cannot read slot '%s'", path);
	r = check(&slot, path, err);
	if (r < 0)
		return r;
	*ret_slot = slot;
	return 0;
}

int slot_open(const struct slot_sealed *slot, const char *path, const struct secret *key,
              struct secret **ret_root, struct error *err) {
	cleanup_secret struct secret *derived = NULL;
	cleanup_secret struct secret *root = NULL;
	int r = derive(slot->bytes, slot->slot, path, key, &derived, err);
	if (r < 0)
		return r;
	r = secret_new(VAULT_KEY_BYTES, &root, err);
	if (r < 0)
		return r;
	if (crypto_secretbox_open_easy(root->bytes, slot->bytes + AT_BOX,
	                               crypto_secretbox_MACBYTES + VAULT_KEY_BYTES,
	                               slot->bytes + AT_NONCE, derived->bytes) != 0)
		return error_set(err, EKEYREJECTED, "wrong %s", vault_slot_name(slot->slot));
	*ret_root = steal_pointer(root);
	return 0;
}
