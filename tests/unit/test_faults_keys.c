#include "unit.h"

#include "flow_vault.h"
#include "flows.h"
#include "scratch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Vaults made, locked, unlocked and given new keys, with each call failing. */

static int ask(void *context, const char *what, struct secret **ret_answer, struct error *err) {
	(void)what;
	return secret_from_bytes(context, strlen(context), ret_answer, err);
}

/* Unlocked by that alone. */
static bool opens_by(const char *passphrase) {
	struct error err;
	char host_key[512], aside[512];
	struct vault *opened = NULL;
	const struct vault_unlock how = {.ask = ask, .context = (void *)passphrase};
	snprintf(host_key, sizeof(host_key), "%s", at("v/slots/host.key"));
	snprintf(aside, sizeof(aside), "%s", at("host.key"));
	bool had = rename(host_key, aside) == 0;
	assert_int_equal(vault_open(at("v"), &opened, &err), 0);
	int r = vault_unlock(opened, &how, &err);
	vault_free(opened);
	if (had)
		assert_int_equal(rename(aside, host_key), 0);
	return r == 0;
}

static int add_passphrase(struct error *err) {
	cleanup_secret struct secret *phrase = NULL;
	int r = secret_from_bytes("correct horse", 13, &phrase, err);
	const struct vault_slot_new slot = {.slot = VAULT_SLOT_PASSPHRASE, .key = phrase};
	return r < 0 ? r : vault_slot_add(vault, &slot, false, err);
}

static void slot_added(int r) {
	untouched(r);
	if (r == 0)
		assert_true(opens_by("correct horse"));
}

static void make_two_slots(void) {
	struct error err;
	make_vault();
	assert_int_equal(add_passphrase(&err), 0);
}

static int remove_slot(struct error *err) {
	return vault_slot_remove(vault, VAULT_SLOT_PASSPHRASE, err);
}

static void slot_removed(int r) {
	untouched(r);
	if (r == 0)
		assert_false(opens_by("correct horse"));
}

static int by_passphrase(struct error *err) {
	const struct vault_unlock how = {.ask = ask, .context = (void *)"correct horse"};
	return open_another(&how, "dir/b", "old-b", err);
}

static void make_passphrase_only(void) {
	make_two_slots();
	assert_int_equal(rename(at("v/slots/host.key"), at("host.key")), 0);
}

static void make_no_host_key(void) {
	make_vault();
	assert_int_equal(rename(at("v/slots/host.key"), at("host.key")), 0);
}

static void host_key_back(int r) {
	assert_int_equal(rename(at("host.key"), at("v/slots/host.key")), 0);
	untouched(r);
}

/* A TPM that hands out what it was given with the blob. */
static const char tpm_key[] = "0123456789abcdef0123456789abcdef";
static const unsigned char tpm_blob[] = "what only the TPM can read";

static int tpm(void *context, const unsigned char *blob, size_t size, struct secret **ret_key,
               struct error *err) {
	(void)context;
	assert_int_equal(size, sizeof(tpm_blob));
	assert_memory_equal(blob, tpm_blob, size);
	return secret_from_bytes(tpm_key, VAULT_KEY_BYTES, ret_key, err);
}

static int add_tpm(struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = secret_from_bytes(tpm_key, VAULT_KEY_BYTES, &key, err);
	const struct vault_slot_new slot = {.slot = VAULT_SLOT_TPM2,
	                                    .key = key,
	                                    .blob = tpm_blob,
	                                    .blob_size = sizeof(tpm_blob)};
	return r < 0 ? r : vault_slot_add(vault, &slot, false, err);
}

static void make_tpm_only(void) {
	struct error err;
	make_vault();
	assert_int_equal(add_tpm(&err), 0);
	assert_int_equal(rename(at("v/slots/host.key"), at("host.key")), 0);
}

static int by_tpm(struct error *err) {
	const struct vault_unlock how = {.tpm2 = tpm};
	return open_another(&how, "a", "old-a", err);
}

static int rotate(struct error *err) {
	bool resumed;
	size_t secrets;
	const struct vault_slot_new slot = {.slot = VAULT_SLOT_HOST_KEY};
	int r = vault_rotate_begin(vault, &slot, 1, &resumed, err);
	return r < 0 ? r : vault_rotate_finish(vault, &secrets, err);
}

/* It may have been through half of it: then the next one goes on. */
static void rotated(int r) {
	struct error err;
	free_vault();
	open_vault();
	assert_true(is("a", "old-a") && is("dir/b", "old-b"));
	if (r < 0 && rotate(&err) < 0)
		fail_msg("again: %s", err.text);
	untouched(r);
}

static int recovery(struct error *err) {
	cleanup_secret struct secret *key = NULL;
	cleanup_secret struct secret *text = NULL;
	cleanup_secret struct secret *again = NULL;
	int r = secret_from_bytes("0123456789abcdef0123456789abcdef", 32, &key, err);
	if (r == 0)
		r = vault_recovery_format(key, &text, err);
	if (r == 0)
		r = vault_recovery_parse(text, &again, err);
	if (r == 0)
		assert_memory_equal(again->bytes, key->bytes, 32);
	return r;
}

static int key_file(struct error *err) {
	bool made = false;
	char path[512];
	cleanup_secret struct secret *key = NULL;
	cleanup_secret struct secret *again = NULL;
	snprintf(path, sizeof(path), "%s", at("key"));
	int r = vault_key_file(path, &made, &key, err);
	if (r == 0)
		r = vault_key_file(path, &made, &again, err);
	if (r == 0)
		assert_memory_equal(again->bytes, key->bytes, VAULT_KEY_BYTES);
	return r;
}

/* Kept there, found there, and forgotten. */
static int keep_at(const struct vault_keep *place, struct error *err) {
	const struct vault_unlock how = {.keep = place};
	int r = vault_keep(vault, place, 60, err);
	if (r == 0)
		r = open_another(&how, "a", "old-a", err);
	return r < 0 ? r : vault_forget(vault, place, err);
}

static int keep(struct error *err) {
	char directory[512];
	const struct vault_keep place = {.directory = directory, .owner = geteuid()};
	snprintf(directory, sizeof(directory), "%s", at("keep"));
	return keep_at(&place, err);
}

static int keep_in_keyring(struct error *err) {
	const struct vault_keep place = {.directory = NULL};
	return keep_at(&place, err);
}

static int create(struct error *err) {
	cleanup_secret struct secret *phrase = NULL;
	int r = secret_from_bytes("correct horse", 13, &phrase, err);
	return r < 0 ? r : vault_create(at("parent/new"), VAULT_SLOT_PASSPHRASE, phrase, err);
}

/* What is half made is no vault, and in nobody's way. */
static void created(int r) {
	struct error err;
	cleanup_vault struct vault *opened = NULL;
	int there = vault_open(at("parent/new"), &opened, &err);
	assert_true(there == 0 || (r < 0 && there == -ENOENT));
	if (there < 0 && create(&err) < 0)
		fail_msg("again: %s", err.text);
}

static void key_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"init", nothing, create, created, nothing},
		{"slot add", make_vault, add_passphrase, slot_added, free_vault},
		{"slot remove", make_two_slots, remove_slot, slot_removed, free_vault},
		{"passphrase", make_passphrase_only, by_passphrase, host_key_back, free_vault},
		{"slot add tpm2", make_vault, add_tpm, untouched, free_vault},
		{"tpm2", make_tpm_only, by_tpm, host_key_back, free_vault},
		{"rotate-key", make_vault, rotate, rotated, free_vault},
		{"keep", make_vault, keep, untouched, free_vault},
		{"recovery key", nothing, recovery, no_check, nothing},
		{"key file", nothing, key_file, no_check, nothing},
	};
	each_call(flows, ARRAY_SIZE(flows));
}

/* Where the kernel has none for us, there is nothing to see. */
static void keyring_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"keep in the keyring", make_vault, keep_in_keyring, untouched, free_vault},
		{"unlocked by the keyring", make_no_host_key, keep_in_keyring, host_key_back,
	         free_vault},
	};
	struct error err;
	empty_scratch();
	make_vault();
	int r = keep_in_keyring(&err);
	free_vault();
	if (r < 0)
		skip();
	each_call(flows, ARRAY_SIZE(flows));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_flows),
		cmocka_unit_test(keyring_flows),
	};
	flows_begin();
	return flows_end(cmocka_run_group_tests(tests, NULL, NULL));
}
