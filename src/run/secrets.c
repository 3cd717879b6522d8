#include "run/secrets.h"

#include "policy/fields_secrets.h"
#include "util/cleanup.h"
#include "vault/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Where the opened secrets come from. */
struct source {
	const struct vault *vault;
	uid_t caller;
	struct secrets *secrets;
};

static const struct secret *opened(const struct secrets *secrets, const char *name) {
	for (size_t i = 0; i < secrets->value_count; i++) {
		if (strcmp(secrets->values[i].name, name) == 0)
			return secrets->values[i].value;
	}
	return NULL;
}

/* Takes the value over, also on failure. */
static int add_value(struct secrets *secrets, const char *name, struct secret *value,
                     const struct secret **ret_value, struct error *err) {
	struct mask_value *values =
		reallocarray(secrets->values, secrets->value_count + 1, sizeof(*values));
	char *copy = strdup(name);
	if (values)
		secrets->values = values;
	if (!values || !copy) {
		free(copy);
		secret_free(value);
		return error_errno(err, ENOMEM, "cannot open the secrets");
	}
	values[secrets->value_count++] = (struct mask_value){copy, value};
	*ret_value = value;
	return 0;
}

static int open_one(const struct source *from, const struct policy_piece *piece,
                    const struct secret **ret_value, struct error *err) {
	char name[POLICY_NAME_SIZE];
	struct secret *value = NULL;
	policy_secret_name(piece, from->caller, name);
	const struct secret *known = opened(from->secrets, name);
	if (known) {
		*ret_value = known;
		return 0;
	}
	int r = vault_unseal(from->vault, name, &value, err);
	return r < 0 ? r : add_value(from->secrets, name, value, ret_value, err);
}

/* Opens all of its secrets first, so that the template is allocated once. */
static int measure(const struct source *from, const struct policy_secret *row, size_t *ret_size,
                   struct error *err) {
	struct policy_piece piece;
	const struct secret *value = NULL;
	const char *at = NULL;
	size_t size = 0;
	while (policy_secret_next(row, &at, &piece)) {
		int r = piece.is_secret ? open_one(from, &piece, &value, err) : 0;
		if (r < 0)
			return r;
		size += piece.is_secret ? value->size : piece.size;
	}
	if (size > VAULT_VALUE_MAX)
		return error_set(err, E2BIG, "the template's value is longer than a secret may be");
	*ret_size = size;
	return 0;
}

/* `text` has room for all of the template's pieces, and gets their size. */
static int fill(const struct source *from, const struct policy_secret *row, struct secret *text,
                struct error *err) {
	struct policy_piece piece;
	const char *at = NULL;
	size_t used = 0;
	while (policy_secret_next(row, &at, &piece)) {
		const struct secret *value = NULL;
		int r = piece.is_secret ? open_one(from, &piece, &value, err) : 0;
		if (r < 0)
			return r;
		const void *bytes = piece.is_secret ? (const void *)value->bytes : piece.bytes;
		size_t length = piece.is_secret ? value->size : piece.size;
		memcpy(text->bytes + used, bytes, length);
		used += length;
	}
	text->size = used;
	return 0;
}

static int render(const struct source *from, const struct policy_secret *row,
                  const struct secret **ret_value, struct error *err) {
	struct secret *text = NULL;
	size_t size = 0;
	int r = measure(from, row, &size, err);
	if (r < 0)
		return r;
	/* As for values in the vault: /proc shows how many pages of memory we have. */
	r = secret_new(SEAL_SHOWN(size), &text, err);
	if (r < 0)
		return r;
	r = fill(from, row, text, err);
	if (r < 0) {
		secret_free(text);
		return r;
	}
	return add_value(from->secrets, row->variable, text, ret_value, err);
}

static int open_row(const struct source *from, const struct policy_secret *row, struct error *err) {
	struct secrets *secrets = from->secrets;
	const struct secret *value = NULL;
	struct policy_piece whole;
	const char *at = NULL;
	int r;
	if (row->is_template)
		r = render(from, row, &value, err);
	else
		r = policy_secret_next(row, &at, &whole) ? open_one(from, &whole, &value, err)
		                                         : -EINVAL;
	bool missing = r == -ENOENT && !row->required;
	if (missing && !row->descriptor)
		return 0;
	if (r < 0 && !missing)
		return error_wrap(err, r, "%s", row->variable);
	secrets->deliveries[secrets->delivery_count++] = (struct delivery){row, value};
	return 0;
}

int secrets_open(const struct policy *policy, uid_t caller, const struct vault *vault,
                 struct secrets *ret_secrets, struct error *err) {
	cleanup_secrets struct secrets secrets = {0};
	const struct source from = {vault, caller, &secrets};
	secrets.deliveries = calloc(policy->secret_count + 1, sizeof(*secrets.deliveries));
	if (!secrets.deliveries)
		return error_errno(err, ENOMEM, "cannot open the secrets");
	for (size_t i = 0; i < policy->secret_count; i++) {
		int r = open_row(&from, &policy->secrets[i], err);
		if (r < 0)
			return r;
	}
	*ret_secrets = secrets;
	secrets = (struct secrets){0};
	return 0;
}

int secrets_become_mask(struct secrets *secrets, struct mask **ret_mask, struct error *err) {
	int r = mask_new(secrets->values, secrets->value_count, ret_mask, err);
	secrets->delivery_count = 0;
	return r;
}

void secrets_free(struct secrets *secrets) {
	for (size_t i = 0; i < secrets->value_count; i++) {
		free((char *)secrets->values[i].name);
		secret_free(secrets->values[i].value);
	}
	free(secrets->values);
	free(secrets->deliveries);
	*secrets = (struct secrets){0};
}
