#include "cmd/check/check.h"
#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/check/findings.h"
#include "cmd/json.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct check {
	struct cmd_common common;
	const char *profile;
	const char *explain;
	struct policy_vault vault;
	struct layers layers;
	struct findings findings;
	size_t files;
	bool failed; /* something could not be read */
};

static void check_everything(struct check *check, const struct checker *checker) {
	struct error err = {0};
	cleanup_policy_set struct policy_set set = {0};
	if (policy_set_collect(&check->layers, &set, &err) < 0) {
		cmd_fail("%s", err.text);
		check->failed = true;
		return;
	}
	check->files = set.policies.count;
	check_all_policies(checker, &set);
}

static void check_names(struct check *check, const struct checker *checker, const char *word,
                        const char *const names[], size_t count) {
	struct error err = {0};
	const struct trust trust = policy_trust(&check->layers);
	cleanup_policy_found struct policy_found found = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	if (policy_find(&check->layers, names, count, check->profile, &trust, &found, &err) < 0)
		check_add_file(checker, CHECK_UNUSABLE, word, names[0], err.text);
	else if (policy_load(&check->layers, names, count, check->profile, &loaded, &err) < 0)
		check_add_file(checker, CHECK_INVALID, found.file, found.name, err.text);
	else
		check_policy(checker, &loaded, check->profile);
}

static void check_command(struct check *check, const struct checker *checker, const char *word) {
	struct error err = {0};
	cleanup_policy_command struct policy_command command = {0};
	if (policy_command_resolve(word, &command, &err) < 0) {
		check_add_file(checker, CHECK_NOT_INSTALLED, word, NULL, err.text);
		return;
	}
	const char *const names[] = {command.name, command.real};
	check_names(check, checker, word, names, command.real ? 2 : 1);
}

static bool is_policy_file(const char *word) {
	static const char suffix[] = ".toml";
	size_t length = strlen(word);
	return length > strlen(suffix) && strcmp(word + length - strlen(suffix), suffix) == 0;
}

static void say_what_was_left_out(const struct check *check) {
	if (!check->vault.vault)
		cmd_say("no vault: approvals and names of secrets were not checked");
	else if (!check->vault.system && !check->vault.unlocked)
		cmd_say("the vault is locked: approvals were not checked");
}

static int report(struct check *check) {
	char counts[64];
	findings_sort(&check->findings);
	json_t *json = check->common.json ? findings_json(&check->findings) : NULL;
	if (check->findings.failed || (check->common.json && !json))
		return cmd_fail("out of memory");
	for (size_t i = 0; !json && i < check->findings.count; i++)
		finding_print(&check->findings.items[i].finding);
	if (json && json_print(json) != CMD_OK)
		return CMD_FAILED;
	if (check->failed)
		return CMD_FAILED;
	findings_count(&check->findings, counts);
	cmd_say("%zu file%s checked: %s", check->files, check->files == 1 ? "" : "s", counts);
	bool fine =
		check->findings.counts[CHECK_ERROR] + check->findings.counts[CHECK_WARNING] == 0;
	return fine ? CMD_OK : CMD_FAILED;
}

/* Breaks lines at blanks, after at most 78 columns. */
static void print_wrapped(const char *text) {
	size_t column = 0;
	while (*text) {
		size_t word = strcspn(text, " ");
		if (column > 0 && column + 1 + word > 78) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column ? " " : "", (int)word, text);
		text += word + (text[word] == ' ');
	}
	putchar('\n');
}

/* Explains one code; "all" lists them. */
static int explain(const char *code) {
	for (size_t i = 0; i < CHECK_CODES; i++) {
		const struct check_kind *kind = &check_kinds[i];
		if (strcmp(kind->code, code) != 0)
			continue;
		printf("%s (%s): %s\n\n", kind->code, check_severity_name(kind->severity),
		       kind->line);
		print_wrapped(kind->explanation);
		return CMD_OK;
	}
	if (strcmp(code, "all") != 0)
		return cmd_usage_error("there is no such code; '--explain all' lists them");
	for (size_t i = 0; i < CHECK_CODES; i++)
		printf("%-16s %-8s %s\n", check_kinds[i].code,
		       check_severity_name(check_kinds[i].severity), check_kinds[i].line);
	return CMD_OK;
}

static int run(struct check *check, int argc, char **argv) {
	struct error err;
	bool installed = argc == 0;
	for (int i = 0; i < argc; i++)
		installed |= !is_policy_file(argv[i]);
	if (installed && cmd_layers(&check->common, &check->layers, &err) < 0)
		return cmd_fail("%s", err.text);
	if (installed) {
		policy_vault_open(&check->common, &check->vault);
		say_what_was_left_out(check);
	}
	const struct checker checker = {
		.layers = &check->layers,
		.vault = &check->vault,
		.each = findings_keep,
		.context = &check->findings,
	};
	check->files = (size_t)argc;
	if (argc == 0)
		check_everything(check, &checker);
	for (int i = 0; i < argc; i++) {
		if (is_policy_file(argv[i]))
			check_single_file(&checker, argv[i]);
		else
			check_command(check, &checker, argv[i]);
	}
	return report(check);
}

int cmd_policy_check(int argc, char **argv) {
	struct check check = {0};
	const struct cmd_option own[] = {
		{"profile", "NAME", "check the policy COMMAND@NAME", .value = &check.profile},
		{"explain", "CODE", "explain a code; \"all\" lists the codes",
	         .value = &check.explain},
		{0},
	};
	int r = cmd_options(&argc, argv, own, &check.common);
	if (r != CMD_OK)
		return r;
	r = check.explain ? explain(check.explain) : run(&check, argc, argv);
	policy_vault_free(&check.vault);
	layers_free(&check.layers);
	findings_free(&check.findings);
	return r;
}
