#ifndef ENVSEAL_CMD_VAULT_INIT_SYSTEM_H
#define ENVSEAL_CMD_VAULT_INIT_SYSTEM_H

#include "policy/system.h"
#include "util/error.h"

/*
 * The ids for system mode: those of SYSTEM_FILE, with which what is asked for (NULL: nothing) must
 * agree,
 * or, where there is no such file, what is asked for, which is then written there.
 *   -EPERM not root, or the file is not to be believed
 *   -EINVAL not a number from 1 to 4294967294, missing, or not what the file says
 */
int init_system(const char *service_uid, const char *run_gid, struct system *ret_system,
                struct error *err);

#endif
