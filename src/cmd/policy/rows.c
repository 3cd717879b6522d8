#include "cmd/policy/rows.h"

#include "cmd/json.h"
#include "policy/fields_secrets.h"
#include "util/buffer.h"
#include "util/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *policy_row_deliver(const struct policy_secret *secret) {
	return policy_delivery_name(secret->deliver);
}

char *policy_row_secrets(const struct policy *policy) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	for (size_t i = 0; i < policy->secret_count; i++)
		buffer_format(&text, "%s%s=%s", i ? "," : "", policy->secrets[i].variable,
		              policy->secrets[i].secret);
	if (text.size == 0)
		buffer_char(&text, '-');
	return buffer_steal(&text);
}

static bool said_before(const struct policy *policy, size_t index) {
	for (size_t i = 0; i < index; i++) {
		if (strcmp(policy_row_deliver(&policy->secrets[i]),
		           policy_row_deliver(&policy->secrets[index])) == 0)
			return true;
	}
	return false;
}

char *policy_row_delivery(const struct policy *policy) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	for (size_t i = 0; i < policy->secret_count; i++) {
		if (!said_before(policy, i))
			buffer_format(&text, "%s%s", i ? "," : "",
			              policy_row_deliver(&policy->secrets[i]));
	}
	if (text.size == 0)
		buffer_char(&text, '-');
	return buffer_steal(&text);
}

/* Whether a pattern of `size` bytes is the name, with any number for "%U". */
static bool names(const char *pattern, size_t size, const char *name) {
	while (size > 0) {
		bool number = size >= 2 && pattern[0] == '%' && pattern[1] == 'U';
		size_t step = number ? 2 : 1;
		size_t taken = number ? strspn(name, "0123456789") : *name == *pattern;
		if (taken == 0)
			return false;
		pattern += step;
		size -= step;
		name += taken;
	}
	return *name == '\0';
}

bool policy_row_names(const struct policy_secret *secret, const char *name) {
	struct policy_piece piece;
	const char *at = NULL;
	while (policy_secret_next(secret, &at, &piece)) {
		if (piece.is_secret && names(piece.bytes, piece.size, name))
			return true;
	}
	return false;
}

/* Reports a grant that cannot be read, and still shows the policy. */
static int fill(struct policy_set *set, const struct policy_rows_how *how,
                const struct policy_file *file, const struct policy_loaded *loaded,
                struct policy_row *row, struct error *err) {
	struct error why = {0};
	struct layers near = {0};
	int r = policy_set_near(set, file, &near, err);
	if (r < 0)
		return r;
	row->pin = policy_pin_state(loaded, how->verify, &why);
	if (policy_use(how->vault, &near, loaded, policy_file_profile(file), &row->use, &why) < 0)
		how->bad(how->context, file, why.text);
	free(near.paths);
	return 0;
}

static int take(struct policy_set *set, const struct policy_rows_how *how, struct policy_file *file,
                struct policy_rows *rows, struct error *err) {
	struct error why = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	enum policy_file_state state = policy_file_load(set, file, &loaded, &why);
	if (state == POLICY_FILE_BAD)
		how->bad(how->context, file, why.text);
	if (state == POLICY_FILE_BAD || state == POLICY_FILE_SHADOWED)
		return 0;
	struct policy_row *row = &rows->items[rows->count++];
	bool masked = state == POLICY_FILE_MASK;
	*row = (struct policy_row){
		.name = policy_full_name(masked ? file->name : loaded.found.name,
	                                 policy_file_profile(file)),
		.file = strdup(file->file),
		.layer = file->layer,
		.masked = masked,
	};
	if (!row->name || !row->file)
		return error_errno(err, ENOMEM, "'%s'", file->file);
	int r = masked ? 0 : fill(set, how, file, &loaded, row, err);
	row->policy = steal_pointer(loaded.policy);
	return r;
}

int policy_rows_collect(struct policy_set *set, const struct policy_rows_how *how,
                        struct policy_rows *ret_rows, struct error *err) {
	cleanup_policy_rows struct policy_rows rows = {0};
	rows.items = calloc(set->policies.count + 1, sizeof(*rows.items));
	if (!rows.items)
		return error_errno(err, ENOMEM, "policies");
	for (size_t i = 0; i < set->policies.count; i++) {
		int r = take(set, how, &set->policies.items[i], &rows, err);
		if (r < 0)
			return r;
	}
	*ret_rows = rows;
	rows = (struct policy_rows){0};
	return 0;
}

void policy_rows_free(struct policy_rows *rows) {
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->items[i].name);
		free(rows->items[i].file);
		free(rows->items[i].use.who);
		policy_free(rows->items[i].policy);
	}
	free(rows->items);
	*rows = (struct policy_rows){0};
}

/* Two objects with the same keys, so that readers of the first can ignore the second. */
static void add_secrets(json_t *object, const struct policy *policy) {
	json_t *secrets = json_object();
	json_t *delivery = json_object();
	for (size_t i = 0; i < policy->secret_count; i++) {
		const struct policy_secret *secret = &policy->secrets[i];
		json_object_set_new(secrets, secret->variable, json_string(secret->secret));
		json_object_set_new(delivery, secret->variable,
		                    json_string(policy_row_deliver(secret)));
	}
	json_object_set_new(object, "secrets", secrets);
	json_object_set_new(object, "delivery", delivery);
}

json_t *policy_row_json(const struct policy_row *row) {
	const char *at = row->policy ? strrchr(row->name, '@') : NULL;
	size_t command = row->policy ? strlen(row->policy->command) : strlen(row->name);
	bool profile = at && command < strlen(row->name);
	json_t *object = json_object();
	cleanup_free char *name = strndup(row->name, command);
	json_object_set_new(object, "command", json_text(name));
	json_object_set_new(object, "profile",
	                    profile ? json_text(row->name + command + 1) : json_null());
	if (row->masked)
		json_object_set_new(object, "masked", json_true());
	if (row->policy) {
		json_object_set_new(object, "tier",
		                    json_string(policy_tier_name(row->policy->tier)));
		add_secrets(object, row->policy);
		json_object_set_new(object, "pin", json_string(policy_pin_state_name(row->pin)));
		json_object_set_new(object, row->use.title ? row->use.title : "allowed",
		                    json_text(row->use.who ? row->use.who : "?"));
	}
	json_object_set_new(object, "layer", json_text(row->layer));
	json_object_set_new(object, "file", json_text(row->file));
	return object;
}
