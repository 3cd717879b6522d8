#include "cmd/check/check.h"
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
#include <stdio.h>
#include <string.h>

/* For an auditor: weak spots, then who can use what. */

struct names {
	char **items;
	size_t count;
};

struct report {
	struct cmd_common common;
	struct policy_vault vault;
	struct layers layers;
	struct policy_set set;
	struct policy_rows rows;
	struct findings findings;
	struct names secrets; /* of the vault, and others that policies name; sorted */
	size_t stored;        /* how many of them the vault has */
};

static void free_report(struct report *report) {
	for (size_t i = 0; i < report->secrets.count; i++)
		free(report->secrets.items[i]);
	free(report->secrets.items);
	findings_free(&report->findings);
	policy_rows_free(&report->rows);
	policy_set_free(&report->set);
	layers_free(&report->layers);
	policy_vault_free(&report->vault);
}

/* The findings already name every policy that cannot be used. */
static void no_row(void *context, const struct policy_file *file, const char *why) {
	(void)context;
	(void)file;
	(void)why;
}

static int add_secret(void *context, const char *name) {
	struct names *names = context;
	char **items = reallocarray(names->items, names->count + 1, sizeof(*items));
	char *copy = strdup(name);
	if (items)
		names->items = items;
	if (!items || !copy) {
		free(copy);
		return -ENOMEM;
	}
	items[names->count++] = copy;
	return 0;
}

static int collect(struct report *report, struct error *err) {
	int r = cmd_layers(&report->common, &report->layers, err);
	if (r < 0)
		return r;
	r = policy_set_collect(&report->layers, &report->set, err);
	if (r < 0)
		return r;
	policy_vault_open(&report->common, &report->vault);
	const struct checker checker = {
		.layers = &report->layers,
		.vault = &report->vault,
		.each = findings_keep,
		.context = &report->findings,
	};
	check_all_policies(&checker, &report->set);
	findings_sort(&report->findings);
	const struct policy_rows_how how = {.vault = &report->vault, .verify = true, .bad = no_row};
	r = policy_rows_collect(&report->set, &how, &report->rows, err);
	if (r < 0)
		return r;
	if (report->vault.vault)
		r = vault_list(report->vault.vault, add_secret, &report->secrets, err);
	report->stored = report->secrets.count;
	return r;
}

/* Whether anybody may use the policy. */
static bool usable(const struct policy_row *row) {
	const char *who = row->use.who;
	return who && strcmp(who, "no") != 0 && strcmp(who, "changed") != 0;
}

static size_t uses_of(const struct report *report, const char *secret, json_t *commands,
                      struct buffer *text) {
	size_t found = 0;
	for (size_t i = 0; i < report->rows.count; i++) {
		const struct policy_row *row = &report->rows.items[i];
		bool gets = false;
		for (size_t s = 0; row->policy && s < row->policy->secret_count; s++)
			gets |= policy_row_names(&row->policy->secrets[s], secret);
		if (!gets)
			continue;
		if (commands)
			json_array_append_new(commands, json_text(row->name));
		buffer_format(text, "%s%s (%s, ", found++ ? ", " : "", row->name,
		              policy_tier_name(row->policy->tier));
		if (usable(row))
			buffer_format(text, "%s: %s)", row->use.title, row->use.who);
		else
			buffer_string(text, "nobody)");
	}
	return found;
}

static void heading(const char *text) {
	printf("\n%s%s%s\n\n", style_begin(STYLE_BOLD), text, style_end(STYLE_BOLD));
}

static void print_findings(const struct report *report) {
	char counts[64];
	findings_count(&report->findings, counts);
	printf("%sWeak spots%s: %s\n\n", style_begin(STYLE_BOLD), style_end(STYLE_BOLD), counts);
	for (size_t i = 0; i < report->findings.count; i++) {
		printf("  ");
		finding_print(&report->findings.items[i].finding);
	}
	if (report->findings.count == 0)
		puts("  none");
}

static int print_commands(const struct report *report) {
	const char *who = policy_use_heading(&report->vault);
	const char *const titles[] = {"  COMMAND", "TIER", "PIN", who, "SECRETS"};
	cleanup_table struct table table = {.columns = ARRAY_SIZE(titles)};
	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		table_add(&table, STYLE_DIM, titles[i]);
	for (size_t i = 0; i < report->rows.count; i++) {
		const struct policy_row *row = &report->rows.items[i];
		char *name = NULL;
		if (!row->policy)
			continue;
		if (asprintf(&name, "  %s", row->name) < 0)
			name = NULL;
		table_take(&table, STYLE_PLAIN, name);
		table_add(&table, STYLE_PLAIN, policy_tier_name(row->policy->tier));
		table_add(&table, STYLE_PLAIN, policy_pin_state_name(row->pin));
		table_add(&table, STYLE_PLAIN, row->use.who ? row->use.who : "?");
		table_take(&table, STYLE_PLAIN, policy_row_secrets(row->policy));
	}
	if (table.failed)
		return -ENOMEM;
	heading("Commands");
	table_print(&table);
	return 0;
}

static int print_secrets(const struct report *report) {
	heading("Secrets");
	for (size_t i = 0; i < report->secrets.count; i++) {
		cleanup_buffer struct buffer text = BUFFER_INIT;
		size_t found = uses_of(report, report->secrets.items[i], NULL, &text);
		if (text.failed)
			return -ENOMEM;
		printf("  ");
		cmd_print(stdout, report->secrets.items[i]);
		fputs(": ", stdout);
		cmd_print(stdout, found > 0 ? text.bytes : "no command gets it");
		putchar('\n');
	}
	if (!report->vault.vault)
		puts("  there is no vault");
	return 0;
}

static json_t *secrets_json(const struct report *report) {
	json_t *array = json_array();
	for (size_t i = 0; i < report->secrets.count; i++) {
		cleanup_buffer struct buffer text = BUFFER_INIT;
		json_t *commands = json_array();
		uses_of(report, report->secrets.items[i], commands, &text);
		json_array_append_new(array,
		                      json_pack("{s:s, s:o}", "name", report->secrets.items[i],
		                                "commands", commands));
	}
	return array;
}

static int print_json(const struct report *report) {
	json_t *commands = json_array();
	for (size_t i = 0; i < report->rows.count; i++)
		json_array_append_new(commands, policy_row_json(&report->rows.items[i]));
	json_t *object = json_pack("{s:o, s:o, s:o}", "findings", findings_json(&report->findings),
	                           "commands", commands, "secrets", secrets_json(report));
	return json_print(object);
}

static int run(struct report *report) {
	struct error err;
	int r = collect(report, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	if (report->findings.failed)
		return cmd_fail("out of memory");
	if (report->common.json)
		return print_json(report);
	print_findings(report);
	r = print_commands(report);
	if (r < 0)
		return cmd_fail("out of memory");
	r = print_secrets(report);
	return r < 0 ? cmd_fail("out of memory") : CMD_OK;
}

int cmd_policy_report(int argc, char **argv) {
	struct report report = {0};
	const struct cmd_option own[] = {{0}};
	int r = cmd_options(&argc, argv, own, &report.common);
	if (r != CMD_OK)
		return r;
	if (argc > 0)
		return cmd_usage_error("this command takes no operand");
	r = run(&report);
	free_report(&report);
	return r;
}
