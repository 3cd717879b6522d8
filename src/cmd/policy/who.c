#include "cmd/cmd.h"
#include "cmd/check/findings.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/rows.h"
#include "cmd/table.h"
#include "util/cleanup.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* Which commands get a secret. */

struct who {
	struct cmd_common common;
	struct policy_vault vault;
	struct layers layers;
	struct policy_set set;
	struct policy_rows rows;
	bool bad;
};

static void tell_bad(void *context, const struct policy_file *file, const char *why) {
	struct who *who = context;
	(void)file;
	cmd_fail("%s", why);
	who->bad = true;
}

static void add_json(json_t *array, const struct policy_row *row,
                     const struct policy_secret *secret) {
	json_t *object = policy_row_json(row);
	json_object_set_new(object, "variable", json_string(secret->variable));
	json_object_set_new(object, "deliver", json_string(policy_row_deliver(secret)));
	json_object_set_new(object, "required", json_boolean(secret->required));
	json_array_append_new(array, object);
}

static void add_row(struct table *table, const struct policy_row *row,
                    const struct policy_secret *secret) {
	table_add(table, STYLE_PLAIN, row->name);
	table_add(table, row->policy->tier == SANDBOX_TIER_NONE ? STYLE_WEAK : STYLE_PLAIN,
	          policy_tier_name(row->policy->tier));
	table_add(table, STYLE_PLAIN, secret->variable);
	table_add(table, STYLE_PLAIN, policy_row_deliver(secret));
	table_add(table, STYLE_PLAIN, row->use.who ? row->use.who : "?");
	table_add(table, STYLE_DIM, row->file);
}

static size_t take_all(const struct who *who, const char *name, struct table *table,
                       json_t *array) {
	size_t found = 0;
	for (size_t i = 0; i < who->rows.count; i++) {
		const struct policy_row *row = &who->rows.items[i];
		for (size_t s = 0; row->policy && s < row->policy->secret_count; s++) {
			const struct policy_secret *secret = &row->policy->secrets[s];
			if (!policy_row_names(secret, name))
				continue;
			found++;
			add_row(table, row, secret);
			add_json(array, row, secret);
		}
	}
	return found;
}

static int show(const struct who *who, const char *name) {
	const char *use = policy_use_heading(&who->vault);
	const char *const titles[] = {"COMMAND", "TIER", "VARIABLE", "DELIVERY", use, "FILE"};
	cleanup_table struct table table = {.columns = ARRAY_SIZE(titles)};
	struct error ignored;
	json_t *array = json_array();
	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		table_add(&table, STYLE_BOLD, titles[i]);
	size_t found = take_all(who, name, &table, array);
	int printed = who->common.json ? json_print(json_incref(array)) : CMD_OK;
	json_decref(array);
	if (table.failed)
		return cmd_fail("out of memory");
	if (printed != CMD_OK)
		return printed;
	if (!who->common.json && found > 0)
		table_print(&table);
	if (found == 0)
		cmd_say("no policy in force gives it to a command");
	if (who->vault.vault && vault_has(who->vault.vault, name, &ignored) == -ENOENT)
		cmd_say("the vault has no secret of that name");
	return who->bad ? CMD_FAILED : CMD_OK;
}

static int run(struct who *who, const char *name) {
	struct error err;
	if (vault_name_check(name, &err) < 0)
		return cmd_fail("%s", err.text);
	if (cmd_layers(&who->common, &who->layers, &err) < 0 ||
	    policy_set_collect(&who->layers, &who->set, &err) < 0)
		return cmd_fail("%s", err.text);
	policy_vault_open(&who->common, &who->vault);
	const struct policy_rows_how how = {.vault = &who->vault, .bad = tell_bad, .context = who};
	if (policy_rows_collect(&who->set, &how, &who->rows, &err) < 0)
		return cmd_fail("%s", err.text);
	return show(who, name);
}

int cmd_policy_who(int argc, char **argv) {
	struct who who = {0};
	const struct cmd_option own[] = {{0}};
	int r = cmd_options(&argc, argv, own, &who.common);
	if (r != CMD_OK)
		return r;
	if (argc != 1)
		return cmd_usage_error("the name of one secret is needed");
	r = run(&who, argv[0]);
	policy_rows_free(&who.rows);
	policy_set_free(&who.set);
	layers_free(&who.layers);
	policy_vault_free(&who.vault);
	return r;
}
