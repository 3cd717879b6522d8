#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"

#include <errno.h>

/* Verbs on stored secrets: rename, restore, prune. */

static int open_vault(int *argc, char **argv, int operands, const char *usage, bool with_key,
                      struct vault **ret_vault) {
	const struct cmd_option own[] = {{0}};
	struct cmd_common common;
	struct error err;
	int status = cmd_options(argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (*argc != operands)
		return cmd_usage_error("%s", usage);
	for (int i = 0; i < *argc; i++) {
		if (vault_name_check(argv[i], &err) < 0)
			return cmd_fail("%s", err.text);
	}
	return cmd_open_vault(&common, with_key, ret_vault, &err) < 0 ? cmd_fail("%s", err.text)
	                                                              : CMD_OK;
}

int cmd_rename(int argc, char **argv) {
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	int status =
		open_vault(&argc, argv, 2, "rename needs the NAME and the new NAME", true, &vault);
	if (status != CMD_OK)
		return status;
	if (vault_rename(vault, argv[0], argv[1], &err) < 0)
		return cmd_fail("%s", err.text);
	cmd_say("renamed '%s' to '%s'; change the policies that name it", argv[0], argv[1]);
	return CMD_OK;
}

int cmd_restore(int argc, char **argv) {
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	int status = open_vault(&argc, argv, 1, "restore needs one NAME", false, &vault);
	if (status != CMD_OK)
		return status;
	if (vault_restore(vault, argv[0], &err) < 0)
		return cmd_fail("%s", err.text);
	cmd_say("restored the previous value of '%s'; the other is kept until: "
	        "envseal prune",
	        argv[0]);
	return CMD_OK;
}

int cmd_prune(int argc, char **argv) {
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	size_t count = 0;
	int status = open_vault(&argc, argv, 0, "prune takes no operand", false, &vault);
	if (status != CMD_OK)
		return status;
	if (vault_prune(vault, &count, &err) < 0)
		return cmd_fail("%s", err.text);
	cmd_say("removed %zu previous value%s", count, count == 1 ? "" : "s");
	return CMD_OK;
}
