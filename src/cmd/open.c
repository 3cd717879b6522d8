#include "cmd/open.h"

#include "cmd/mode.h"
#include "cmd/vault/tpm2.h"
#include "run/location.h"
#include "run/unlocking.h"

#include <errno.h>
#include <string.h>

int cmd_vault_directory(const struct cmd_common *common, char **ret_directory, struct error *err) {
	bool system = false;
	int r = mode_find(common, &system, err);
	if (r < 0)
		return r;
	if (system)
		r = mode_check_place(err);
	if (r < 0)
		return r;
	if (!system)
		return location_vault(common->vault, environ, ret_directory, err);
	char *directory = strdup(SYSTEM_VAULT);
	if (!directory)
		return error_errno(err, ENOMEM, "'%s'", SYSTEM_VAULT);
	*ret_directory = directory;
	return 0;
}

int cmd_layers(const struct cmd_common *common, struct layers *ret_layers, struct error *err) {
	bool system = false;
	int r = mode_find(common, &system, err);
	if (r < 0)
		return r;
	return system ? mode_layers(ret_layers, err)
	              : location_layers(common->layers, environ, ret_layers, err);
}

/* Lives as long as the program: an open vault may have to be unlocked again. */
static struct unlocking unlocking = {.passphrase_fd = -1};

/* Known after the vault was found: the system's key is kept apart from the calling root's own. */
const struct vault_keep *cmd_keep(void) {
	if (vault_served() != 0)
		unlocking.keep = (struct vault_keep){SYSTEM_KEEP, vault_served()};
	return &unlocking.keep;
}

static int prepare_unlocking(const struct cmd_common *common, struct error *err) {
	int fd = -1;
	int r = 0;
	if (common->passphrase_fd)
		r = unlocking_parse_fd(common->passphrase_fd, &fd, err);
	if (r < 0)
		return r;
	unlocking_free(&unlocking);
	r = unlocking_prepare(&unlocking, environ, fd, common->no_input, err);
	unlocking.how.tpm2 = tpm2_unseal;
	cmd_keep();
	return r;
}

int cmd_unlock(const struct cmd_common *common, struct vault *vault, struct error *err) {
	int r = prepare_unlocking(common, err);
	return r < 0 ? r : vault_unlock(vault, &unlocking.how, err);
}

int cmd_ask_passphrase(const struct cmd_common *common, struct secret **ret_passphrase,
                       struct error *err) {
	int r = prepare_unlocking(common, err);
	if (r < 0)
		return r;
	if (!unlocking.how.ask)
		r = error_set(err, ENOKEY,
		              "the passphrase is needed; give it with --passphrase-fd");
	return r < 0 ? r
	             : unlocking.how.ask(unlocking.how.context, "passphrase", ret_passphrase, err);
}

int cmd_open_vault(const struct cmd_common *common, bool with_key, struct vault **ret_vault,
                   struct error *err) {
	cleanup_free char *directory = NULL;
	cleanup_vault struct vault *vault = NULL;
	int r = cmd_vault_directory(common, &directory, err);
	if (r < 0)
		return r;
	r = vault_open(directory, &vault, err);
	if (r < 0)
		return r;
	if (with_key)
		r = cmd_unlock(common, vault, err);
	if (r < 0)
		return r;
	*ret_vault = steal_pointer(vault);
	return 0;
}
