#include "policy/fields_secrets.h"

#include "policy/schema.h"
#include "policy/variables.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECRETS_MAX 256

static const char uid_mark[] = "%U";

static const char *const delivery_names[] = {
	[POLICY_DELIVER_ENV] = "env",
	[POLICY_DELIVER_FILE] = "file",
	[POLICY_DELIVER_FD] = "fd",
	[POLICY_DELIVER_STDIN] = "stdin",
};

const char *policy_delivery_name(enum policy_delivery delivery) {
	return delivery_names[delivery];
}

bool policy_has_secret(const struct policy *policy, const char *variable) {
	for (size_t i = 0; i < policy->secret_count; i++) {
		if (strcmp(policy->secrets[i].variable, variable) == 0)
			return true;
	}
	return false;
}

/* Up to the next "$"; what follows that decides. */
static const char *next_of_template(const char *from, struct policy_piece *ret_piece) {
	size_t size = strcspn(from, "$");
	const char *end;
	if (size > 0) {
		*ret_piece = (struct policy_piece){from, size, false};
		return from + size;
	}
	if (from[1] == '$') {
		*ret_piece = (struct policy_piece){from, 1, false};
		return from + 2;
	}
	if (from[1] != '{' || !(end = strchr(from, '}')))
		return NULL;
	*ret_piece = (struct policy_piece){from + 2, (size_t)(end - from - 2), true};
	return end + 1;
}

bool policy_secret_next(const struct policy_secret *row, const char **at,
                        struct policy_piece *ret_piece) {
	const char *from = *at ? *at : row->secret;
	if (*from == '\0')
		return false;
	if (!row->is_template) {
		*ret_piece = (struct policy_piece){from, strlen(from), true};
		*at = from + strlen(from);
		return true;
	}
	const char *next = next_of_template(from, ret_piece);
	if (next)
		*at = next;
	return next != NULL;
}

bool policy_secret_is_each_callers(const struct policy_piece *piece) {
	return memmem(piece->bytes, piece->size, uid_mark, strlen(uid_mark)) != NULL;
}

void policy_secret_name(const struct policy_piece *piece, uid_t caller,
                        char ret_name[static POLICY_NAME_SIZE]) {
	size_t used = 0;
	for (size_t i = 0; i < piece->size && used < POLICY_NAME_SIZE - 16; i++) {
		if (strncmp(piece->bytes + i, uid_mark, strlen(uid_mark)) == 0) {
			used += (size_t)snprintf(ret_name + used, 16, "%u", (unsigned int)caller);
			i += strlen(uid_mark) - 1;
		} else {
			ret_name[used++] = piece->bytes[i];
		}
	}
	ret_name[used] = '\0';
}

/* Its own text instead of vault_name_check's: neither repeats the name, which may be a secret. */
static int check_name(struct schema_reader *reader, struct toml_place place,
                      const struct policy_piece *piece) {
	struct error ignored;
	char name[POLICY_NAME_SIZE];
	policy_secret_name(piece, 0, name);
	if (piece->size <= VAULT_NAME_MAX && vault_name_check(name, &ignored) == 0)
		return 0;
	return schema_fail(reader, place,
	                   "not a name of a secret: 1 to %d of [A-Za-z0-9._-], in segments joined "
	                   "by '/', none starting with a dot; %%U is the caller's uid",
	                   VAULT_NAME_MAX);
}

int field_secret_name(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy_secret *row = into;
	const struct policy_piece whole = {value->string.bytes, value->string.size, true};
	int r = schema_copy(reader, value, &row->secret);
	if (r < 0)
		return r;
	return check_name(reader, value->place, &whole);
}

static int check_template(struct schema_reader *reader, const struct toml_value *value,
                          const struct policy_secret *row) {
	struct policy_piece piece;
	const char *at = NULL;
	size_t secrets = 0;
	while (policy_secret_next(row, &at, &piece)) {
		if (!piece.is_secret)
			continue;
		int r = check_name(reader, value->place, &piece);
		if (r < 0)
			return r;
		secrets++;
	}
	if (*(at ? at : row->secret) != '\0')
		return schema_fail(
			reader, value->place,
			"a '$' is either \"${NAME}\", a secret, or \"$$\", which becomes '$'");
	if (secrets == 0)
		return schema_fail(
			reader, value->place,
			"has no \"${NAME}\"; a value without a secret belongs in [environment] "
			"set");
	return 0;
}

int field_template(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy_secret *row = into;
	cleanup_free char *text = NULL;
	int r = schema_copy(reader, value, &text);
	if (r < 0)
		return r;
	free(row->secret_of_template);
	row->secret_of_template = steal_pointer(text);
	const struct policy_secret template = {.secret = row->secret_of_template,
	                                       .is_template = true};
	return check_template(reader, value, &template);
}

int field_deliver(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy_secret *row = into;
	for (size_t i = 0; i < ARRAY_SIZE(delivery_names); i++) {
		if (!schema_equals(&value->string, delivery_names[i]))
			continue;
		row->deliver = (enum policy_delivery)i;
		return 0;
	}
	return schema_fail(reader, value->place, "must be \"env\", \"file\", \"fd\" or \"stdin\"");
}

int field_descriptor(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy_secret *row = into;
	if (value->integer < POLICY_DESCRIPTOR_MIN || value->integer > POLICY_DESCRIPTOR_MAX)
		return schema_fail(reader, value->place, "must be from %d to %d",
		                   POLICY_DESCRIPTOR_MIN, POLICY_DESCRIPTOR_MAX);
	row->descriptor = (int)value->integer;
	return 0;
}

/* Two secrets cannot share standard input or a descriptor number. */
static int check_delivery(struct schema_reader *reader, const struct toml_value *value,
                          const struct policy_secret *row) {
	const struct policy *policy = reader->policy;
	if (row->descriptor && row->deliver != POLICY_DELIVER_FILE &&
	    row->deliver != POLICY_DELIVER_FD)
		return schema_fail(reader, value->place,
		                   "'descriptor' is for deliver = \"fd\" and deliver = \"file\"");
	for (const struct policy_secret *other = policy->secrets; other < row; other++) {
		if (row->deliver == POLICY_DELIVER_STDIN && other->deliver == POLICY_DELIVER_STDIN)
			return schema_fail(reader, value->place,
			                   "another secret is standard input already");
		if (row->descriptor && row->descriptor == other->descriptor)
			return schema_fail(reader, value->place,
			                   "another secret has that descriptor already");
	}
	return 0;
}

static int read_table(struct schema_reader *reader, const struct toml_value *value,
                      struct policy_secret *row) {
	int r = schema_read_table(reader, "secrets.*", value, row);
	if (r < 0)
		return r;
	if (row->secret && row->secret_of_template)
		return schema_fail(reader, value->place, "has 'secret' and 'template'; remove one");
	if (!row->secret && !row->secret_of_template)
		return schema_fail(
			reader, value->place,
			"'secret' is missing: give the name in the vault, or a 'template'");
	if (row->secret_of_template) {
		row->secret = steal_pointer(row->secret_of_template);
		row->is_template = true;
	}
	return check_delivery(reader, value, row);
}

static int read_secret(struct schema_reader *reader, const struct toml_value *value,
                       struct policy_secret *row) {
	if (value->type == TOML_STRING)
		return field_secret_name(reader, value, row);
	if (value->type == TOML_TABLE)
		return read_table(reader, value, row);
	return schema_fail(reader, value->place, "must be of type string or table, not %s",
	                   toml_type_name(value->type));
}

int field_secret(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy *policy = into;
	int r = schema_check_variable(reader, value->place, reader->name);
	if (r < 0)
		return r;
	if (policy->secret_count == SECRETS_MAX)
		return schema_fail(reader, value->place, "more than %d secrets", SECRETS_MAX);
	struct policy_secret *secrets =
		reallocarray(policy->secrets, policy->secret_count + 1, sizeof(*secrets));
	if (!secrets)
		return schema_no_memory(reader);
	policy->secrets = secrets;
	struct policy_secret *row = &secrets[policy->secret_count++];
	*row = (struct policy_secret){.required = true, .variable = strdup(reader->name->bytes)};
	return row->variable ? read_secret(reader, value, row) : schema_no_memory(reader);
}
