#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/policy_common.h"
#include "pin/pin.h"
#include "policy/approval.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct pin_verb {
	const struct layers *layers;
	const char *profile;
	struct vault *vault;   /* NULL for the system's policies, which nobody approves */
};

/*
 * The policy as it stands must be approved already: pinning is done after every update of a program,
 * without reading, and must not wave through an edit that nobody has looked at.
 */
static int load_approved(const struct pin_verb *verb, const char *word,
                         struct policy_loaded *ret_loaded, struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	int r = policy_load_word(verb->layers, word, verb->profile, &loaded, err);
	if (r == 0 && verb->vault)
		r = approval_check(verb->vault, &loaded.found, verb->profile, err);
	if (r < 0)
		return r;
	if (loaded.policy->pin_trusted)
		return error_set(err, EINVAL, "%s: pin: is \"trusted\", so hashes have no effect",
		                 loaded.found.file);
	*ret_loaded = loaded;
	loaded = (struct policy_loaded){0};
	return 0;
}

static int write_pin(const struct pin_verb *verb, const char *name, const struct pin_hash *hash,
                     struct error *err) {
	char text[PIN_HASH_TEXT_MAX];
	cleanup_buffer struct buffer content = BUFFER_INIT;
	cleanup_free char *path = NULL;
	pin_hash_format(hash, text);
	buffer_format(
		&content,
		"# Accepted content of the command, one \"algorithm:hash\" a line. Written by\n"
		"# 'envseal policy pin', which replaces this file.\n%s\n",
		text);
	if (asprintf(&path, "pins%s", name) < 0)
		return error_errno(err, ENOMEM, "'%s'", name);
	return policy_write(verb->layers, path, &content, NULL, true, err);
}

static int pin_one(const struct pin_verb *verb, const char *word, struct error *err) {
	cleanup_policy_loaded struct policy_loaded before = {0};
	cleanup_policy_loaded struct policy_loaded after = {0};
	struct pin_hash hash;
	int r = load_approved(verb, word, &before, err);
	if (r == 0)
		r = policy_hash_command(before.policy->command, &hash, err);
	if (r == 0)
		r = write_pin(verb, before.found.name, &hash, err);
	if (r < 0)
		return r;
	const char *const names[] = {before.found.name};
	r = policy_load(verb->layers, names, 1, verb->profile, &after, err);
	if (r < 0)
		return r;
	if (after.found.text.size != before.found.text.size ||
	    memcmp(after.found.text.bytes, before.found.text.bytes, after.found.text.size) != 0)
		return error_set(err, EBUSY, "'%s' changed meanwhile; read it, then approve it",
		                 after.found.file);
	return verb->vault ? approval_write(verb->vault, &after.found, verb->profile, err) : 0;
}

int cmd_policy_pin(int argc, char **argv) {
	struct cmd_common common = {0};
	struct error err;
	const char *profile = NULL;
	cleanup_layers struct layers layers = {0};
	cleanup_vault struct vault *vault = NULL;
	const struct cmd_option own[] = {{.name = "profile", .value = &profile}, {0}};
	int r = cmd_options(&argc, argv, own, &common);
	if (r != CMD_OK)
		return r < 0 ? CMD_OK : r;
	if (argc < 1)
		return cmd_usage_error("a command is needed");
	r = cmd_layers(&common, &layers, &err);
	if (r == 0 && layers.grants == 0)
		r = cmd_open_vault(&common, true, &vault, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	const struct pin_verb verb = {&layers, profile, vault};
	for (int i = 0; i < argc; i++) {
		if (pin_one(&verb, argv[i], &err) < 0)
			return cmd_fail("%s", err.text);
		cmd_say("pinned '%s'", argv[i]);
	}
	return CMD_OK;
}
