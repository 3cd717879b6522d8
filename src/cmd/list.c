#include "cmd/cmd.h"
#include "cmd/options.h"

#include <errno.h>
#include <jansson.h>

static int print_name(void *context, const char *name) {
	(void)context;
	puts(name);
	return 0;
}

static int add_name(void *context, const char *name) {
	json_t *object = json_pack("{s:s}", "name", name);
	return json_array_append_new(context, object) < 0 ? -ENOMEM : 0;
}

static int list_json(const struct vault *vault, struct error *err) {
	json_t *names = json_array();
	int r = names ? vault_list(vault, add_name, names, err) : -ENOMEM;
	if (r == -ENOMEM)
		error_errno(err, r, "'%s'", vault_directory(vault));
	if (r == 0) {
		json_dumpf(names, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(names);
	return r;
}

int cmd_list(int argc, char **argv) {
	const struct cmd_option own[] = {{0}};
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status < 0 ? CMD_OK : status;
	if (argc != 0)
		return cmd_usage_error("list takes no operand");
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	int r = cmd_open_vault(&common, false, &vault, &err);
	if (r == 0)
		r = common.json ? list_json(vault, &err)
		                : vault_list(vault, print_name, NULL, &err);
	return r < 0 ? cmd_fail("%s", err.text) : CMD_OK;
}
