#ifndef ENVSEAL_CMD_VAULT_RECOVERY_H
#define ENVSEAL_CMD_VAULT_RECOVERY_H

#include "util/error.h"
#include "util/secret.h"

/* 32 random bytes. The caller frees. */
int recovery_new(struct secret **ret_key, struct error *err);

/* Shows a recovery key on standard output, this once. Bypasses stdio, which would keep a copy. */
int recovery_print(const struct secret *key, struct error *err);

#endif
