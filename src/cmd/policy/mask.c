#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/policy/state.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct mask {
	struct cmd_common common;
	const char *profile;
	bool force;
	struct layers layers;
};

static void free_mask(struct mask *mask) {
	layers_free(&mask->layers);
}

/* The name under which the command has a policy now, if it has one; that policy must be masked. */
static int find_name(const struct mask *mask, const char *word, char **ret_name,
                     struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	cleanup_policy_command struct policy_command command = {0};
	int r = policy_command_resolve(word, &command, err);
	if (r < 0)
		return r;
	const char *const names[] = {command.name, command.real};
	if (policy_load(&mask->layers, names, command.real ? 2 : 1, mask->profile, &loaded, err) ==
	    0)
		*ret_name = steal_pointer(loaded.found.name);
	else
		*ret_name = steal_pointer(command.name);
	return 0;
}

static int mask_one(const struct mask *mask, const char *word, struct error *err) {
	const struct buffer empty = BUFFER_INIT;
	cleanup_free char *name = NULL;
	int r = find_name(mask, word, &name, err);
	if (r < 0)
		return r;
	cleanup_free char *path = policy_path(name, mask->profile);
	if (!path)
		return error_errno(err, ENOMEM, "'%s'", name);
	r = policy_write(&mask->layers, path, &empty, NULL, mask->force, err);
	if (r == -EEXIST)
		return error_set(err, r, "'%s/%s' exists; --force replaces it with a mask",
		                 mask->layers.paths[0], path);
	if (r < 0)
		return r;
	cmd_say("masked '%s'; undo it with: envseal policy remove %s", name, name);
	policy_say_roots(&mask->common, name, mask->profile);
	return 0;
}

int cmd_policy_mask(int argc, char **argv) {
	__attribute__((cleanup(free_mask))) struct mask mask = {0};
	struct error err;
	const struct cmd_option own[] = {
		{"profile", "NAME", "mask the policy COMMAND@NAME", .value = &mask.profile},
		{"force", NULL, "replace the policy if it exists", .flag = &mask.force},
		{0},
	};
	int status = cmd_options(&argc, argv, own, &mask.common);
	if (status != CMD_OK)
		return status;
	if (argc < 1)
		return cmd_usage_error("a command is needed");
	if (policy_profile_check(mask.profile, &err) < 0 ||
	    cmd_layers(&mask.common, &mask.layers, &err) < 0)
		return cmd_fail("%s", err.text);
	for (int i = 0; i < argc; i++) {
		if (mask_one(&mask, argv[i], &err) < 0)
			return cmd_fail("%s", err.text);
	}
	return CMD_OK;
}
