#include "cmd/cmd.h"

static const struct cmd verbs[] = {
	{"new", cmd_policy_new,
	 "COMMAND [--tier TIER] [--secret VARIABLE=NAME]... [--secrets PREFIX/] [--interpreter PATH]",
	 "write a policy for a command, pinned and approved"},
	{"check", cmd_policy_check, "[COMMAND | FILE.toml]... [--explain CODE]", "find mistakes in policies"},
	{"list", cmd_policy_list, "[--verify]", "name every command that has a policy"},
	{"show", cmd_policy_show, "COMMAND", "show the policy that counts, and where it is"},
	{"pin", cmd_policy_pin, "COMMAND...", "accept the command's present content"},
	{"approve", cmd_policy_approve, "COMMAND... [--yes]", "let an edited policy count"},
	{"allow", cmd_policy_allow, "COMMAND... (--group GROUP | --all | --none) [--profile NAME]",
	 "say who may use a system policy"},
	{0},
};

int cmd_policy(int argc, char **argv) {
	return cmd_dispatch("envseal policy", verbs, argc, argv);
}
