#include "cmd/cmd.h"
#include "cmd/duration.h"
#include "cmd/open.h"
#include "cmd/options.h"

#include <errno.h>
#include <stdint.h>

#define DEFAULT_SECONDS (15 * 60)
#define LONGEST_SECONDS ((int64_t)7 * 86400)

static bool always_open(const struct vault *vault) {
	struct vault_slot_info info;
	struct error ignored;
	return vault_slot_inspect(vault, VAULT_SLOT_HOST_KEY, &info, &ignored) == 0 && info.exists;
}

int cmd_unlock_verb(int argc, char **argv) {
	const char *how_long = NULL;
	const struct cmd_option own[] = {
		{"for", "TIME", "how long: 15m (default), 8h, at most 7d", .value = &how_long},
		{0}};
	struct cmd_common common;
	struct error err;
	char text[DURATION_TEXT_SIZE];
	int64_t seconds = DEFAULT_SECONDS;
	cleanup_vault struct vault *vault = NULL;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("unlock takes no operand");
	if (how_long && (duration_parse(how_long, &seconds, &err) < 0 || seconds > LONGEST_SECONDS))
		return cmd_usage_error("--for takes a duration of at most a week, as in 15m");
	if (cmd_open_vault(&common, true, &vault, &err) < 0 ||
	    vault_keep(vault, cmd_keep(), (unsigned int)seconds, &err) < 0)
		return cmd_fail("%s", err.text);
	duration_format(seconds, text);
	cmd_say("vault '%s' is open for %s to every program with your uid; close it "
	        "with: envseal lock",
	        vault_directory(vault), text);
	if (always_open(vault))
		cmd_say("it stays open after that: its key is in slots/host.key");
	return CMD_OK;
}

int cmd_lock(int argc, char **argv) {
	const struct cmd_option own[] = {{0}};
	struct cmd_common common;
	struct error err;
	cleanup_vault struct vault *vault = NULL;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("lock takes no operand");
	if (cmd_open_vault(&common, false, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	int r = vault_forget(vault, cmd_keep(), &err);
	if (r == 0 || r == -ENOENT)
		cmd_say("vault '%s' is %s", vault_directory(vault),
		        always_open(vault) ? "still open: its key is in slots/host.key" : "locked");
	return r < 0 && r != -ENOENT ? cmd_fail("%s", err.text) : CMD_OK;
}
