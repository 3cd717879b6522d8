#ifndef ENVSEAL_CMD_MODE_H
#define ENVSEAL_CMD_MODE_H

#include "cmd/options.h"
#include "policy/layers.h"
#include "policy/system.h"
#include "vault/vault.h"
#include "util/error.h"

#include <stdbool.h>

/*
 * Whose vault and policies a verb means. The system's, when root calls, system mode is set up (SYSTEM_FILE)
 * and nothing says otherwise: --user, --vault, --layers, ENVSEAL_VAULT and ENVSEAL_LAYERS each mean the user's
 * own. Anybody else means their own.
 */

/*
 * *ret_system tells which. Where it is the system's, the process is made ready to write it: umask 022, and
 * the vault's files become the service uid's. Errors as system_read, but -ENOENT, which means the user's.
 */
int mode_find(const struct cmd_common *common, bool *ret_system, struct error *err);

/*
 * Whether envseal-exec would ask the system's layers first, in system mode, for this caller: an ordinary user where root
 * has set it up. Policies found there are not for the user to approve.
 */
bool mode_is_beside(const struct cmd_common *common);

/* The system's layers, with what system.toml requires of them. Where mode_find found that they are meant. */
int mode_layers(struct layers *ret_layers, struct error *err);

/* Makes the process ready without asking, for who has just set system mode up. */
void mode_enter(const struct system *system);

/*
 * Whether the system's vault lies where only root could have put it, so that nobody can have stores go
 * elsewhere. -EPERM: the text says what to mend.
 */
int mode_check_place(struct error *err);

#endif
