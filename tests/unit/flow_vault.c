#include "unit.h"

#include "flow_vault.h"
#include "flows.h"
#include "scratch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct vault_unlock nobody = {0};

struct vault *vault;

int store(const char *name, const char *text, bool replace, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	int r = secret_from_bytes(text, strlen(text), &value, err);
	return r < 0 ? r : vault_store(vault, name, value, 0, replace, err);
}

void open_vault(void) {
	struct error err;
	if (vault_open(at("v"), &vault, &err) < 0 || vault_unlock(vault, &nobody, &err) < 0)
		fail_msg("%s", err.text);
}

void make_vault(void) {
	struct error err;
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_HOST_KEY, NULL, &err), 0);
	open_vault();
	assert_int_equal(store("a", "older", false, &err), 0);
	assert_int_equal(store("a", "old-a", true, &err), 0);
	assert_int_equal(store("dir/b", "old-b", false, &err), 0);
}

void free_vault(void) {
	vault_free(vault);
	vault = NULL;
}

static void no_finding(void *context, const char *text) {
	(void)context;
	fail_msg("%s", text);
}

void is_whole(void) {
	struct error err;
	size_t secrets;
	free_vault();
	open_vault();
	if (store("next", "value", false, &err) < 0)
		fail_msg("the next command: %s", err.text);
	assert_int_equal(vault_verify(vault, no_finding, NULL, &secrets, &err), 0);
}

bool is(const char *name, const char *text) {
	struct error err;
	cleanup_secret struct secret *value = NULL;
	int r = vault_unseal(vault, name, &value, &err);
	if (r == -ENOENT)
		return text == NULL;
	assert_int_equal(r, 0);
	return text && value->size == strlen(text) && memcmp(value->bytes, text, value->size) == 0;
}

void either(int r, const char *name, const char *old, const char *new) {
	if (!is(name, new) && (r == 0 || !is(name, old)))
		fail_msg("'%s' is neither as it was nor as it should be, after %d of %s", name, r,
		         flow_failed_call());
}

void untouched(int r) {
	(void)r;
	is_whole();
	assert_true(is("a", "old-a") && is("dir/b", "old-b"));
}

int open_another(const struct vault_unlock *how, const char *name, const char *text,
                 struct error *err) {
	char path[512];
	struct vault *opened = NULL;
	cleanup_secret struct secret *value = NULL;
	snprintf(path, sizeof(path), "%s", at("v"));
	int r = vault_open(path, &opened, err);
	if (r == 0)
		r = vault_unlock(opened, how, err);
	if (r == 0)
		r = vault_unseal(opened, name, &value, err);
	vault_free(opened);
	if (r == 0)
		assert_memory_equal(value->bytes, text, strlen(text));
	return r;
}
