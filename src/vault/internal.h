#ifndef ENVSEAL_VAULT_INTERNAL_H
#define ENVSEAL_VAULT_INTERNAL_H

#include "util/secret.h"
#include "vault/config.h"
#include "vault/keys.h"
#include "vault/seal.h"
#include "vault/layout.h"
#include "vault/vault.h"
#include "vault/writer.h"

/* vault.toml as last read, and the keys that match it. */
struct vault_state {
	struct config config; /* proven once keys.root is set */
	struct vault_keys keys;
	struct vault_keys retired; /* the previous ones; set while config.retiring */
};

/*
 * An open vault. The root key can be changed by another process while this one reads, so everything
 * that can change then is behind a pointer, and functions that read take a const vault.
 */
struct vault {
	char *directory;
	int dirfd;
	struct vault_state *now;
	struct vault_unlock how; /* how it was unlocked, except by asking */
	struct writer writer;
	unsigned int holds;
};

static inline struct layout_tree vault_tree(const struct vault *vault, const char *top) {
	return (struct layout_tree){vault->dirfd, vault->directory, top};
}

/* Reads vault.toml again. -ESTALE: it has another key than when the vault was opened. */
int vault_check_current(const struct vault *vault, struct error *err);

/* Reads vault.toml again and unlocks the vault in the same way, without asking anybody. */
int vault_refresh(const struct vault *vault, struct error *err);

/*
 * Finds the place of a secret that should exist in a tree. The caller closes. -ENOENT, with a text
 * for users.
 */
int vault_find(const struct vault *vault, const char *top, const char *name,
               struct layout_place *ret_place, struct error *err);

/* Reads a sealed file that is open. The caller frees, here and below. */
int vault_read_file(int fd, const char *name, const char *path, struct seal_bytes *ret_sealed,
                    struct error *err);

int vault_read_sealed(const struct vault *vault, const char *top, const char *name,
                      struct seal_bytes *ret_sealed, struct error *err);

/* Opens a sealed file with the vault's keys, the retired ones included. */
int vault_open_sealed(const struct vault *vault, const char *name, int64_t now,
                      const struct seal_bytes *sealed, struct secret **ret_value,
                      struct error *err);

/*
 * Something to do with one secret of a tree: LAYOUT_SECRETS or LAYOUT_PREVIOUS. 0 or a negative
 * errno.
 */
typedef int vault_act(const struct vault *vault, const char *top, const char *name,
                      struct error *err);

/*
 * Does it with each secret of a tree, in byte order, until it fails; *count grows by one for each.
 */
int vault_each(const struct vault *vault, const char *top, vault_act *act, size_t *count,
               struct error *err);

/* Whether a secret opens; one that has expired does. */
vault_act vault_check_opens;

int vault_is_unlocked(const struct vault *vault, struct error *err);

/* Links the current file of a name below previous/, where it replaces an older one. */
int vault_keep_previous(const struct vault *vault, const char *name, struct error *err);

/*
 * Removes a name's file from one tree, with the directories that become empty. -ENOENT: there is
 * none.
 */
vault_act vault_drop;

/* "no secret 'x' in vault 'y'": -ENOENT. */
int vault_not_there(const struct vault *vault, struct error *err);

#endif
