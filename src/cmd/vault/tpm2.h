#ifndef ENVSEAL_CMD_VAULT_TPM2_H
#define ENVSEAL_CMD_VAULT_TPM2_H

#include "util/error.h"
#include "util/secret.h"

#include <stddef.h>

/*
 * Keys that only this machine's TPM opens, through tpm2-tss: its storage key (ECC P-256, the
 * owner's hierarchy, made anew each time) seals them, over an encrypted session. Bound to the
 * TPM, not to what was booted. Only in `envseal`: the library loads its transports with
 * dlopen(3), which a static program cannot. ENVSEAL_TPM2_TCTI names the transport;
 * "device:/dev/tpmrm0" is the default. * In a build without --with-tpm2 both fail with -ENOTSUP
 * and say so.
 */
#define TPM2_BLOB_MAX 2048

int tpm2_seal(const struct secret *key, unsigned char ret_blob[static TPM2_BLOB_MAX],
              size_t *ret_size, struct error *err);

/* The caller frees. -EKEYREJECTED: another TPM's, or this one was cleared. -ENOKEY: no TPM. */
int tpm2_unseal(void *context, const unsigned char *blob, size_t size, struct secret **ret_key,
                struct error *err);

#endif
