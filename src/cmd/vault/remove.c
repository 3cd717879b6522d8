#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"

int cmd_remove(int argc, char **argv) {
	const struct cmd_option own[] = {{0}};
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc == 0)
		return cmd_usage_error("remove needs the NAME of at least one secret");
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	/* Checks all names first, so that a mistyped one removes nothing. */
	for (int i = 0; i < argc; i++) {
		if (vault_name_check(argv[i], &err) < 0)
			return cmd_fail("%s", err.text);
	}
	if (cmd_open_vault(&common, false, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	for (int i = 0; i < argc; i++) {
		if (vault_remove(vault, argv[i], &err) < 0)
			status = cmd_fail("%s", err.text);
	}
	return status;
}
