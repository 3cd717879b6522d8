#include "cmd/cmd.h"
#include "cmd/duration.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/policy/users.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

struct listing {
	const struct vault *vault;
	const struct policy_users *users;
	json_t *json;
	int64_t now;
	bool bad; /* a secret's file is damaged, or the output is incomplete */
};

static int print_name(void *context, const char *name) {
	(void)context;
	puts(name);
	return 0;
}

/* Reports a damaged file and goes on with the others. */
static bool inspect(struct listing *listing, const char *name, struct vault_info *ret_info) {
	struct error err;
	if (vault_inspect(listing->vault, name, ret_info, &err) == 0)
		return true;
	cmd_say("%s", err.text);
	listing->bad = true;
	return false;
}

static void expiry_text(const struct listing *listing, const struct vault_info *info,
                        char ret_text[static DURATION_TEXT_SIZE]) {
	if (info->expires == 0)
		strcpy(ret_text, "-");
	else if (info->expires <= listing->now)
		strcpy(ret_text, "expired");
	else
		duration_format(info->expires - listing->now, ret_text);
}

static int print_row(void *context, const char *name) {
	struct listing *listing = context;
	struct vault_info info;
	char age[DURATION_TEXT_SIZE];
	char expires[DURATION_TEXT_SIZE];
	size_t count = 0;
	const struct policy_user *user = policy_users_of(listing->users, name, &count);
	if (!inspect(listing, name, &info))
		return 0;
	duration_format(listing->now - info.created, age);
	expiry_text(listing, &info, expires);
	printf("%-31s %5" PRIu32 "%c %6s %8zu %8s ", name, info.version, info.previous ? '+' : ' ',
	       age, info.size_at_most, expires);
	for (size_t i = 0; i < count; i++) {
		putchar(i ? ',' : ' ');
		cmd_print(stdout, user[i].command);
	}
	puts(count ? "" : " -");
	return 0;
}

static json_t *time_json(int64_t time) {
	char text[DURATION_TIME_SIZE];
	if (time == 0)
		return json_null();
	duration_format_time(time, text);
	return json_string(text);
}

static json_t *users_json(const struct listing *listing, const char *name) {
	size_t count = 0;
	const struct policy_user *user = policy_users_of(listing->users, name, &count);
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(user[i].command));
	return array;
}

static int add_object(void *context, const char *name) {
	struct listing *listing = context;
	struct vault_info info;
	json_t *object =
		inspect(listing, name, &info)
			? json_pack("{s:s, s:I, s:o, s:o, s:b, s:I, s:b, s:o}", "name", name,
	                            "version", (json_int_t)info.version, "created",
	                            time_json(info.created), "expires", time_json(info.expires),
	                            "expired", info.expires && info.expires <= listing->now,
	                            "size_at_most", (json_int_t)info.size_at_most, "previous",
	                            info.previous, "policies", users_json(listing, name))
			: json_pack("{s:s, s:b}", "name", name, "damaged", 1);
	return json_array_append_new(listing->json, object) < 0 ? -ENOMEM : 0;
}

static int list_details(struct listing *listing, struct error *err) {
	printf("%-31s %5s  %6s %8s %8s  %s\n", "NAME", "VERS", "AGE", "BYTES<=", "EXPIRES",
	       "POLICIES");
	return vault_list(listing->vault, print_row, listing, err);
}

static int list_json(struct listing *listing, struct error *err) {
	listing->json = json_array();
	int r = listing->json ? vault_list(listing->vault, add_object, listing, err) : -ENOMEM;
	if (r == -ENOMEM)
		error_errno(err, r, "'%s'", vault_directory(listing->vault));
	if (r < 0)
		json_decref(listing->json);
	else
		listing->bad |= json_print(listing->json) != CMD_OK;
	return r;
}

/* With the commands that use each secret. */
static int list_with(const struct cmd_common *common, const struct vault *vault,
                     int (*list)(struct listing *listing, struct error *err)) {
	struct error err;
	cleanup_policy_users struct policy_users users = {0};
	if (policy_users_collect(common, &users, &err) < 0)
		return cmd_fail("%s", err.text);
	struct listing listing = {.vault = vault, .users = &users, .now = time(NULL)};
	if (list(&listing, &err) < 0)
		return cmd_fail("%s", err.text);
	return listing.bad ? CMD_FAILED : CMD_OK;
}

int cmd_list(int argc, char **argv) {
	bool details = false;
	const struct cmd_option own[] = {
		{"long", NULL,
	         "show version, age, size, expiry, and the commands that use each secret",
	         .flag = &details},
		{0}};
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("list takes no operand");
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	if (cmd_open_vault(&common, false, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	if (common.json || details)
		return list_with(&common, vault, common.json ? list_json : list_details);
	return vault_list(vault, print_name, NULL, &err) < 0 ? cmd_fail("%s", err.text) : CMD_OK;
}
