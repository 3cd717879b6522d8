#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/options.h"
#include "cmd/table.h"
#include "policy/policy.h"
#include "util/buffer.h"
#include "util/cleanup.h"

#include <jansson.h>
#include <stdio.h>

/*
 * The keys of a policy, from the table that reads them; tests compare the documents and the
 * schema with it.
 */

static char *full_name(const struct policy_key *key) {
	char *name = NULL;
	if (asprintf(&name, "%s%s%s", key->table, key->table[0] ? "." : "", key->key) < 0)
		return NULL;
	return name;
}

static char *tiers_text(const struct policy_key *key) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	for (unsigned int tier = 0; policy_tier_name((enum sandbox_tier)tier); tier++) {
		if (key->tiers & (1U << tier))
			buffer_format(&text, "%s%s", text.size ? "," : "",
			              policy_tier_name((enum sandbox_tier)tier));
	}
	return buffer_steal(&text);
}

static int print_table(void) {
	struct policy_key key;
	cleanup_table struct table table = {.columns = 3};
	table_add(&table, STYLE_BOLD, "KEY");
	table_add(&table, STYLE_BOLD, "TYPE");
	table_add(&table, STYLE_BOLD, "TIERS");
	for (size_t i = 0; policy_key_at(i, &key); i++) {
		table_take(&table, STYLE_PLAIN, full_name(&key));
		table_add(&table, STYLE_PLAIN, key.type);
		table_take(&table, STYLE_DIM, tiers_text(&key));
	}
	if (table.failed)
		return cmd_fail("out of memory");
	table_print(&table);
	return CMD_OK;
}

static int print_json(void) {
	struct policy_key key;
	json_t *array = json_array();
	for (size_t i = 0; policy_key_at(i, &key); i++) {
		json_t *tiers = json_array();
		for (unsigned int tier = 0; policy_tier_name((enum sandbox_tier)tier); tier++) {
			if (key.tiers & (1U << tier))
				json_array_append_new(tiers, json_string(policy_tier_name(
								     (enum sandbox_tier)tier)));
		}
		json_array_append_new(array,
		                      json_pack("{s:s, s:s, s:s, s:o}", "table", key.table, "key",
		                                key.key, "type", key.type, "tiers", tiers));
	}
	return json_print(array);
}

int cmd_policy_keys(int argc, char **argv) {
	struct cmd_common common = {0};
	const struct cmd_option own[] = {{0}};
	int r = cmd_options(&argc, argv, own, &common);
	if (r != CMD_OK)
		return r;
	if (argc > 0)
		return cmd_usage_error("this command takes no operand");
	return common.json ? print_json() : print_table();
}
