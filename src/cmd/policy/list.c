#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/rows.h"
#include "cmd/table.h"
#include "util/cleanup.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct listing {
	struct cmd_common common;
	bool verify;
	bool commands;
	struct policy_vault vault;
	struct layers layers;
	struct policy_set set;
	struct policy_rows rows;
	bool bad;
};

static void free_listing(struct listing *listing) {
	policy_rows_free(&listing->rows);
	policy_set_free(&listing->set);
	layers_free(&listing->layers);
	policy_vault_free(&listing->vault);
}

static void tell_bad(void *context, const struct policy_file *file, const char *why) {
	struct listing *listing = context;
	(void)file;
	cmd_fail("%s", why);
	listing->bad = true;
}

static enum style pin_style(enum policy_pin_state state) {
	static const enum style styles[] = {
		[POLICY_PIN_PINNED] = STYLE_PLAIN, [POLICY_PIN_TRUSTED] = STYLE_PLAIN,
		[POLICY_PIN_OK] = STYLE_GOOD,      [POLICY_PIN_UNPINNED] = STYLE_BAD,
		[POLICY_PIN_MISSING] = STYLE_BAD,  [POLICY_PIN_CHANGED] = STYLE_BAD,
	};
	return styles[state];
}

static enum style use_style(const char *use) {
	bool refused = strcmp(use, "no") == 0 || strcmp(use, "changed") == 0;
	return refused ? STYLE_BAD : strcmp(use, "all") == 0 ? STYLE_WEAK : STYLE_PLAIN;
}

static void add_mask(struct table *table, const struct policy_row *row) {
	table_add(table, STYLE_DIM, row->name);
	table_add(table, STYLE_DIM, "masked");
	for (size_t i = 0; i < 4; i++)
		table_add(table, STYLE_DIM, "-");
	table_add(table, STYLE_DIM, row->layer);
}

static void add_row(struct table *table, const struct policy_row *row) {
	const struct policy *policy = row->policy;
	const char *use = row->use.who ? row->use.who : "?";
	bool weak = policy->tier == SANDBOX_TIER_NONE && policy->secret_count > 0;
	table_add(table, STYLE_PLAIN, row->name);
	table_add(table, weak ? STYLE_WEAK : STYLE_PLAIN, policy_tier_name(policy->tier));
	table_add(table, pin_style(row->pin), policy_pin_state_name(row->pin));
	table_add(table, use_style(use), use);
	table_take(table, STYLE_PLAIN, policy_row_secrets(policy));
	table_take(table, STYLE_PLAIN, policy_row_delivery(policy));
	table_add(table, STYLE_DIM, row->layer);
}

static int print_rows(const struct listing *listing) {
	const char *use = policy_use_heading(&listing->vault);
	const char *const titles[] = {"COMMAND", "TIER",     "PIN",  use,
	                              "SECRETS", "DELIVERY", "LAYER"};
	cleanup_table struct table table = {.columns = ARRAY_SIZE(titles)};
	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		table_add(&table, STYLE_BOLD, titles[i]);
	for (size_t i = 0; i < listing->rows.count; i++) {
		const struct policy_row *row = &listing->rows.items[i];
		(row->masked ? add_mask : add_row)(&table, row);
	}
	if (table.failed)
		return cmd_fail("out of memory");
	table_print(&table);
	return CMD_OK;
}

/*
 * For scripts: commands that a hash applies to, one a line. Skips names with a newline, which
 * would look like two.
 */
static void print_commands(const struct listing *listing) {
	for (size_t i = 0; i < listing->rows.count; i++) {
		const struct policy *policy = listing->rows.items[i].policy;
		if (policy && !policy->pin_trusted && !strchr(policy->command, '\n'))
			puts(policy->command);
	}
}

static int print_json(const struct listing *listing) {
	json_t *array = json_array();
	for (size_t i = 0; i < listing->rows.count; i++) {
		json_t *row = policy_row_json(&listing->rows.items[i]);
		if (json_array_append_new(array, row) < 0) {
			json_decref(array);
			return cmd_fail("out of memory");
		}
	}
	return json_print(array);
}

static int list(struct listing *listing) {
	struct error err;
	if (cmd_layers(&listing->common, &listing->layers, &err) < 0 ||
	    policy_set_collect(&listing->layers, &listing->set, &err) < 0)
		return cmd_fail("%s", err.text);
	policy_vault_open(&listing->common, &listing->vault);
	const struct policy_rows_how how = {.vault = &listing->vault,
	                                    .verify = listing->verify,
	                                    .bad = tell_bad,
	                                    .context = listing};
	if (policy_rows_collect(&listing->set, &how, &listing->rows, &err) < 0)
		return cmd_fail("%s", err.text);
	int status = CMD_OK;
	if (listing->commands)
		print_commands(listing);
	else if (listing->common.json)
		status = print_json(listing);
	else if (listing->rows.count > 0)
		status = print_rows(listing);
	else
		cmd_say("there are no policies; make one: envseal policy new COMMAND");
	return listing->bad ? CMD_FAILED : status;
}

int cmd_policy_list(int argc, char **argv) {
	struct listing listing = {0};
	const struct cmd_option own[] = {
		{"verify", NULL, "hash every command and compare it with its pin",
	         .flag = &listing.verify},
		{"commands", NULL, "print only commands that a pin applies to, one a line",
	         .flag = &listing.commands},
		{0},
	};
	int r = cmd_options(&argc, argv, own, &listing.common);
	if (r != CMD_OK)
		return r;
	if (argc > 0)
		return cmd_usage_error("this command takes no operand");
	r = list(&listing);
	free_listing(&listing);
	return r;
}
