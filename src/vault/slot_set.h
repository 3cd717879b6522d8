#ifndef ENVSEAL_VAULT_SLOT_SET_H
#define ENVSEAL_VAULT_SLOT_SET_H

#include "vault/slots.h"
#include "vault/layout.h"

/*
 * The slots of an open vault. `top` is LAYOUT_SLOTS or LAYOUT_SLOTS_NEXT, else the one that
 * vault.toml says.
 */

void slots_path(const struct vault *vault, const char *top, enum vault_slot slot,
                char ret_path[static LAYOUT_PATH_MAX]);

/* As layout_open_directory; with `make`, makes the directory when it is missing. */
int slots_open(const struct vault *vault, const char *top, bool make, int *ret_fd,
               struct error *err);

/* Removes slots.next/ unless it is in use. A change of the root key left it, finished or not. */
int slots_remove_next(const struct vault *vault, struct error *err);

void slot_path(const struct vault *vault, enum vault_slot slot,
               char ret_path[static LAYOUT_PATH_MAX]);
int slot_directory(const struct vault *vault, int *ret_fd, struct error *err);

/* As slot_read. */
int slot_find(const struct vault *vault, enum vault_slot slot, struct slot_sealed *ret_slot,
              struct error *err);

/* As slot_key_read; `ret_changed` may be NULL. -ENOENT: there is none. */
int slot_find_host_key(const struct vault *vault, struct secret **ret_root, int64_t *ret_changed,
                       struct error *err);

#endif
