#include "vault/seal.h"
#include "vault/vault.h"

int vault_preview(const struct vault *vault, const char *name, int64_t now, struct error *err) {
	struct vault_info info = {0};
	int r = vault_inspect(vault, name, &info, err);
	if (r < 0)
		return r;
	return seal_check_expiry(name, info.expires, now, err);
}
