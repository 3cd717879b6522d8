#include "cmd/cmd.h"
#include "cmd/duration.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"

#include <inttypes.h>
#include <jansson.h>
#include <time.h>

static const struct cmd slot_verbs[] = {
	{"add", cmd_slot_add, "KIND [FILE] [OPTION...]",
         "add a way to open the vault: " CMD_SLOT_KINDS},
	{"remove", cmd_slot_remove, "KIND", "remove a way to open the vault; one must stay"},
	{"list", cmd_slot_list, "", "list the ways to open the vault"},
	{0},
};

int cmd_slot(int argc, char **argv) {
	return cmd_dispatch("envseal slot", slot_verbs, argc, argv);
}

static int open_vault(int *argc, char **argv, struct cmd_common *ret_common,
                      struct vault **ret_vault) {
	const struct cmd_option own[] = {{0}};
	struct error err;
	int status = cmd_options(argc, argv, own, ret_common);
	if (status != CMD_OK)
		return status;
	return cmd_open_vault(ret_common, false, ret_vault, &err) < 0 ? cmd_fail("%s", err.text)
	                                                              : CMD_OK;
}

static json_t *describe(enum vault_slot slot, const struct vault_slot_info *info) {
	char changed[DURATION_TIME_SIZE];
	duration_format_time(info->changed, changed);
	json_t *object = json_pack("{s:s, s:b}", "slot", vault_slot_name(slot), "whole",
	                           info->whole ? 1 : 0);
	if (object && info->whole)
		json_object_set_new(object, "changed", json_string(changed));
	if (object && info->cost.memory > 0) {
		json_object_set_new(object, "operations",
		                    json_integer((json_int_t)info->cost.operations));
		json_object_set_new(object, "memory", json_integer((json_int_t)info->cost.memory));
	}
	return object;
}

static void print_row(enum vault_slot slot, const struct vault_slot_info *info) {
	char age[DURATION_TEXT_SIZE];
	duration_format(time(NULL) - info->changed, age);
	printf("%-12s %-8s", vault_slot_name(slot), info->whole ? age : "damaged");
	if (info->cost.memory > 0)
		printf(" Argon2id, %" PRIu64 " passes over %" PRIu64 " MiB", info->cost.operations,
		       info->cost.memory >> 20);
	putchar('\n');
}

int cmd_slot_list(int argc, char **argv) {
	cleanup_vault struct vault *vault = NULL;
	struct cmd_common common;
	int status = open_vault(&argc, argv, &common, &vault);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("slot list takes no operand");
	json_t *array = json_array();
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		struct vault_slot_info info;
		struct error err;
		if (vault_slot_inspect(vault, slot, &info, &err) < 0)
			status = cmd_fail("%s", err.text);
		if (!info.exists)
			continue;
		json_array_append_new(array, describe(slot, &info));
		if (!common.json)
			print_row(slot, &info);
	}
	if (!common.json) {
		json_decref(array);
		return status;
	}
	int printed = json_print(array);
	return status == CMD_OK ? printed : status;
}

int cmd_slot_remove(int argc, char **argv) {
	cleanup_vault struct vault *vault = NULL;
	struct cmd_common common;
	struct error err;
	enum vault_slot slot;
	int status = open_vault(&argc, argv, &common, &vault);
	if (status != CMD_OK)
		return status;
	if (argc != 1 || vault_slot_parse(argv[0], &slot) < 0)
		return cmd_usage_error("slot remove needs one KIND: " CMD_SLOT_KINDS);
	if (vault_slot_remove(vault, slot, &err) < 0)
		return cmd_fail("%s", err.text);
	cmd_say("removed the slot '%s'; it still opens older copies of the vault; "
	        "to protect what is stored from now on: envseal rotate-key",
	        vault_slot_name(slot));
	return CMD_OK;
}
