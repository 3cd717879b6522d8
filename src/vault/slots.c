#include "vault/slots.h"

#include "util/fd.h"
#include "vault/bytes.h"
#include "vault/tree.h"
#include "vault/vault.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#define FORMAT_VERSION 1

/* Where the fields of a passphrase slot are. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 8,
	AT_ALGORITHM = 12,
	AT_OPERATIONS = 16,
	AT_MEMORY = 24,
	AT_SALT = 32,
	AT_NONCE = AT_SALT + crypto_pwhash_SALTBYTES,
	AT_BOX = AT_NONCE + crypto_secretbox_NONCEBYTES,
	AT_CHECKSUM = AT_BOX + crypto_secretbox_MACBYTES + VAULT_KEY_BYTES,
	CHECKSUM_SIZE = 32,
};
static_assert(AT_CHECKSUM + CHECKSUM_SIZE == SLOT_PASSPHRASE_SIZE, "the slot has no gap");

static const unsigned char magic[8] = {'e', 'n', 'v', 's', 'l', 'o', 't', 0};

const struct slot_cost slot_cost_new = {crypto_pwhash_OPSLIMIT_MODERATE,
                                        crypto_pwhash_MEMLIMIT_MODERATE};
/* Less makes guessing cheap; more would let a planted slot hang the reader or eat its memory. */
const struct slot_cost slot_cost_min = {crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                        crypto_pwhash_MEMLIMIT_INTERACTIVE};
const struct slot_cost slot_cost_max = {4 * crypto_pwhash_OPSLIMIT_SENSITIVE,
                                        crypto_pwhash_MEMLIMIT_SENSITIVE};

int slot_key_write(int slots, const char *path, const struct secret *root, struct error *err) {
	return tree_write(slots, SLOT_KEY_FILE, root->bytes, root->size, true, path, err);
}

int slot_key_read(int fd, const char *path, struct secret **ret_root, struct error *err) {
	struct stat st;
	int r = tree_check(fd, S_IFREG, path, &st, err);
	if (r < 0)
		return r;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return error_set(err, EPERM, "key file '%s' is open to others; run: chmod 600 '%s'",
		                 path, path);
	if (st.st_size != VAULT_KEY_BYTES)
		return error_set(err, EBADMSG,
		                 "key file '%s' must have exactly %d bytes; restore it from "
		                 "a backup",
		                 path, VAULT_KEY_BYTES);
	cleanup_secret struct secret *root = NULL;
	r = secret_new(VAULT_KEY_BYTES, &root, err);
	if (r < 0)
		return r;
	r = fd_read_full(fd, root->bytes, root->size);
	if (r < 0)
		return error_errno(err, r, "cannot read key file '%s'", path);
	*ret_root = steal_pointer(root);
	return 0;
}

static void checksum(const unsigned char *slot, unsigned char ret_sum[static CHECKSUM_SIZE]) {
	crypto_generichash(ret_sum, CHECKSUM_SIZE, slot, AT_CHECKSUM, NULL, 0);
}

static int derive(const unsigned char *slot, const char *path, const struct secret *passphrase,
                  struct secret **ret_key, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = secret_new(crypto_secretbox_KEYBYTES, &key, err);
	if (r < 0)
		return r;
	uint64_t memory = bytes_get(slot + AT_MEMORY, 8);
	if (crypto_pwhash(key->bytes, key->size, (const char *)passphrase->bytes, passphrase->size,
	                  slot + AT_SALT, bytes_get(slot + AT_OPERATIONS, 8), (size_t)memory,
	                  (int)bytes_get(slot + AT_ALGORITHM, 4)) != 0)
		return error_set(err, ENOMEM,
		                 "'%s': Argon2id needs %u MiB of memory; free some or raise "
		                 "the limit",
		                 path, (unsigned int)(memory >> 20));
	*ret_key = steal_pointer(key);
	return 0;
}

int slot_passphrase_write(int slots, const char *path, const struct secret *root,
                          const struct secret *passphrase, const struct slot_cost *cost,
                          struct error *err) {
	unsigned char slot[SLOT_PASSPHRASE_SIZE];
	if (root->size != VAULT_KEY_BYTES)
		return error_set(err, EINVAL, "the root key must have %d bytes", VAULT_KEY_BYTES);
	memcpy(slot + AT_MAGIC, magic, sizeof(magic));
	bytes_put(slot + AT_VERSION, 4, FORMAT_VERSION);
	bytes_put(slot + AT_ALGORITHM, 4, crypto_pwhash_ALG_ARGON2ID13);
	bytes_put(slot + AT_OPERATIONS, 8, cost->operations);
	bytes_put(slot + AT_MEMORY, 8, cost->memory);
	randombytes_buf(slot + AT_SALT, crypto_pwhash_SALTBYTES);
	randombytes_buf(slot + AT_NONCE, crypto_secretbox_NONCEBYTES);
	cleanup_secret struct secret *key = NULL;
	int r = derive(slot, path, passphrase, &key, err);
	if (r < 0)
		return r;
	crypto_secretbox_easy(slot + AT_BOX, root->bytes, root->size, slot + AT_NONCE, key->bytes);
	checksum(slot, slot + AT_CHECKSUM);
	return tree_write(slots, SLOT_PASSPHRASE, slot, sizeof(slot), true, path, err);
}

static int damaged(const char *path, const char *what, struct error *err) {
	return error_set(err, EBADMSG, "slot '%s' %s; restore it from a backup", path, what);
}

static bool within_bounds(const unsigned char *slot) {
	uint64_t operations = bytes_get(slot + AT_OPERATIONS, 8);
	uint64_t memory = bytes_get(slot + AT_MEMORY, 8);
	return operations >= slot_cost_min.operations && operations <= slot_cost_max.operations &&
	       memory >= slot_cost_min.memory && memory <= slot_cost_max.memory;
}

/* The checksum has no key: it only tells damage from a wrong passphrase. */
static int check(const unsigned char *slot, const char *path, struct error *err) {
	unsigned char sum[CHECKSUM_SIZE];
	checksum(slot, sum);
	if (memcmp(slot + AT_MAGIC, magic, sizeof(magic)) != 0 ||
	    memcmp(slot + AT_CHECKSUM, sum, sizeof(sum)) != 0)
		return damaged(path, "is damaged", err);
	if (bytes_get(slot + AT_VERSION, 4) != FORMAT_VERSION ||
	    bytes_get(slot + AT_ALGORITHM, 4) != crypto_pwhash_ALG_ARGON2ID13)
		return error_set(err, EBADMSG,
		                 "slot '%s' has a format that this envseal does not know; "
		                 "use a newer one",
		                 path);
	if (!within_bounds(slot))
		return damaged(path, "asks for a cost that is out of bounds", err);
	return 0;
}

int slot_passphrase_read(int slots, const char *path, struct slot_sealed *ret_slot,
                         struct error *err) {
	struct slot_sealed slot;
	struct stat st;
	cleanup_fd int fd = -1;
	int r = tree_open_file(slots, SLOT_PASSPHRASE, path, &fd, &st, err);
	if (r < 0)
		return r;
	if (st.st_size != sizeof(slot.bytes))
		return damaged(path, "does not have the size of a slot", err);
	r = fd_read_full(fd, slot.bytes, sizeof(slot.bytes));
	if (r < 0)
		return error_errno(err, r, "cannot read slot '%s'", path);
	r = check(slot.bytes, path, err);
	if (r == 0)
		*ret_slot = slot;
	return r;
}

int slot_passphrase_open(const struct slot_sealed *slot, const char *path,
                         const struct secret *passphrase, struct secret **ret_root,
                         struct error *err) {
	cleanup_secret struct secret *key = NULL;
	cleanup_secret struct secret *root = NULL;
	int r = derive(slot->bytes, path, passphrase, &key, err);
	if (r == 0)
		r = secret_new(VAULT_KEY_BYTES, &root, err);
	if (r < 0)
		return r;
	if (crypto_secretbox_open_easy(root->bytes, slot->bytes + AT_BOX,
	                               crypto_secretbox_MACBYTES + VAULT_KEY_BYTES,
	                               slot->bytes + AT_NONCE, key->bytes) != 0)
		return error_set(err, EKEYREJECTED, "wrong passphrase");
	*ret_root = steal_pointer(root);
	return 0;
}
