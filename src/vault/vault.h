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
 */

#define VAULT_NAME_MAX 255
#define VAULT_VALUE_MAX ((size_t)1024 * 1024)
#define VAULT_PASSPHRASE_MAX 1024
#define VAULT_KEY_BYTES 32

/* What kinds of slot this version makes and opens. */
enum vault_slot {
	VAULT_SLOT_KEY_FILE,     /* slots/host.key: the root key itself */
	VAULT_SLOT_PASSPHRASE,   /* slots/passphrase: Argon2id, then secretbox(root key) */
};

struct vault;

/*
 * 1-255 bytes of [A-Za-z0-9._-] in segments joined by "/", none starting with a dot, longer than 248
 * bytes or ending in ".sealed" (vault/names.h). -EINVAL; the text does not show the name.
 */
int vault_name_check(const char *name, struct error *err);

/*
 * Makes a vault in `directory` (made when missing, with its parents, 0700) with one slot.
 * `passphrase` is for VAULT_SLOT_PASSPHRASE, else NULL. vault.toml is written last, so a half-made
 * vault is never taken for one. -EEXIST: there is a vault already.
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

/*
 * Reads vault.toml. Enough for storing, listing and removing. Nothing in it is proven until
 * vault_unlock. -ENOENT: no vault there. -EBADMSG: damaged.
 */
int vault_open(const char *directory, struct vault **ret_vault, struct error *err);

/*
 * Where the root key comes from, in this order: `key_file` when set; slots/host.key when there is
 * one; slots/passphrase with what `ask` returns. `ask` may be NULL: nobody can be asked.
 */
struct vault_unlock {
	const char *key_file;
	int (*ask)(void *context, struct secret **ret_passphrase, struct error *err);
	void *context;
};

/*
 * Gets the root key and proves vault.toml with it (id and public key are under a MAC).
 *   -ENOKEY      locked: no slot could be opened
 *   -EKEYREJECTED  wrong passphrase
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
 * Seals `value` (1 to VAULT_VALUE_MAX bytes) under `name`. Needs no key. -EEXIST: there is one and
 * `replace` is false.
 */
int vault_store(struct vault *vault, const char *name, const struct secret *value, bool replace,
                struct error *err);

/* -ENOENT: no such secret. */
int vault_remove(struct vault *vault, const char *name, struct error *err);

/* Calls `each` with every name, in byte order. A non-zero return ends the walk and is returned. */
int vault_list(const struct vault *vault, int (*each)(void *context, const char *name), void *context,
               struct error *err);

/* Whether a secret of that name is there and looks as one should; needs no key. Errors as vault_unseal. */
int vault_has(const struct vault *vault, const char *name, struct error *err);

/*
 * Opens a secret; the vault must be unlocked. Takes no lock and writes nothing. The caller frees.
 *   -ENOENT    no such secret
 *   -EBADMSG   damaged, moved from another name, or sealed to another key
 *   -EKEYEXPIRED  its own expiry has passed
 */
int vault_unseal(const struct vault *vault, const char *name, struct secret **ret_value,
                 struct error *err);

/*
 * The key for approvals' MACs, VAULT_KEY_BYTES bytes, derived from the root key. The vault must be
 * unlocked. The caller frees.
 */
int vault_approval_key(const struct vault *vault, struct secret **ret_key, struct error *err);

/* Wipes the keys; NULL is fine. */
void vault_free(struct vault *vault);

DEFINE_CLEANUP(vault, struct vault *, vault_free)
#define cleanup_vault __attribute__((cleanup(cleanup_vault_)))

#endif
