#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/vault/public_keys.h"

#include <errno.h>
#include <jansson.h>

struct findings {
	bool as_json;
	json_t *json;
	size_t count;
};

static void finding(void *context, const char *text) {
	struct findings *findings = context;
	findings->count++;
	if (findings->as_json) {
		json_t *string = json_string(text);
		json_array_append_new(findings->json, string ? string : json_string("not UTF-8"));
		return;
	}
	cmd_print(stdout, text);
	putchar('\n');
}

static void check_copy(const struct vault *vault, struct findings *findings) {
	struct error err;
	if (public_keys_compare(vault, &err) < 0)
		finding(findings, err.text);
}

static int report(const struct findings *findings, size_t secrets) {
	if (findings->as_json && json_print(json_incref(findings->json)) != CMD_OK)
		return CMD_FAILED;
	cmd_say("%zu value%s opened, %zu finding%s", secrets, secrets == 1 ? "" : "s",
	        findings->count, findings->count == 1 ? "" : "s");
	return findings->count > 0 ? CMD_FAILED : CMD_OK;
}

int cmd_verify(int argc, char **argv) {
	const struct cmd_option own[] = {{0}};
	struct cmd_common common;
	struct error err;
	cleanup_vault struct vault *vault = NULL;
	size_t secrets = 0;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("verify takes no operand");
	if (cmd_open_vault(&common, true, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	struct findings findings = {common.json, json_array(), 0};
	if (!findings.json)
		return cmd_fail("out of memory");
	check_copy(vault, &findings);
	if (vault_is_rotating(vault))
		finding(&findings, "a change of the key is unfinished; run: envseal rotate-key");
	int r = vault_verify(vault, finding, &findings, &secrets, &err);
	status = r < 0 ? cmd_fail("%s", err.text) : report(&findings, secrets);
	json_decref(findings.json);
	return status;
}
