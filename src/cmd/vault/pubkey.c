#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"

#include <jansson.h>
#include <sodium.h>

int cmd_pubkey(int argc, char **argv) {
	const struct cmd_option own[] = {{0}};
	struct cmd_common common;
	struct error err;
	char hex[2 * VAULT_KEY_BYTES + 1];
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	cleanup_vault struct vault *vault = NULL;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("pubkey takes no operand");
	if (cmd_open_vault(&common, false, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	sodium_bin2hex(hex, sizeof(hex), vault_public_key(vault), VAULT_KEY_BYTES);
	vault_fingerprint(vault_public_key(vault), fingerprint);
	if (common.json)
		return json_print(
			json_pack("{s:s, s:s}", "public_key", hex, "fingerprint", fingerprint));
	puts(hex);
	cmd_say("its fingerprint is %s; compare it over another channel than this "
	        "text took",
	        fingerprint);
	return CMD_OK;
}
