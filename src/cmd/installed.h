#ifndef ENVSEAL_CMD_INSTALLED_H
#define ENVSEAL_CMD_INSTALLED_H

#include "authority/privilege.h"
#include "util/error.h"

/*
 * Describes the privilege that envseal-exec would begin with if this process executed it, as
 * installed at `program`. Errors as privilege_begin. -ENOENT and others: `program` cannot be
 * examined.
 */
int installed_privilege(const char *program, struct privilege *ret_privilege, struct error *err);

#endif
