#ifndef ENVSEAL_VAULT_VAULT_H
#define ENVSEAL_VAULT_VAULT_H

#include "util/cleanup.h"
#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The write-only vault: a directory (doc/formats/vault.md). Whoever can write it can store secrets;
 * reading them needs the root key, from a slot. Knows nothing of programs or policies.
 *
 * Every function that changes a vault holds its lock, and first finishes what a killed process had
 * begun. -EBUSY: another process held the lock for ten seconds. Reading takes no lock and writes
 * nothing.
 */

#define VAULT_NAME_MAX 255
#define VAULT_VALUE_MAX ((size_t)1024 * 1024)
#define VAULT_PASSPHRASE_MAX 1024
#define VAULT_SEAL_OVERHEAD_MAX 1024 /* how much larger than its value a sealed file can be */
#define VAULT_KEY_BYTES 32

/* The kinds of slot. A vault has at most one of each. */
enum vault_slot {
	VAULT_SLOT_HOST_KEY,   /* slots/host.key: the root key itself */
	VAULT_SLOT_PASSPHRASE, /* slots/passphrase: Argon2id, then secretbox(root key) */
	VAULT_SLOT_RECOVERY,   /* the others: secretbox(root key) under 32 random bytes ... */
	VAULT_SLOT_KEY_FILE,   /* ... in a file elsewhere */
	VAULT_SLOT_CREDENTIAL, /* ... that systemd hands to a service */
	VAULT_SLOT_TPM2,       /* ... that a TPM keeps */
	VAULT_SLOTS,
};

struct vault;

/*
 * 1-255 bytes of [A-Za-z0-9._-] in segments joined by "/", none starting with a dot, longer than
 * 248 bytes or ending in ".sealed" (vault/names.h). -EINVAL; the text does not show the name.
 */
int vault_name_check(const char *name, struct error *err);

/*
 * Makes a vault with one slot in `directory`, which is made with its parents (0700) when missing.
 * `passphrase` is for VAULT_SLOT_PASSPHRASE, else NULL and VAULT_SLOT_HOST_KEY. vault.toml is
 * written last, so that an unfinished vault is not used. -EEXIST: there is a vault already.
 */
int vault_create(const char *directory, enum vault_slot slot, const struct secret *passphrase,
                 struct error *err);

/*
 * Makes the vaults of this process the system's. Call it once, before the first is opened: like
 * umask(2), it is for the whole process. Files of `service_uid` are then accepted like this user's
 * and root's, and everything that is written gets that owner, except the lock: directories 0500,
 * files 0400, so that the service can only read. `vault_create` makes the directories above with
 * 0755. Needs root. Without this call, no other user's file is accepted.
 */
void vault_serve(uid_t service_uid);

/* That uid; 0: the vaults are the user's. */
uid_t vault_served(void);

/*
 * Reads vault.toml, which is enough for storing, listing and removing. Nothing in it is proven
 * until vault_unlock. -ENOENT: no vault there. -EBADMSG: damaged.
 */
int vault_open(const char *directory, struct vault **ret_vault, struct error *err);

/* Where an unlocked root key is kept for a limited time (vault/keep.c). */
struct vault_keep {
	const char *directory; /* a tmpfs directory; NULL: the user's kernel keyring */
	uid_t owner;           /* who owns the file there and can read it */
};

/*
 * Where the root key comes from, in this order: `key_file`; slots/host.key; `keep`; `credential`
 * with its slot; `tpm2` with its slot; slots/passphrase or slots/recovery with the answer of `ask`.
 * Ways that are NULL, or whose slot does not exist, are skipped.
 */
struct vault_unlock {
	const char *key_file;
	const char *credential;
	const struct vault_keep *keep;
	/*
	 * Has a TPM decrypt `blob`, which was given to vault_slot_add. -ENOKEY: there is no TPM.
	 * -ENOTSUP: this build has no support for it. After either, the next way is tried.
	 */
	int (*tpm2)(void *context, const unsigned char *blob, size_t size, struct secret **ret_key,
	            struct error *err);
	/* Asks for the passphrase or another secret; `what` names it ("passphrase"). */
	int (*ask)(void *context, const char *what, struct secret **ret_answer, struct error *err);
	void *context;
};

/*
 * Gets the root key and verifies vault.toml with it (a MAC covers id and public key). Strings in
 * `how` must live as long as the vault: when another process changes the root key, the vault is
 * unlocked again by the ways that do not ask.
 *   -ENOKEY        locked: no slot could be opened
 *   -EKEYREJECTED  wrong passphrase, key or recovery key
 *   -EBADMSG       damaged, or altered
 *   -EPERM         others may read a key file
 */
int vault_unlock(struct vault *vault, const struct vault_unlock *how, struct error *err);

/* Whether it was unlocked. */
bool vault_is_open(const struct vault *vault);

/*
 * Whether the vault has such a slot, unreadable for others. Opens nothing. -ENOENT: there is none.
 * -EPERM: others can read it.
 */
int vault_has_slot(const struct vault *vault, enum vault_slot slot, struct error *err);

const char *vault_directory(const struct vault *vault);

/* X25519, VAULT_KEY_BYTES bytes; lives as long as the vault. */
const uint8_t *vault_public_key(const struct vault *vault);

/* "xxxx-xxxx-..." of BLAKE2b over the public key: what `store` shows. */
#define VAULT_FINGERPRINT_SIZE 40
void vault_fingerprint(const uint8_t public_key[static VAULT_KEY_BYTES],
                       char ret_text[static VAULT_FINGERPRINT_SIZE]);

/*
 * Seals `value` (1 to VAULT_VALUE_MAX bytes) under `name`. Needs no key. `expires` is in seconds
 * since the epoch, 0 for never. The replaced value is kept until vault_prune.
 *   -EEXIST  there is one and `replace` is false
 *   -ESTALE  the root key was changed since the vault was opened
 */
int vault_store(struct vault *vault, const char *name, const struct secret *value, int64_t expires,
                bool replace, struct error *err);

/*
 * Stores a file that was sealed elsewhere (doc/formats/vault.md). -EBADMSG: it is not a sealed
 * file.
 */
int vault_store_sealed(struct vault *vault, const char *name, unsigned char *bytes, size_t size,
                       bool replace, struct error *err);

/* Removes a secret and its previous value. -ENOENT: no such secret. */
int vault_remove(struct vault *vault, const char *name, struct error *err);

/*
 * Renames a secret. The vault must be unlocked: the name is inside the seal. -EEXIST: the new name
 * is in use.
 */
int vault_rename(struct vault *vault, const char *name, const char *new_name, struct error *err);

/*
 * Restores the previous value, and keeps the present one as the previous. -ENOENT: there is none.
 */
int vault_restore(struct vault *vault, const char *name, struct error *err);

/* Removes all previous values, and empty directories. */
int vault_prune(struct vault *vault, size_t *ret_count, struct error *err);

/*
 * Stores several secrets, all or none: put each, then commit. Freeing without a commit stores
 * nothing.
 */
struct vault_batch;
int vault_batch_new(struct vault *vault, struct vault_batch **ret_batch, struct error *err);
int vault_batch_put(struct vault_batch *batch, const char *name, const struct secret *value,
                    int64_t expires, bool replace, struct error *err);
int vault_batch_commit(struct vault_batch *batch, struct error *err);
void vault_batch_free(struct vault_batch *batch);

/* Calls `each` with every name, in byte order. A non-zero return ends the walk and is returned. */
int vault_list(const struct vault *vault, int (*each)(void *context, const char *name),
               void *context, struct error *err);

/* Whether a secret of that name is there; opens nothing. 0, -ENOENT or another error. */
int vault_has(const struct vault *vault, const char *name, struct error *err);

/* What can be read without a key. */
struct vault_info {
	uint32_t version;
	int64_t created;
	int64_t expires;     /* 0: never */
	size_t size_at_most; /* an upper bound of the value's size, at most 255 bytes above it */
	bool previous;       /* the previous value is kept */
};

int vault_inspect(const struct vault *vault, const char *name, struct vault_info *ret_info,
                  struct error *err);

/* Whether vault_unseal would succeed at `now`, as far as can be told without a key. Same errors. */
int vault_preview(const struct vault *vault, const char *name, int64_t now, struct error *err);

/*
 * Opens a secret. The vault must be unlocked. Takes no lock and writes nothing. The caller frees.
 *   -ENOENT       no such secret
 *   -EBADMSG      damaged, moved from another name, or sealed to another key
 *   -EKEYEXPIRED  its expiry has passed
 *   -ESTALE       the root key was changed, and only asking would unlock the vault again
 */
int vault_unseal(const struct vault *vault, const char *name, struct secret **ret_value,
                 struct error *err);

/*
 * Verifies everything: opens each secret and each previous value, and checks slots, modes and stray
 * files. The vault must be unlocked. Each finding is a text. An error means that the verification
 * could not be done.
 */
int vault_verify(struct vault *vault, void (*finding)(void *context, const char *text),
                 void *context, size_t *ret_secrets, struct error *err);

/*
 * A fingerprint of a secret's value: the same for equal values in one vault, and useless without
 * the root key. With `phrase`: the same in every vault for equal phrases; whoever knows the phrase
 * can guess values, each guess at the price of one Argon2id. The vault must be unlocked.
 */
int vault_value_fingerprint(const struct vault *vault, const char *name,
                            const struct secret *phrase,
                            char ret_text[static VAULT_FINGERPRINT_SIZE], struct error *err);

/* Names of the kinds of slot, as users write them. */
const char *vault_slot_name(enum vault_slot slot);
int vault_slot_parse(const char *name, enum vault_slot *ret_slot);

/* The cost of a guess: opslimit of crypto_pwhash, and memlimit in bytes. */
struct vault_cost {
	uint64_t operations;
	uint64_t memory;
};

struct vault_slot_info {
	bool exists;
	struct vault_cost cost; /* of a passphrase */
	int64_t changed;        /* seconds since the epoch */
	bool whole;             /* the file is complete */
};

int vault_slot_inspect(const struct vault *vault, enum vault_slot slot,
                       struct vault_slot_info *ret_info, struct error *err);

/*
 * A new slot. `key` is the passphrase, or the 32 bytes; NULL for VAULT_SLOT_HOST_KEY. `cost` is for
 * passphrases, NULL for the default. `blob` is what the TPM will decrypt to the key.
 */
struct vault_slot_new {
	enum vault_slot slot;
	const struct secret *key;
	const struct vault_cost *cost;
	const unsigned char *blob;
	size_t blob_size;
};

/* The vault must be unlocked. -EEXIST: there is one and `replace` is false. */
int vault_slot_add(struct vault *vault, const struct vault_slot_new *slot, bool replace,
                   struct error *err);

/* -ENOENT: there is none. -EPERM: it is the last slot that opens the vault. */
int vault_slot_remove(struct vault *vault, enum vault_slot slot, struct error *err);

/* Whether `key` opens the slot: 0, -EKEYREJECTED, or an error of reading it. */
int vault_slot_try(const struct vault *vault, enum vault_slot slot, const struct secret *key,
                   struct error *err);

/*
 * Converts 32 bytes to a recovery key as people write it, and back. -EINVAL: not one, or mistyped.
 */
#define VAULT_RECOVERY_SIZE 70
int vault_recovery_format(const struct secret *key, struct secret **ret_text, struct error *err);
int vault_recovery_parse(const struct secret *text, struct secret **ret_key, struct error *err);

/* A key file: 32 bytes, private. Made when missing (`*ret_made`), else read. The caller frees. */
int vault_key_file(const char *path, bool *ret_made, struct secret **ret_key, struct error *err);

/*
 * Changes the root key. begin: verifies that every secret opens, writes `slots` for the new key and
 * switches to it; or continues a change that was interrupted (then `slots` is ignored and
 * *ret_resumed set). finish: seals everything again and erases the old key. The vault is held from
 * begin to vault_free, and must be unlocked. A kill at any time loses nothing: until finish is
 * done, both keys open the secrets.
 */
int vault_rotate_begin(struct vault *vault, const struct vault_slot_new *slots, size_t count,
                       bool *ret_resumed, struct error *err);
int vault_rotate_finish(struct vault *vault, size_t *ret_secrets, struct error *err);

/* Whether a change of the root key was begun and is not finished. */
bool vault_is_rotating(const struct vault *vault);

/*
 * Keeps the root key of an unlocked vault for `seconds`, or forgets it. -ENOENT: nothing was kept.
 */
int vault_keep(const struct vault *vault, const struct vault_keep *keep, unsigned int seconds,
               struct error *err);
int vault_forget(const struct vault *vault, const struct vault_keep *keep, struct error *err);

/*
 * The key of approvals' MACs, VAULT_KEY_BYTES bytes, derived from the root key. The vault must be
 * unlocked. The caller frees. `retired`: of the previous root key; -ENOKEY unless the vault is
 * rotating.
 */
int vault_approval_key(const struct vault *vault, bool retired, struct secret **ret_key,
                       struct error *err);

/*
 * For other modules' files in the vault's directory. hold: takes the lock (it nests) until
 * vault_release or vault_free. write: replaces `name` below `dirfd` atomically.
 */
int vault_hold(struct vault *vault, struct error *err);
void vault_release(struct vault *vault);
int vault_write(struct vault *vault, int dirfd, const char *name, const void *bytes, size_t size,
                struct error *err);

/* Wipes the keys; NULL is fine. */
void vault_free(struct vault *vault);

DEFINE_CLEANUP(vault, struct vault *, vault_free)
#define cleanup_vault __attribute__((cleanup(cleanup_vault_)))

DEFINE_CLEANUP(hold, struct vault *, vault_release)
#define cleanup_hold __attribute__((cleanup(cleanup_hold_)))

DEFINE_CLEANUP(vault_batch, struct vault_batch *, vault_batch_free)
#define cleanup_vault_batch __attribute__((cleanup(cleanup_vault_batch_)))

#endif
