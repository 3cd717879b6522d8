#include "unit.h"

#include "flow_vault.h"
#include "flows.h"

#include <errno.h>
#include <string.h>

/*
 * Secrets stored, moved, removed and read, with each call failing: a vault has the old value or the
 * new one.
 */

static int store_new(struct error *err) {
	return store("other/c", "new-c", false, err);
}

static void stored(int r) {
	is_whole();
	either(r, "other/c", NULL, "new-c");
	assert_true(is("a", "old-a"));
}

static int replace(struct error *err) {
	return store("a", "new-a", true, err);
}

static void replaced(int r) {
	is_whole();
	either(r, "a", "old-a", "new-a");
}

static int rename_one(struct error *err) {
	return vault_rename(vault, "dir/b", "other/c", err);
}

static void renamed(int r) {
	is_whole();
	either(r, "dir/b", "old-b", NULL);
	either(r, "other/c", NULL, "old-b");
	assert_true(is("dir/b", "old-b") || is("other/c", "old-b"));
}

static int remove_one(struct error *err) {
	return vault_remove(vault, "a", err);
}

static void removed(int r) {
	is_whole();
	either(r, "a", "old-a", NULL);
}

static int restore(struct error *err) {
	return vault_restore(vault, "a", err);
}

static void restored(int r) {
	is_whole();
	either(r, "a", "old-a", "older");
}

static int prune(struct error *err) {
	size_t count;
	return vault_prune(vault, &count, err);
}

static int import(struct error *err) {
	cleanup_vault_batch struct vault_batch *batch = NULL;
	cleanup_secret struct secret *value = NULL;
	int r = vault_batch_new(vault, &batch, err);
	if (r == 0)
		r = secret_from_bytes("new", 3, &value, err);
	if (r == 0)
		r = vault_batch_put(batch, "in/one", value, 0, false, err);
	if (r == 0)
		r = vault_batch_put(batch, "a", value, 0, true, err);
	return r < 0 ? r : vault_batch_commit(batch, err);
}

/* All or none, and the process that lives undoes what it has begun. */
static void imported(int r) {
	is_whole();
	either(r, "a", "old-a", "new");
	either(r, "in/one", NULL, "new");
	assert_int_equal(is("a", "new"), is("in/one", "new"));
}

static int unseal(struct error *err) {
	return open_another(&nobody, "a", "old-a", err);
}

static int count_name(void *context, const char *name) {
	(void)name;
	++*(size_t *)context;
	return 0;
}

static int list(struct error *err) {
	size_t count = 0;
	int r = vault_list(vault, count_name, &count, err);
	if (r == 0)
		assert_int_equal(count, 2);
	return r;
}

static int look(struct error *err) {
	struct vault_info info;
	int r = vault_inspect(vault, "a", &info, err);
	if (r == 0)
		assert_true(info.version == 2);
	return r < 0 ? r : vault_preview(vault, "dir/b", 0, err);
}

static void count_finding(void *context, const char *text) {
	assert_true(text[0] != '\0');
	++*(size_t *)context;
}

static int verify(struct error *err) {
	size_t findings = 0, secrets = 0;
	int r = vault_verify(vault, count_finding, &findings, &secrets, err);
	assert_true(r < 0 || findings > 0 || secrets == 3);
	return r;
}

static int fingerprint(struct error *err) {
	char first[VAULT_FINGERPRINT_SIZE], second[VAULT_FINGERPRINT_SIZE];
	cleanup_secret struct secret *phrase = NULL;
	int r = secret_from_bytes("known to both", 13, &phrase, err);
	if (r == 0)
		r = vault_value_fingerprint(vault, "a", NULL, first, err);
	if (r == 0)
		r = vault_value_fingerprint(vault, "a", phrase, second, err);
	if (r == 0)
		assert_string_not_equal(first, second);
	return r;
}

static void vault_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"store", make_vault, store_new, stored, free_vault},
		{"store --force", make_vault, replace, replaced, free_vault},
		{"rename", make_vault, rename_one, renamed, free_vault},
		{"remove", make_vault, remove_one, removed, free_vault},
		{"restore", make_vault, restore, restored, free_vault},
		{"prune", make_vault, prune, untouched, free_vault},
		{"import", make_vault, import, imported, free_vault},
		{"unseal", make_vault, unseal, untouched, free_vault},
		{"list", make_vault, list, untouched, free_vault},
		{"inspect", make_vault, look, untouched, free_vault},
		{"verify", make_vault, verify, untouched, free_vault},
		{"fingerprint", make_vault, fingerprint, untouched, free_vault},
	};
	each_call(flows, ARRAY_SIZE(flows));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vault_flows),
	};
	flows_begin();
	return flows_end(cmocka_run_group_tests(tests, NULL, NULL));
}
