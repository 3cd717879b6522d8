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
 * The write-only vault: a directory (doc/formats/vault.md). Anybody who may write it can store;
 * reading needs the root key, from a slot. Knows nothing of programs or policies.
 *
 * Every function that changes a vault holds its lock meanwhile and finishes first what a killed
 * process had begun; -EBUSY when somebody else holds it for ten seconds. Reading takes no lock and
 * writes nothing.
 */

#define VAULT_NAME_MAX 255
#define VAULT_VALUE_MAX ((size_t)1024 * 1024)
#define VAULT_PASSPHRASE_MAX 1024
#define VAULT_SEAL_OVERHEAD_MAX 1024 /* a sealed file has at most so many bytes more than its value */
#define VAULT_KEY_BYTES 32

/* What kinds of slot this version makes and opens; of each, a vault has one or none. */
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
 * 1-255 bytes of [A-Za-z0-9._-] in segments joined by "/", none starting with a dot, longer than 248
 * bytes or ending in ".sealed" (vault/names.h). -EINVAL; the text does not show the name.
 */
int vault_name_check(const char *name, struct error *err);

/*
 * Makes a vault in `directory` (made when missing, with its parents, 0700) with one slot.
 * `passphrase` is for VAULT_SLOT_PASSPHRASE, else NULL and VAULT_SLOT_HOST_KEY. vault.toml is written
 * last, so a half-made vault is never taken for one. -EEXIST: there is a vault already.
 */
int vault_create(const char *directory, enum vault_slot slot, const struct secret *passphrase,
                 struct error *err);

/*
 * Says that the vaults of this process are the system's (once, before the first is opened; as umask(2), for
 * the whole process). Then what belongs to `service_uid` is believed beside what is ours and root's, and
 * whatever is written becomes its, but for the lock: directories 0500, files 0400, so that the service only
 * reads. `vault_create` makes the directories above as 0755. Needs root. Without this nothing of another user
 * is believed.
 */
void vault_serve(uid_t service_uid);

/* That uid; 0: the vaults are the user's. */
uid_t vault_served(void);

/*
 * Reads vault.toml. Enough for storing, listing and removing. Nothing in it is proven until
 * vault_unlock. -ENOENT: no vault there. -EBADMSG: damaged.
 */
int vault_open(const char *directory, struct vault **ret_vault, struct error *err);

/* Where an unlocked root key waits until its time is over (vault/keep.c). */
struct vault_keep {
	const char *directory; /* a tmpfs directory; NULL: the user's kernel keyring */
	uid_t owner;           /* of the file there: who may read it */
};

/*
 * Where the root key comes from, in this order: `key_file` when set; slots/host.key when there is one;
 * `keep`; `credential` when that file and its slot are there; `tpm2` when it is set and there is a
 * slot; slots/passphrase or slots/recovery with what `ask` returns. What is NULL is left out.
 */
struct vault_unlock {
	const char *key_file;
	const char *credential;
	const struct vault_keep *keep;
	/*
	 * Has a TPM open `blob`, which was given to vault_slot_add. -ENOKEY, -ENOTSUP: there is none, or
	 * it is not known how: the next way is tried.
	 */
	int (*tpm2)(void *context, const unsigned char *blob, size_t size, struct secret **ret_key,
	            struct error *err);
	/* Asks for the passphrase, or for what else opens the vault: `what` says so ("passphrase"). */
	int (*ask)(void *context, const char *what, struct secret **ret_answer, struct error *err);
	void *context;
};

/*
 * Gets the root key and proves vault.toml with it (id and public key are under a MAC). Strings in `how`
 * must live as long as the vault: when somebody gives it a new root key meanwhile, it is unlocked again
 * by whatever does not ask.
 *   -ENOKEY      locked: no slot could be opened
 *   -EKEYREJECTED  wrong passphrase, key or recovery key
 *   -EBADMSG     damaged, or altered since it was made
 *   -EPERM       a key file that others may read
 */
int vault_unlock(struct vault *vault, const struct vault_unlock *how, struct error *err);

/* Whether it was unlocked. */
bool vault_is_open(const struct vault *vault);

/*
 * Whether the vault has such a slot, closed to others as it must be; opens nothing. 0, -ENOENT, -EPERM
 * or another error.
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
 * Seals `value` (1 to VAULT_VALUE_MAX bytes) under `name`. Needs no key. `expires` is in seconds since
 * the epoch, 0 for never. The value that is replaced is kept until vault_prune.
 *   -EEXIST  there is one and `replace` is false
 *   -ESTALE  the vault got a new key since it was opened
 */
int vault_store(struct vault *vault, const char *name, const struct secret *value, int64_t expires,
                bool replace, struct error *err);

/* The same with a file that was sealed elsewhere (doc/formats/vault.md). -EBADMSG: it cannot be one. */
int vault_store_sealed(struct vault *vault, const char *name, unsigned char *bytes, size_t size, bool replace,
                       struct error *err);

/* Removes a secret and the value before it. -ENOENT: no such secret. */
int vault_remove(struct vault *vault, const char *name, struct error *err);

/*
 * Gives a secret another name. The vault must be unlocked: the name is inside the seal. -EEXIST: there
 * is one of the new name.
 */
int vault_rename(struct vault *vault, const char *name, const char *new_name, struct error *err);

/* Puts the value before back, and keeps the present one in its place. -ENOENT: there is none. */
int vault_restore(struct vault *vault, const char *name, struct error *err);

/* Removes every value that was replaced, and empty directories. */
int vault_prune(struct vault *vault, size_t *ret_count, struct error *err);

/* Many at once, all or none: put each, then commit. Freeing without a commit stores nothing. */
struct vault_batch;
int vault_batch_new(struct vault *vault, struct vault_batch **ret_batch, struct error *err);
int vault_batch_put(struct vault_batch *batch, const char *name, const struct secret *value, int64_t expires,
                    bool replace, struct error *err);
int vault_batch_commit(struct vault_batch *batch, struct error *err);
void vault_batch_free(struct vault_batch *batch);

/* Calls `each` with every name, in byte order. A non-zero return ends the walk and is returned. */
int vault_list(const struct vault *vault, int (*each)(void *context, const char *name), void *context,
               struct error *err);

/* Whether a secret of that name is there; opens nothing. 0, -ENOENT or another error. */
int vault_has(const struct vault *vault, const char *name, struct error *err);

/* What shows without a key. */
struct vault_info {
	uint32_t version;
	int64_t created;
	int64_t expires;     /* 0: never */
	size_t size_at_most; /* the value has at most so many bytes, and at most 255 fewer */
	bool previous;       /* the value before is kept */
};

int vault_inspect(const struct vault *vault, const char *name, struct vault_info *ret_info, struct error *err);

/* Whether vault_unseal would open it at `now`, as far as that shows without a key. Errors as there. */
int vault_preview(const struct vault *vault, const char *name, int64_t now, struct error *err);

/*
 * Opens a secret; the vault must be unlocked. Takes no lock and writes nothing. The caller frees.
 *   -ENOENT    no such secret
 *   -EBADMSG   damaged, moved from another name, or sealed to another key
 *   -EKEYEXPIRED  its own expiry has passed
 *   -ESTALE    the vault got a new key meanwhile, and somebody would have to be asked
 */
int vault_unseal(const struct vault *vault, const char *name, struct secret **ret_value, struct error *err);

/*
 * Looks at everything: opens each secret, also those kept from before, and checks slots, modes and
 * what should not be there. The vault must be unlocked. Each finding is a text. Returns an error only
 * when it could not look.
 */
int vault_verify(struct vault *vault, void (*finding)(void *context, const char *text), void *context,
                 size_t *ret_secrets, struct error *err);

/*
 * A fingerprint of a secret's value, the same for equal values in one vault, of no use to anybody
 * without the root key. With `phrase`, the same in every vault for equal phrases; whoever knows the
 * phrase can then try values, each at the price of an Argon2id. The vault must be unlocked.
 */
int vault_value_fingerprint(const struct vault *vault, const char *name, const struct secret *phrase,
                            char ret_text[static VAULT_FINGERPRINT_SIZE], struct error *err);

/* The names by which people call the kinds of slot, and what is in one. */
const char *vault_slot_name(enum vault_slot slot);
int vault_slot_parse(const char *name, enum vault_slot *ret_slot);

/* What a guess costs: crypto_pwhash's opslimit, and its memlimit in bytes. */
struct vault_cost {
	uint64_t operations;
	uint64_t memory;
};

struct vault_slot_info {
	bool exists;
	struct vault_cost cost; /* of a passphrase */
	int64_t changed;        /* seconds since the epoch */
	bool whole;             /* its file can be one */
};

int vault_slot_inspect(const struct vault *vault, enum vault_slot slot, struct vault_slot_info *ret_info,
                       struct error *err);

/*
 * What a new slot needs: `key` is the passphrase, or the 32 bytes; nothing for VAULT_SLOT_HOST_KEY.
 * `cost` is for passphrases, NULL for the default. `blob` is what the TPM will open to the key.
 */
struct vault_slot_new {
	enum vault_slot slot;
	const struct secret *key;
	const struct vault_cost *cost;
	const unsigned char *blob;
	size_t blob_size;
};

/* The vault must be unlocked. -EEXIST: there is one and `replace` is false. */
int vault_slot_add(struct vault *vault, const struct vault_slot_new *slot, bool replace, struct error *err);

/* -ENOENT: there is none. -EPERM: without it nothing would open the vault. */
int vault_slot_remove(struct vault *vault, enum vault_slot slot, struct error *err);

/* Whether `key` opens the slot: 0, -EKEYREJECTED, or what reading it gives. */
int vault_slot_try(const struct vault *vault, enum vault_slot slot, const struct secret *key,
                   struct error *err);

/* A recovery key as people write it, from 32 bytes and back. -EINVAL: not one, or mistyped. */
#define VAULT_RECOVERY_SIZE 70
int vault_recovery_format(const struct secret *key, struct secret **ret_text, struct error *err);
int vault_recovery_parse(const struct secret *text, struct secret **ret_key, struct error *err);

/* A key file: 32 bytes, private. Made when missing (`*ret_made`), else read. The caller frees. */
int vault_key_file(const char *path, bool *ret_made, struct secret **ret_key, struct error *err);

/*
 * A new root key. begin: proves that every secret opens, writes `slots` for the new key and switches
 * to it, or goes on with a change that was interrupted (then `slots` is ignored and *ret_resumed set).
 * finish: seals everything again and forgets the old key. The vault is held from begin to vault_free,
 * and must be unlocked. A kill anywhere loses nothing: both keys open until finish is through.
 */
int vault_rotate_begin(struct vault *vault, const struct vault_slot_new *slots, size_t count, bool *ret_resumed,
                       struct error *err);
int vault_rotate_finish(struct vault *vault, size_t *ret_secrets, struct error *err);

/* Whether a change of the root key was begun and not finished. */
bool vault_is_rotating(const struct vault *vault);

/* Keeps the root key of an unlocked vault for `seconds`, or forgets it. -ENOENT: nothing was kept. */
int vault_keep(const struct vault *vault, const struct vault_keep *keep, unsigned int seconds,
               struct error *err);
int vault_forget(const struct vault *vault, const struct vault_keep *keep, struct error *err);

/*
 * The key for approvals' MACs, VAULT_KEY_BYTES bytes, derived from the root key. The vault must be
 * unlocked. The caller frees. `retired`: of the root key before, -ENOKEY unless the vault is rotating.
 */
int vault_approval_key(const struct vault *vault, bool retired, struct secret **ret_key, struct error *err);

/*
 * For what others keep in the vault's directory: holds the lock (it nests), and replaces `name` below
 * `dirfd`, whole or not at all. Held until vault_release or vault_free.
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
