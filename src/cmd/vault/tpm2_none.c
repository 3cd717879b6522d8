#include "cmd/vault/tpm2.h"

#include <errno.h>

static int not_built(struct error *err) {
	return error_set(err, ENOTSUP,
	                 "this envseal was built without TPM2 (configure --with-tpm2)");
}

int tpm2_seal(const struct secret *key, unsigned char ret_blob[static TPM2_BLOB_MAX],
              size_t *ret_size, struct error *err) {
	(void)key;
	(void)ret_blob;
	(void)ret_size;
	return not_built(err);
}

int tpm2_unseal(void *context, const unsigned char *blob, size_t size, struct secret **ret_key,
                struct error *err) {
	(void)context;
	(void)blob;
	(void)size;
	(void)ret_key;
	return not_built(err);
}
