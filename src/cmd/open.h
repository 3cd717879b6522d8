#ifndef ENVSEAL_CMD_OPEN_H
#define ENVSEAL_CMD_OPEN_H

#include "cmd/options.h"
#include "policy/layers.h"
#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"

/*
 * Where things are, by the common options, then ENVSEAL_VAULT, ENVSEAL_LAYERS, then, for root, the
 * system's (cmd/mode.h), then the user's own directories (XDG Base Directory Specification). The
 * caller frees.
 */
int cmd_vault_directory(const struct cmd_common *common, char **ret_directory, struct error *err);
int cmd_layers(const struct cmd_common *common, struct layers *ret_layers, struct error *err);

/*
 * Unlocks an open vault as the options and the environment say, asking for a passphrase unless
 * --no-input.
 */
int cmd_unlock(const struct cmd_common *common, struct vault *vault, struct error *err);

/* Asks for the vault's passphrase the same way, or reads --passphrase-fd. The caller frees. */
int cmd_ask_passphrase(const struct cmd_common *common, struct secret **ret_passphrase,
                       struct error *err);

/* Where `envseal unlock` keeps the root key for this caller. */
const struct vault_keep *cmd_keep(void);

/* Opens the vault; with `unlock` also its root key, asking for a passphrase unless --no-input. */
int cmd_open_vault(const struct cmd_common *common, bool unlock, struct vault **ret_vault,
                   struct error *err);

#endif
