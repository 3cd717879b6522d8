#ifndef ENVSEAL_VAULT_SLOT_SET_H
#define ENVSEAL_VAULT_SLOT_SET_H

#include "vault/slots.h"
#include "vault/tree.h"

/* The slots of an open vault, in the directory that vault.toml says. */

void slot_path(const struct vault *vault, enum vault_slot slot, char ret_path[static TREE_PATH_MAX]);
int slot_directory(const struct vault *vault, int *ret_fd, struct error *err);

/* As slot_read. */
int slot_find(const struct vault *vault, enum vault_slot slot, struct slot_sealed *ret_slot, struct error *err);

/* As slot_key_read; `ret_changed` may be NULL. -ENOENT: there is none. */
int slot_find_host_key(const struct vault *vault, struct secret **ret_root, int64_t *ret_changed,
                       struct error *err);

#endif
