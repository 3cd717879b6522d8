#ifndef ENVSEAL_VAULT_INTERNAL_H
#define ENVSEAL_VAULT_INTERNAL_H

#include "util/secret.h"
#include "vault/config.h"
#include "vault/keys.h"
#include "vault/seal.h"
#include "vault/layout.h"
#include "vault/vault.h"
#include "vault/writer.h"

/* What vault.toml said when it was last read, and the keys that fit it. */
struct vault_state {
	struct config config; /* proven once keys.root is set */
	struct vault_keys keys;
	struct vault_keys retired; /* the ones before; set while config.retiring */
};

/*
 * What the files of this module share of an open vault. Readers may find that somebody gave the vault
 * a new key meanwhile: what can change then is behind a pointer, so that reading takes a const vault.
 */
struct vault {
	char *directory;
	int dirfd;
	struct vault_state *now;
	struct vault_unlock how; /* how it was unlocked, but for asking */
	struct writer writer;
	unsigned int holds;
};

static inline struct layout_tree vault_tree(const struct vault *vault, const char *top) {
	return (struct layout_tree){vault->dirfd, vault->directory, top};
}

/* vault.toml as it is now; -ESTALE when it has another key than the one that was read at first. */
int vault_check_current(const struct vault *vault, struct error *err);

/* Reads vault.toml again and unlocks again the way that it was, asking nobody. */
int vault_refresh(const struct vault *vault, struct error *err);

/* Finds the place of a secret that should exist in a tree. The caller closes. -ENOENT, with a text for users. */
int vault_find(const struct vault *vault, const char *top, const char *name, struct layout_place *ret_place,
               struct error *err);

/* The bytes of an open file that may be a secret's. The caller frees, here and below. */
int vault_read_file(int fd, const char *name, const char *path, struct seal_bytes *ret_sealed,
                    struct error *err);

int vault_read_sealed(const struct vault *vault, const char *top, const char *name,
                      struct seal_bytes *ret_sealed, struct error *err);

/* Opens what is in a sealed file with the vault's keys, the retired ones too. */
int vault_open_sealed(const struct vault *vault, const char *name, int64_t now, const struct seal_bytes *sealed,
                      struct secret **ret_value, struct error *err);

int vault_is_unlocked(const struct vault *vault, struct error *err);

/* Gives the current file of a name a second name below previous/, in place of an older one. */
int vault_keep_previous(const struct vault *vault, const char *name, struct error *err);

/* Removes a name's file from one tree, and directories that it empties. -ENOENT: there is none. */
int vault_drop(const struct vault *vault, const char *top, const char *name, struct error *err);

/* "no secret 'x' in vault 'y'": -ENOENT. */
int vault_not_there(const struct vault *vault, struct error *err);

#endif
