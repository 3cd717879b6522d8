#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/policy/state.h"
#include "pin/pin.h"
#include "util/cleanup.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* What is shown beside the text. */
struct view {
	const struct policy_loaded *loaded;
	const char *profile;
	enum policy_pin_state pin;
	struct policy_use use; /* borrowed */
};

static void show_pins(const struct policy_hashes *hashes) {
	char text[PIN_HASH_TEXT_MAX];
	for (size_t i = 0; i < hashes->count; i++) {
		pin_hash_format(&hashes->items[i], text);
		printf("# pin file: %s\n", text);
	}
}

/* Tabs separate the fields of some readers. */
static void print_comment(const char *comment) {
	cleanup_free char *text = strdup(comment);
	for (char *tab = text; tab && (tab = strchr(tab, '\t'));)
		*tab = ' ';
	cmd_print(stdout, text ? text : "");
	putchar('\n');
}

/* Prints the state as comments above the policy, so that the output is still TOML. */
static void show_text(const struct view *view) {
	const struct policy_found *found = &view->loaded->found;
	printf("# file: ");
	cmd_print(stdout, found->file);
	printf("\n# pin: %s\n", policy_pin_state_name(view->pin));
	show_pins(&found->hashes);
	if (found->signer) {
		printf("# signed: ");
		print_comment(found->signer);
	}
	printf("# %s: ", view->use.title);
	cmd_print(stdout, view->use.who);
	putchar('\n');
	/* TOML has no raw control characters but tabs and line ends, and this text was parsed. */
	fwrite(found->text.bytes, 1, found->text.size, stdout);
	if (found->text.bytes[found->text.size - 1] != '\n')
		putchar('\n');
}

static json_t *pins_json(const struct policy_hashes *hashes) {
	char text[PIN_HASH_TEXT_MAX];
	json_t *array = json_array();
	for (size_t i = 0; i < hashes->count; i++) {
		pin_hash_format(&hashes->items[i], text);
		json_array_append_new(array, json_string(text));
	}
	return array;
}

static int show_json(const struct view *view) {
	const struct policy_found *found = &view->loaded->found;
	json_t *object =
		json_pack("{s:s, s:s?, s:s, s:s, s:s, s:s, s:o, s:s?, s:s%}", "command",
	                  found->name, "profile", view->profile, "file", found->file, "layer",
	                  found->layer, "pin", policy_pin_state_name(view->pin), view->use.title,
	                  view->use.who, "pins", pins_json(&found->hashes), "signed", found->signer,
	                  "text", found->text.bytes, found->text.size);
	if (!object)
		return cmd_fail("'%s' cannot be written as JSON", found->file);
	return json_print(object);
}

static int show(const struct cmd_common *common, const char *word, const char *profile) {
	struct error err, ignored;
	cleanup_layers struct layers layers = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	cleanup_policy_vault struct policy_vault vault = {0};
	cleanup_free char *who = NULL;
	struct policy_use use = {0};
	if (cmd_layers(common, &layers, &err) < 0 ||
	    policy_load_word(&layers, word, profile, &loaded, &err) < 0)
		return cmd_fail("%s", err.text);
	policy_vault_open(common, &vault);
	if (policy_use(&vault, &layers, &loaded, profile, &use, &err) < 0)
		return cmd_fail("%s", err.text);
	who = use.who;
	const struct view view = {
		.loaded = &loaded,
		.profile = profile,
		.pin = policy_pin_state(&loaded, true, &ignored),
		.use = use,
	};
	if (common->json)
		return show_json(&view);
	show_text(&view);
	return CMD_OK;
}

int cmd_policy_show(int argc, char **argv) {
	struct cmd_common common = {0};
	const char *profile = NULL;
	const struct cmd_option own[] = {
		{"profile", "NAME", "show the policy COMMAND@NAME", .value = &profile}, {0}};
	int r = cmd_options(&argc, argv, own, &common);
	if (r != CMD_OK)
		return r;
	if (argc != 1)
		return cmd_usage_error("one command is needed");
	return show(&common, argv[0], profile);
}
