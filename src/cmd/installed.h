#ifndef ENVSEAL_CMD_INSTALLED_H
#define ENVSEAL_CMD_INSTALLED_H

#include "authority/privilege.h"
#include "util/error.h"

/*
 * The privilege that envseal-exec would begin with if this process executed it, as it is installed at `program`. For
 * explanations: nobody holds it. Errors as privilege_begin. -ENOENT and others: `program` cannot be looked at.
 */
int installed_privilege(const char *program, struct privilege *ret_privilege, struct error *err);

#endif
