#include "cmd/cmd.h"

/* clang-format off */
static const struct cmd verbs[] = {
	{"new", cmd_policy_new, "COMMAND [--secret VARIABLE=NAME]... [OPTION...]",
	 "write a policy for a command, pin and approve it"},
	{"check", cmd_policy_check, "[COMMAND | FILE.toml]... [OPTION...]",
	 "find mistakes and weak spots in policies"},
	{"list", cmd_policy_list, "[OPTION...]", "list the commands that have a policy"},
	{"keys", cmd_policy_keys, "", "list the keys that a policy may have"},
	{"who", cmd_policy_who, "SECRET", "list the commands that get a secret"},
	{"report", cmd_policy_report, "",
	 "report weak spots, commands, secrets, and who may use them"},
	{"show", cmd_policy_show, "COMMAND [OPTION...]", "show a command's policy and its state"},
	{"diff", cmd_policy_diff, "COMMAND [OPTION...]",
	 "compare a policy with the layer below, and its pin with what is installed"},
	{"edit", cmd_policy_edit, "COMMAND [OPTION...]",
	 "edit a policy, check it, then save and approve it"},
	{"pin", cmd_policy_pin, "COMMAND... | --changed | --package NAME",
	 "accept a command's file as it is now"},
	{"approve", cmd_policy_approve, "COMMAND... [OPTION...]",
	 "approve a policy that was edited"},
	{"mask", cmd_policy_mask, "COMMAND... [OPTION...]",
	 "refuse a command, whatever later layers say"},
	{"remove", cmd_policy_remove, "COMMAND... [OPTION...]",
	 "remove a policy with its pin, grant and approval"},
	{"allow", cmd_policy_allow, "COMMAND... (--group GROUP | --all | --none)",
	 "set who may use a system policy"},
	{0},
};
/* clang-format on */

int cmd_policy(int argc, char **argv) {
	return cmd_dispatch("envseal policy", verbs, argc, argv);
}
