#include "cmd/cmd.h"

/* clang-format off */
static const struct cmd verbs[] = {
	{"new", cmd_policy_new,
	 "COMMAND [--tier TIER] [--secret VARIABLE=NAME]... [--secrets PREFIX/] [--interpreter PATH] [--from TEMPLATE]",
	 "write a policy for a command, pinned and approved"},
	{"check", cmd_policy_check, "[COMMAND | FILE.toml]... [--explain CODE]", "find mistakes in policies"},
	{"list", cmd_policy_list, "[--verify | --commands]", "name every command that has a policy"},
	{"keys", cmd_policy_keys, "", "name every key that a policy may have"},
	{"who", cmd_policy_who, "SECRET", "name every command that gets a secret"},
	{"report", cmd_policy_report, "", "weak spots, commands, secrets, and who may use them"},
	{"show", cmd_policy_show, "COMMAND", "show the policy that counts, and where it is"},
	{"diff", cmd_policy_diff, "COMMAND [--profile NAME]",
	 "show a policy against the layer below, and what is pinned against what is installed"},
	{"edit", cmd_policy_edit, "COMMAND [--profile NAME]", "edit a copy, check it, save and approve it"},
	{"pin", cmd_policy_pin, "COMMAND... | --changed [--package NAME] | --package NAME",
	 "accept the command's present content"},
	{"approve", cmd_policy_approve, "COMMAND... [--yes]", "let an edited policy count"},
	{"mask", cmd_policy_mask, "COMMAND... [--force]", "have a command refused, whatever later layers say"},
	{"remove", cmd_policy_remove, "COMMAND... [--profile NAME]",
	 "take a policy away, with its pin, grant and approval"},
	{"allow", cmd_policy_allow, "COMMAND... (--group GROUP | --all | --none) [--profile NAME]",
	 "say who may use a system policy"},
	{0},
};
/* clang-format on */

int cmd_policy(int argc, char **argv) {
	return cmd_dispatch("envseal policy", verbs, argc, argv);
}
