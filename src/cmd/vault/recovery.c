#include "cmd/vault/recovery.h"

#include "cmd/cmd.h"
#include "util/fd.h"
#include "vault/vault.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

int recovery_new(struct secret **ret_key, struct error *err) {
	struct secret *key = NULL;
	int r = secret_new(VAULT_KEY_BYTES, &key, err);
	if (r < 0)
		return r;
	randombytes_buf(key->bytes, key->size);
	*ret_key = key;
	return 0;
}

int recovery_print(const struct secret *key, struct error *err) {
	cleanup_secret struct secret *text = NULL;
	int r = vault_recovery_format(key, &text, err);
	if (r < 0)
		return r;
	cmd_say("write this recovery key down on paper; it is shown only now:");
	r = fd_write_full(STDOUT_FILENO, text->bytes, text->size);
	return r < 0 ? error_errno(
			       err, r,
			       "the recovery key could not be shown; make another: envseal slot "
			       "add recovery --force")
	             : 0;
}
