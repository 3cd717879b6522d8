#ifndef ENVSEAL_CMD_MODE_H
#define ENVSEAL_CMD_MODE_H

#include "cmd/options.h"
#include "policy/layers.h"
#include "policy/system.h"
#include "vault/vault.h"
#include "util/error.h"

#include <stdbool.h>

/*
 * Whose vault and policies a verb uses: the system's, if root calls it and SYSTEM_FILE exists,
 * unless --user, --vault, --layers, ENVSEAL_VAULT or ENVSEAL_LAYERS is given; else the caller's
 * own.
 */

/*
 * *ret_system tells which. For the system's, prepares the process to write it: umask 022, and
 * the service uid owns new vault files. Errors as system_read, except -ENOENT, which means the
 * caller's own.
 */
int mode_find(const struct cmd_common *common, bool *ret_system, struct error *err);

/*
 * Whether envseal-exec would use the system's layers first for this caller: an ordinary user,
 * where system mode is set up. Users do not approve those policies.
 */
bool mode_is_beside(const struct cmd_common *common);

/*
 * The system's layers, with the signatures that system.toml requires. Only after mode_find chose
 * the system.
 */
int mode_layers(struct layers *ret_layers, struct error *err);

/* Prepares the process to write the system's vault, right after system mode was set up. */
void mode_enter(const struct system *system);

/*
 * Whether only root could have put the system's vault where it is, so that nobody can redirect
 * stores. -EPERM: the text says what to fix.
 */
int mode_check_place(struct error *err);

#endif
