#include "cmd/cmd.h"
#include "cmd/check/findings.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/packages.h"
#include "cmd/policy/common.h"
#include "cmd/policy/state.h"
#include "cmd/tool.h"
#include "pin/pin.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Compares a policy with the layer below, and its pin with the installed command. */

struct difference {
	struct cmd_common common;
	const char *profile;
	struct layers layers;
	struct policy_loaded loaded;
	struct policy_found below; /* without a file: no layer below has one */
	char *masked_below;        /* the layer below that masks the command */
	bool differs;
};

static void free_difference(struct difference *difference) {
	layers_free(&difference->layers);
	policy_loaded_free(&difference->loaded);
	policy_found_free(&difference->below);
	free(difference->masked_below);
}

/* The next layer that has a file for the command. */
static int find_below(struct difference *difference, struct error *err) {
	const struct trust trust = policy_trust(&difference->layers);
	bool passed = false;
	for (size_t i = 0; i < difference->layers.count; i++) {
		if (!passed) {
			passed = strcmp(difference->layers.paths[i],
			                difference->loaded.found.layer) == 0;
			continue;
		}
		int r = policy_find_one(&difference->layers, i, difference->loaded.found.name,
		                        difference->profile, &trust, &difference->below, err);
		if (r == -EACCES)
			difference->masked_below = strdup(difference->layers.paths[i]);
		if (r != -ENOENT)
			return r == -EACCES ? 0 : r;
	}
	return 0;
}

static int memory_of(const struct buffer *text, int *ret_fd) {
	return fd_sealed("policy", text->size > 0 ? text->bytes : "", text->size, ret_fd);
}

/* Shows the bytes that were read, since the files may have changed. */
static int show_layers(struct difference *difference, struct error *err) {
	cleanup_fd int below = -1, above = -1;
	char from[64], to[64];
	char program[] = "/usr/bin/diff", unified[] = "-u", label[] = "--label";
	int status = 0;
	int r = memory_of(&difference->below.text, &below);
	if (r < 0)
		return error_errno(err, r, "memory file");
	r = memory_of(&difference->loaded.found.text, &above);
	if (r < 0)
		return error_errno(err, r, "memory file");
	snprintf(from, sizeof(from), "/proc/self/fd/%d", below);
	snprintf(to, sizeof(to), "/proc/self/fd/%d", above);
	char *const argv[] = {program, unified,
	                      label,   difference->below.file,
	                      label,   difference->loaded.found.file,
	                      from,    to,
	                      NULL};
	const int keep[] = {below, above, -1};
	fflush(stdout);
	r = tool_run(argv, keep, &status, err);
	if (r < 0)
		return r;
	if (status > 1)
		return error_set(err, EIO, "'%s' failed; is it installed?", program);
	difference->differs |= status == 1;
	return 0;
}

static void print_hashes(const char *title, const struct policy_hashes *hashes, const char *where) {
	char text[PIN_HASH_TEXT_MAX];
	for (size_t i = 0; i < hashes->count; i++) {
		pin_hash_format(&hashes->items[i], text);
		printf("%-10s %s (%s)\n", title, text, where);
	}
}

static void print_installed(const struct difference *difference) {
	struct error err = {0};
	struct pin_hash hash;
	char text[PIN_HASH_TEXT_MAX];
	cleanup_free char *package = packages_owner(difference->loaded.policy->command);
	if (policy_hash_command(difference->loaded.policy->command, &hash, &err) < 0) {
		printf("%-10s ", "installed");
		cmd_print(stdout, err.text);
		putchar('\n');
	} else {
		pin_hash_format(&hash, text);
		printf("%-10s %s\n", "installed", text);
	}
	printf("%-10s ", "package");
	cmd_print(stdout, package ? package : "unknown to dpkg and rpm");
	putchar('\n');
}

static void show_pin(struct difference *difference, enum policy_pin_state state) {
	const struct policy_loaded *loaded = &difference->loaded;
	if (loaded->policy->pin_trusted)
		puts("pinned     any content, while only root can change it");
	print_hashes("pinned", &loaded->policy->hashes, "policy");
	print_hashes("pinned", &loaded->found.hashes, "pin files");
	print_installed(difference);
	printf("%-10s %s\n", "state", policy_pin_state_name(state));
}

static int show_text(struct difference *difference, enum policy_pin_state state,
                     struct error *err) {
	if (difference->below.file) {
		int r = show_layers(difference, err);
		if (r < 0)
			return r;
	} else if (difference->masked_below) {
		cmd_say("the layer below, '%s', masks the command", difference->masked_below);
	} else {
		cmd_say("no layer below '%s' has a policy for it", difference->loaded.found.layer);
	}
	show_pin(difference, state);
	return 0;
}

/* An exit status. */
static int show_json(struct difference *difference, enum policy_pin_state state) {
	const struct policy_loaded *loaded = &difference->loaded;
	const struct buffer *below = &difference->below.text, *above = &loaded->found.text;
	bool same = difference->below.file && below->size == above->size &&
	            memcmp(below->bytes, above->bytes, above->size) == 0;
	cleanup_free char *package = packages_owner(loaded->policy->command);
	json_t *object = json_pack(
		"{s:o, s:o, s:o, s:b, s:s, s:o}", "command", json_text(loaded->found.name), "file",
		json_text(loaded->found.file), "below", json_text(difference->below.file), "same",
		same, "pin", policy_pin_state_name(state), "package", json_text(package));
	difference->differs |= difference->below.file && !same;
	return json_print(object);
}

static int run(struct difference *difference, const char *word, struct error *err) {
	struct error ignored;
	int r = cmd_layers(&difference->common, &difference->layers, err);
	if (r < 0)
		return r;
	r = policy_load_word(&difference->layers, word, difference->profile, &difference->loaded,
	                     err);
	if (r < 0)
		return r;
	r = find_below(difference, err);
	if (r < 0)
		return r;
	enum policy_pin_state state = policy_pin_state(&difference->loaded, true, &ignored);
	difference->differs = state != POLICY_PIN_OK;
	if (difference->common.json)
		difference->differs |= show_json(difference, state) != CMD_OK;
	else
		r = show_text(difference, state, err);
	return r;
}

int cmd_policy_diff(int argc, char **argv) {
	__attribute__((cleanup(free_difference))) struct difference difference = {0};
	struct error err;
	const struct cmd_option own[] = {{"profile", "NAME", "compare the policy COMMAND@NAME",
	                                  .value = &difference.profile},
	                                 {0}};
	int status = cmd_options(&argc, argv, own, &difference.common);
	if (status != CMD_OK)
		return status;
	if (argc != 1)
		return cmd_usage_error("one command is needed");
	if (run(&difference, argv[0], &err) < 0)
		return cmd_fail("%s", err.text);
	return difference.differs ? CMD_FAILED : CMD_OK;
}
