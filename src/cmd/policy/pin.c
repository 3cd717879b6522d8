#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/packages.h"
#include "cmd/policy/common.h"
#include "cmd/policy/state.h"
#include "cmd/policy/walk.h"
#include "pin/pin.h"
#include "policy/approval.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pin_verb {
	struct cmd_common common;
	const char *profile;
	const char *package;
	bool changed;
	struct layers layers;
	struct vault *vault; /* NULL for system policies, which need no approval */
	struct policy_set set;
	struct package_files files; /* of the package */
	size_t pinned;
};

static void free_verb(struct pin_verb *verb) {
	package_files_free(&verb->files);
	policy_set_free(&verb->set);
	layers_free(&verb->layers);
	vault_free(verb->vault);
}

/*
 * The policy must already be approved in its present form: people pin after every update without
 * reading, and that must not approve an edit that nobody has looked at.
 */
static int check_approved(const struct pin_verb *verb, const struct policy_loaded *loaded,
                          const char *profile, struct error *err) {
	int r = verb->vault ? approval_check(verb->vault, &loaded->found, profile, err) : 0;
	if (r < 0)
		return r;
	if (loaded->policy->pin_trusted)
		return error_set(err, EINVAL, "%s: pin: is \"trusted\", so hashes have no effect",
		                 loaded->found.file);
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
	return policy_write(&verb->layers, path, &content, NULL, true, err);
}

/* The command's policies in all profiles: they share the pin, which is part of each approval. */
struct relative {
	char *profile; /* NULL: none */
	struct policy_loaded loaded;
};

struct family {
	struct relative *items;
	size_t count;
};

static void free_family(struct family *family) {
	for (size_t i = 0; i < family->count; i++) {
		free(family->items[i].profile);
		policy_loaded_free(&family->items[i].loaded);
	}
	free(family->items);
}

static int take_relative(struct pin_verb *verb, struct policy_file *file, const char *name,
                         struct family *family, struct error *err) {
	struct error ignored;
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	if (policy_file_load(&verb->set, file, &loaded, &ignored) != POLICY_FILE_ACTIVE ||
	    strcmp(loaded.found.name, name) != 0 ||
	    approval_check(verb->vault, &loaded.found, policy_file_profile(file), &ignored) < 0)
		return 0;
	const char *profile = policy_file_profile(file);
	char *copy = profile ? strdup(profile) : NULL;
	struct relative *items = reallocarray(family->items, family->count + 1, sizeof(*items));
	if (items)
		family->items = items;
	if (!items || (profile && !copy)) {
		free(copy);
		return error_errno(err, ENOMEM, "'%s'", name);
	}
	items[family->count++] = (struct relative){copy, loaded};
	loaded = (struct policy_loaded){0};
	return 0;
}

/* Only policies that are approved now; the others stay unapproved. */
static int find_family(struct pin_verb *verb, const char *name, struct family *family,
                       struct error *err) {
	for (size_t i = 0; verb->vault && i < verb->set.policies.count; i++) {
		struct policy_file *file = &verb->set.policies.items[i];
		if (!file->name || strncmp(file->name, name, strlen(file->name)) != 0)
			continue;
		int r = take_relative(verb, file, name, family, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int approve_again(const struct pin_verb *verb, const struct relative *relative,
                         struct error *err) {
	const struct policy_found *before = &relative->loaded.found;
	cleanup_policy_loaded struct policy_loaded after = {0};
	const char *const names[] = {before->name};
	int r = policy_load(&verb->layers, names, 1, relative->profile, &after, err);
	if (r < 0)
		return r;
	if (after.found.text.size != before->text.size ||
	    memcmp(after.found.text.bytes, before->text.bytes, after.found.text.size) != 0)
		return error_set(err, EBUSY, "'%s' changed meanwhile; read it, then approve it",
		                 after.found.file);
	return approval_write(verb->vault, &after.found, relative->profile, err);
}

static int pin_loaded(struct pin_verb *verb, const struct policy_loaded *loaded,
                      const char *profile, struct error *err) {
	__attribute__((cleanup(free_family))) struct family family = {0};
	struct pin_hash hash;
	int r = check_approved(verb, loaded, profile, err);
	if (r < 0)
		return r;
	r = find_family(verb, loaded->found.name, &family, err);
	if (r < 0)
		return r;
	r = policy_hash_command(loaded->policy->command, &hash, err);
	if (r < 0)
		return r;
	r = write_pin(verb, loaded->found.name, &hash, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < family.count; i++) {
		r = approve_again(verb, &family.items[i], err);
		if (r < 0)
			return r;
	}
	verb->pinned++;
	cmd_say("pinned '%s'", loaded->found.name);
	return 0;
}

/*
 * Root may pin many commands at once because root or a package changed them. A command that
 * others can change may have been changed to be pinned, so root must look at it and name it.
 */
static int check_roots(const struct pin_verb *verb, const struct policy_loaded *loaded,
                       struct error *err) {
	const char *command = loaded->policy->command;
	cleanup_pin struct pin *pin = NULL;
	cleanup_free char *real = realpath(command, NULL);
	if (verb->layers.grants == 0)
		return 0;
	if (!real)
		return error_errno(err, errno, "'%s'", command);
	int r = pin_open(real, &pin, err);
	if (r < 0 || pin_is_trusted_as(pin, command))
		return r;
	return error_set(err, EPERM,
	                 "users other than root can change '%s', and it did change; look at "
	                 "it, then run: envseal policy pin %s",
	                 command, command);
}

static int pin_word(struct pin_verb *verb, const char *word, struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	int r = policy_load_word(&verb->layers, word, verb->profile, &loaded, err);
	return r < 0 ? r : pin_loaded(verb, &loaded, verb->profile, err);
}

static bool wanted(const struct pin_verb *verb, const struct policy_loaded *loaded) {
	struct error ignored;
	if (loaded->policy->pin_trusted)
		return false;
	if (verb->package && !package_files_have(&verb->files, loaded->policy->command))
		return false;
	return !verb->changed || policy_pin_state(loaded, true, &ignored) == POLICY_PIN_CHANGED;
}

static int pin_file(struct pin_verb *verb, struct policy_file *file, struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	enum policy_file_state state = policy_file_load(&verb->set, file, &loaded, err);
	if (state == POLICY_FILE_BAD)
		return -EBADMSG;
	if (state != POLICY_FILE_ACTIVE || !wanted(verb, &loaded))
		return 0;
	int r = check_roots(verb, &loaded, err);
	return r < 0 ? r : pin_loaded(verb, &loaded, policy_file_profile(file), err);
}

/* A command that cannot be pinned does not stop the others. */
static int pin_many(struct pin_verb *verb) {
	int status = CMD_OK;
	for (size_t i = 0; i < verb->set.policies.count; i++) {
		struct error err = {0};
		if (pin_file(verb, &verb->set.policies.items[i], &err) < 0)
			status = cmd_fail("%s", err.text);
	}
	cmd_say("%zu command%s pinned", verb->pinned, verb->pinned == 1 ? "" : "s");
	return status;
}

static int prepare(struct pin_verb *verb, struct error *err) {
	int r = cmd_layers(&verb->common, &verb->layers, err);
	if (r < 0)
		return r;
	if (verb->layers.grants == 0)
		r = cmd_open_vault(&verb->common, true, &verb->vault, err);
	if (r < 0)
		return r;
	r = policy_set_collect(&verb->layers, &verb->set, err);
	if (r < 0)
		return r;
	if (verb->package)
		r = packages_files(verb->package, &verb->files, err);
	return r;
}

static int run(struct pin_verb *verb, int argc, char **argv) {
	struct error err;
	if (prepare(verb, &err) < 0)
		return cmd_fail("%s", err.text);
	if (argc == 0)
		return pin_many(verb);
	for (int i = 0; i < argc; i++) {
		if (pin_word(verb, argv[i], &err) < 0)
			return cmd_fail("%s", err.text);
	}
	return CMD_OK;
}

int cmd_policy_pin(int argc, char **argv) {
	__attribute__((cleanup(free_verb))) struct pin_verb verb = {0};
	const struct cmd_option own[] = {
		{"profile", "NAME", "pin the command of the policy COMMAND@NAME",
	         .value = &verb.profile},
		{"changed", NULL, "pin every command whose content is no longer the pinned one",
	         .flag = &verb.changed},
		{"package", "NAME", "pin the commands of this package", .value = &verb.package},
		{0},
	};
	int r = cmd_options(&argc, argv, own, &verb.common);
	if (r != CMD_OK)
		return r;
	bool many = verb.changed || verb.package;
	if (!many && argc < 1)
		return cmd_usage_error("a command is needed, or --changed, or --package");
	if (many && (argc > 0 || verb.profile))
		return cmd_usage_error("--changed and --package exclude COMMAND and --profile");
	return run(&verb, argc, argv);
}
