#ifndef ENVSEAL_CMD_OPTIONS_H
#define ENVSEAL_CMD_OPTIONS_H

#include "policy/layers.h"
#include "util/error.h"
#include "util/secret.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>

/* A verb's own option: a row of its table. */
struct cmd_option {
	const char *name;                              /* without the dashes */
	bool *flag;                                    /* set when given; for options without an argument */
	const char **value;                            /* set to the argument; the option then needs one */
	int (*each)(void *context, const char *value); /* or called for each time it is given */
	void *context;
};

/* What every verb takes: --user, --vault, --layers, --json, --no-input, --help. */
struct cmd_common {
	const char *vault;
	const char *layers;
	bool user;
	bool json;
	bool no_input;
	const char *passphrase_fd;
};

/*
 * Reads options (in any place, up to "--") and leaves the operands in argv[0 .. *ret_count). `own` ends
 * with a row without a name. Anything but CMD_OK is what the verb returns: a usage error was printed,
 * or the answer to --help.
 */
int cmd_options(int *argc, char **argv, const struct cmd_option *own, struct cmd_common *ret_common);

/* The same, up to the first operand: what follows it belongs to a command that is named. */
int cmd_options_first(int *argc, char **argv, const struct cmd_option *own, struct cmd_common *ret_common);

/*
 * Where things are, by the common options, then ENVSEAL_VAULT, ENVSEAL_LAYERS, then, for root, the system's
 * (cmd/mode.h), then the user's own directories (XDG Base Directory Specification). The caller frees.
 */
int cmd_vault_directory(const struct cmd_common *common, char **ret_directory, struct error *err);
int cmd_layers(const struct cmd_common *common, struct layers *ret_layers, struct error *err);

/*
 * Unlocks an open vault as the options and the environment say, asking for a passphrase unless
 * --no-input.
 */
int cmd_unlock(const struct cmd_common *common, struct vault *vault, struct error *err);

/* Asks for the vault's passphrase the same way, or reads --passphrase-fd. The caller frees. */
int cmd_ask_passphrase(const struct cmd_common *common, struct secret **ret_passphrase, struct error *err);

/* Where `envseal unlock` keeps the root key for this caller. */
const struct vault_keep *cmd_keep(void);

/* Opens the vault; with `unlock` also its root key, asking for a passphrase unless --no-input. */
int cmd_open_vault(const struct cmd_common *common, bool unlock, struct vault **ret_vault, struct error *err);

#endif
