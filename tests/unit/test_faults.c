#include "unit.h"

#include "inject.h"
#include "pin/header.h"
#include "pin/pin.h"
#include "policy/approval.h"
#include "policy/find.h"
#include "policy/grant.h"
#include "policy/signature.h"
#include "policy/system.h"
#include "run/mask.h"
#include "util/fd.h"
#include "util/file.h"
#include "util/path.h"
#include "vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What is done with keys, policies and pins, with each call of the C library and of libsodium failing in turn. Whatever
 * fails, the answer is an error with a message or the same as without, no descriptor stays open, and a vault
 * has its old or its new value. That nothing is leaked or used after its end is valgrind's to say, and the sanitizers'.
 */

static char scratch[64];
static struct vault *vault;
static const char *failed_call; /* for messages */

static const char *at(const char *name) {
	static char path[4][512];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", scratch, name);
	return path[turn];
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place) {
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

/* Not by rm(1): to fork is dear where valgrind or a sanitizer looks on. */
static void empty_scratch(void) {
	assert_int_equal(nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(mkdir(scratch, 0755), 0);
}

static void put(const char *name, const char *text, mode_t mode) {
	char path[512];
	snprintf(path, sizeof(path), "%s", at(name));
	for (char *slash = strchr(path + strlen(scratch) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int open_descriptors(void) {
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* One thing that is done. */
struct flow {
	const char *name;
	void (*prepare)(void);
	int (*run)(struct error *err); /* this is what fails */
	void (*check)(int r);          /* what is true afterwards, whatever failed */
	void (*clean)(void);
};

/* False when it was through before the call that was to fail. */
static bool fails(const struct flow *flow, long call, int error) {
	struct error err = {0};
	empty_scratch();
	flow->prepare();
	int before = open_descriptors();
	inject_begin(call, error);
	int r = flow->run(&err);
	const char *struck = failed_call = inject_end();
	bool right = r == 0 || (r < 0 && err.text[0] != '\0' && struck && error != EINTR);
	if (!right)
		fail_msg("%s, call %ld (%s): %d '%s'", flow->name, call, struck ? struck : "none", r, err.text);
	flow->check(r);
	if (open_descriptors() != before)
		fail_msg("%s, call %ld (%s): a descriptor stays open", flow->name, call, struck);
	flow->clean();
	return struck != NULL;
}

static void each_call(const struct flow *flow, size_t count) {
	for (size_t i = 0; i < count; i++) {
		long calls = 0;
		while (fails(&flow[i], calls, EIO))
			calls++;
		assert_true(calls > 2);
		for (long call = 0; fails(&flow[i], call, EINTR); call++)
			continue;
	}
}

/* Vaults: a is "old-a", once "older", and dir/b is "old-b"; a key in a file opens it. */

static const struct vault_unlock nobody = {0};

static int store(const char *name, const char *text, bool replace, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	int r = secret_from_bytes(text, strlen(text), &value, err);
	return r < 0 ? r : vault_store(vault, name, value, 0, replace, err);
}

static void open_vault(void) {
	struct error err;
	if (vault_open(at("v"), &vault, &err) < 0 || vault_unlock(vault, &nobody, &err) < 0)
		fail_msg("%s", err.text);
}

static void make_vault(void) {
	struct error err;
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_HOST_KEY, NULL, &err), 0);
	open_vault();
	assert_int_equal(store("a", "older", false, &err), 0);
	assert_int_equal(store("a", "old-a", true, &err), 0);
	assert_int_equal(store("dir/b", "old-b", false, &err), 0);
}

static void free_vault(void) {
	vault_free(vault);
	vault = NULL;
}

static void no_finding(void *context, const char *text) {
	(void)context;
	fail_msg("%s", text);
}

/* As the next process finds it, and once somebody has written. */
static void is_whole(void) {
	struct error err;
	size_t secrets;
	free_vault();
	open_vault();
	if (store("next", "value", false, &err) < 0)
		fail_msg("the next command: %s", err.text);
	assert_int_equal(vault_verify(vault, no_finding, NULL, &secrets, &err), 0);
}

static bool is(const char *name, const char *text) {
	struct error err;
	cleanup_secret struct secret *value = NULL;
	int r = vault_unseal(vault, name, &value, &err);
	if (r == -ENOENT)
		return text == NULL;
	assert_int_equal(r, 0);
	return text && value->size == strlen(text) && memcmp(value->bytes, text, value->size) == 0;
}

/* Old or new; new when there was no error. */
static void either(int r, const char *name, const char *old, const char *new) {
	if (!is(name, new) && (r == 0 || !is(name, old)))
		fail_msg("'%s' is neither as it was nor as it should be, after %d of %s", name, r,
		         failed_call ? failed_call : "nothing");
}

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

static void untouched(int r) {
	(void)r;
	is_whole();
	assert_true(is("a", "old-a") && is("dir/b", "old-b"));
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
	struct vault *opened = NULL;
	cleanup_secret struct secret *value = NULL;
	int r = vault_open(at("v"), &opened, err);
	if (r == 0)
		r = vault_unlock(opened, &nobody, err);
	if (r == 0)
		r = vault_unseal(opened, "a", &value, err);
	vault_free(opened);
	if (r == 0)
		assert_memory_equal(value->bytes, "old-a", 5);
	return r;
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
	return r < 0 ? r : vault_foresee(vault, "dir/b", 0, err);
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
	char path[512];
	struct vault *opened = NULL;
	cleanup_secret struct secret *value = NULL;
	const struct vault_unlock how = {.ask = ask, .context = (void *)"correct horse"};
	snprintf(path, sizeof(path), "%s", at("v"));
	int r = vault_open(path, &opened, err);
	if (r == 0)
		r = vault_unlock(opened, &how, err);
	if (r == 0)
		r = vault_unseal(opened, "dir/b", &value, err);
	vault_free(opened);
	if (r == 0)
		assert_memory_equal(value->bytes, "old-b", 5);
	return r;
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
	const struct vault_slot_new slot = {
		.slot = VAULT_SLOT_TPM2, .key = key, .blob = tpm_blob, .blob_size = sizeof(tpm_blob)};
	return r < 0 ? r : vault_slot_add(vault, &slot, false, err);
}

static void make_tpm_only(void) {
	struct error err;
	make_vault();
	assert_int_equal(add_tpm(&err), 0);
	assert_int_equal(rename(at("v/slots/host.key"), at("host.key")), 0);
}

static int by_tpm(struct error *err) {
	struct vault *opened = NULL;
	cleanup_secret struct secret *value = NULL;
	const struct vault_unlock how = {.tpm2 = tpm};
	int r = vault_open(at("v"), &opened, err);
	if (r == 0)
		r = vault_unlock(opened, &how, err);
	if (r == 0)
		r = vault_unseal(opened, "a", &value, err);
	vault_free(opened);
	return r;
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

static int keep(struct error *err) {
	char directory[512];
	const struct vault_keep place = {.directory = directory, .owner = geteuid()};
	const struct vault_unlock how = {.keep = &place};
	struct vault *opened = NULL;
	snprintf(directory, sizeof(directory), "%s", at("keep"));
	int r = vault_keep(vault, &place, 60, err);
	if (r == 0)
		r = vault_open(at("v"), &opened, err);
	if (r == 0)
		r = vault_unlock(opened, &how, err);
	vault_free(opened);
	return r < 0 ? r : vault_forget(vault, &place, err);
}

/* Where the kernel has none for us, there is nothing to see. */
static int keep_in_keyring(struct error *err) {
	const struct vault_keep place = {.directory = NULL};
	const struct vault_unlock how = {.keep = &place};
	struct vault *opened = NULL;
	int r = vault_keep(vault, &place, 60, err);
	if (r == 0)
		r = vault_open(at("v"), &opened, err);
	if (r == 0)
		r = vault_unlock(opened, &how, err);
	vault_free(opened);
	return r < 0 ? r : vault_forget(vault, &place, err);
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

static void nothing(void) {
}

static void no_check(int r) {
	(void)r;
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
		{"keep", make_vault, keep, untouched, free_vault},
	};
	each_call(flows, ARRAY_SIZE(flows));
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
		{"recovery key", nothing, recovery, no_check, nothing},
		{"key file", nothing, key_file, no_check, nothing},
	};
	each_call(flows, ARRAY_SIZE(flows));
}

/* Policies: one in the second of two layers, pinned, signed and granted. */

#define POLICY                                                                                                 \
	"version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"hardened\"\npin = \"trusted\"\n"                     \
	"[secrets]\nONE = \"first/one\"\nTWO = { template = \"a ${first/two} b\", required = false }\n"        \
	"[arguments]\nallow = [[\"pr\", \"list\", \"**\"]]\ndeny = [\"--debug*\"]\nprepend = [\"-x\"]\n"       \
	"[environment]\ninherit = [\"LANG\"]\nset = { A = \"b\" }\n"                                           \
	"[filesystem]\nhidden = [\"/home\"]\n[process]\nexec = [\"/usr/bin/git\"]\nkeep_fds = [3]\n"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct layers layers;
static struct trust trust = {.sticky = true};

static void make_layers(void) {
	char list[512];
	struct error err;
	put("a/policies/usr/bin/other.toml", POLICY, 0644);
	put("b/policies/usr/bin/gh.toml", POLICY, 0644);
	put("a/pins/usr/bin/gh", "blake2b-256:" HEX "\n", 0644);
	put("b/pins/usr/bin/gh", "# of yesterday\nsha256:" HEX "\n", 0644);
	put("b/access/usr/bin/gh", "", 0644);
	snprintf(list, sizeof(list), "%s:%s", at("a"), at("b"));
	assert_int_equal(layers_parse(list, &layers, &err), 0);
	layers.grants = layers.count;
}

static void free_layers(void) {
	layers_free(&layers);
}

static int find(struct policy_found *ret_found, struct error *err) {
	static const char *const names[] = {"/usr/bin/gh"};
	return policy_find(&layers, names, 1, NULL, &trust, ret_found, err);
}

static int find_and_parse(struct error *err) {
	cleanup_policy_found struct policy_found found = {0};
	cleanup_policy struct policy *policy = NULL;
	int r = find(&found, err);
	/* A pin file that cannot be read is not one that is missing. */
	if (r == 0)
		assert_true(found.hashes.count == 2 && strstr(found.layer, "/b"));
	if (r == 0)
		r = policy_parse(found.text.bytes, found.text.size, found.file, &policy, err);
	if (r == 0)
		r = policy_for_system(policy, err);
	if (r == 0)
		assert_string_equal(policy->command, "/usr/bin/gh");
	return r;
}

static int find_one(struct error *err) {
	cleanup_policy_found struct policy_found found = {0};
	int r = policy_find_one(&layers, 1, "/usr/bin/gh", NULL, &trust, &found, err);
	if (r == 0)
		assert_string_equal(found.name, "/usr/bin/gh");
	return r;
}

static int user_layers(struct error *err) {
	struct layers found = {0};
	int r = layers_for_user(NULL, "/home/tester", &found, err);
	if (r == 0)
		assert_string_equal(found.paths[0], "/home/tester/.config/envseal");
	layers_free(&found);
	return r;
}

/* The error is the answer: never "allowed", where there is no grant. */
static int grants(struct error *err) {
	cleanup_grant struct grant grant = {0};
	int r = grant_read(&layers, 0, "/usr/bin/gh", NULL, &trust, &grant, err);
	if (r == 0)
		assert_true(grant.everybody && grant.layer == 1);
	if (r == 0)
		r = grant_check(&layers, "/usr/bin/gh", NULL, 12345, &trust, err);
	struct error refused;
	assert_true(grant_check(&layers, "/usr/bin/other", NULL, 12345, &trust, &refused) < 0);
	return r;
}

static void make_system(void) {
	put("system.toml", "service_uid = 64001\nrun_gid = 64002\n", 0644);
}

static int read_system(struct error *err) {
	struct system system = {0};
	int r = system_read(at("system.toml"), &trust, &system, err);
	if (r == 0)
		assert_int_equal(system.run_gid, 64002);
	return r;
}

/* Made by minisign 0.11. */
#define SIGNED "version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"none\"\npin = \"trusted\"\n"
static const char signature[] =
	"untrusted comment: signature from minisign secret key\n"
	"RUSZTSRpRqYzv2SkYF+YzyQdFi+kIi40B7L8dfgJFg+u9n9HTZ318bLI/5dZoFNiSaOFA+kA9yKEy57UZ/VR67omBg7PnqHoHQo=\n"
	"trusted comment: timestamp:1795393878\tfile:gh.toml\thashed\n"
	"wmwCjj4J4BJT+YQmr12T+INgkljUh1zytQrSv+SAciILJiR32qfB3mdhRjHyk8cYiohohK7Y0erSbbbBGkvKCg==\n";

static void make_signed(void) {
	put("b/policies/gh.toml.minisig", signature, 0644);
	put("keys/vendor.pub",
	    "untrusted comment: minisign public key BF33A64669244D99\n"
	    "RWSZTSRpRqYzv2YIx3HMhanTGPr8zt66uOZIuWUGlB+vRK+PRyWHggQ3\n",
	    0644);
}

static int signatures(struct error *err) {
	char layer[512];
	cleanup_free char *signer = NULL;
	struct buffer text = {.bytes = (char *)SIGNED, .size = sizeof(SIGNED) - 1};
	const struct signed_file file = {.layer = layer, .place = "policies/gh.toml", .text = &text};
	snprintf(layer, sizeof(layer), "%s", at("b"));
	int r = signature_check(&file, at("keys"), &trust, &signer, err);
	assert_true((r == 0) == (signer != NULL));
	return r;
}

static const struct policy_found approved = {.name = (char *)"/usr/bin/gh",
                                             .file = (char *)"/layer/policies/usr/bin/gh.toml",
                                             .text = {.bytes = (char *)"text", .size = 4},
                                             .pins = {.bytes = (char *)"pins", .size = 4}};
static const struct policy_found edited = {.name = (char *)"/usr/bin/gh",
                                           .file = (char *)"/layer/policies/usr/bin/gh.toml",
                                           .text = {.bytes = (char *)"texT", .size = 4},
                                           .pins = {.bytes = (char *)"pins", .size = 4}};

static int approve(struct error *err) {
	return approval_write(vault, &approved, "work", err);
}

static void is_approved(int r) {
	struct error err;
	int there = approval_check(vault, &approved, "work", &err);
	assert_true(there == 0 || (r < 0 && there == -ENOENT));
	untouched(r);
}

static void make_approval(void) {
	struct error err;
	make_vault();
	assert_int_equal(approve(&err), 0);
}

/* What fails is no approval, and never the text's that was edited. */
static int check_approval(struct error *err) {
	int r = approval_check(vault, &approved, "work", err);
	struct error refused;
	assert_true(approval_check(vault, &edited, "work", &refused) < 0);
	return r;
}

static int disapprove(struct error *err) {
	return approval_remove(vault, "/usr/bin/gh", "work", err);
}

static void is_disapproved(int r) {
	struct error err;
	if (r == 0)
		assert_int_equal(approval_check(vault, &approved, "work", &err), -ENOENT);
	untouched(r);
}

static void keyring_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"keep in the keyring", make_vault, keep_in_keyring, untouched, free_vault},
		{"unlocked by the keyring", make_no_host_key, keep_in_keyring, host_key_back, free_vault},
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

static void policy_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"policy", make_layers, find_and_parse, no_check, free_layers},
		{"policy of a layer", make_layers, find_one, no_check, free_layers},
		{"layers", nothing, user_layers, no_check, nothing},
		{"grant", make_layers, grants, no_check, free_layers},
		{"system.toml", make_system, read_system, no_check, nothing},
		{"signature", make_signed, signatures, no_check, nothing},
		{"approve", make_vault, approve, is_approved, free_vault},
		{"approval", make_approval, check_approval, untouched, free_vault},
		{"disapprove", make_approval, disapprove, is_disapproved, free_vault},
	};
	each_call(flows, ARRAY_SIZE(flows));
}

/* Pins: a script of the user's, which is copied before it is hashed. */

static void make_script(void) {
	put("dir/script", "#!/usr/bin/envseal-exec\n#!/usr/bin/env -S python3 -I\npass\n", 0755);
	assert_int_equal(symlink("dir/script", at("link")), 0);
}

static int pin(struct error *err) {
	cleanup_pin struct pin *pin = NULL;
	cleanup_script_header struct script_header header = {0};
	struct pin_hash hash = {0};
	int r = pin_open(at("dir/script"), &pin, err);
	if (r == 0)
		r = pin_settle(pin, pin->path, err);
	if (r == 0)
		assert_true(pin->copied && fcntl(pin->fd, F_GET_SEALS) & F_SEAL_WRITE);
	if (r == 0)
		r = pin_hash_fd(pin->fd, PIN_SHA256, &hash, err);
	if (r == 0)
		r = pin_verify(pin, &hash, 1, err);
	if (r == 0)
		r = script_header_read(pin->fd, pin->path, &header, err);
	if (r == 0)
		assert_true(strcmp(header.name, "python3") == 0 && strcmp(header.options[0], "-I") == 0);
	return r;
}

/* No hash is right when it could not be computed. */
static int wrong_pin(struct error *err) {
	cleanup_pin struct pin *pin = NULL;
	struct pin_hash hash = {.algorithm = PIN_BLAKE2B_256};
	int r = pin_open(at("dir/script"), &pin, err);
	if (r < 0)
		return r;
	r = pin_settle(pin, pin->path, err);
	struct error refused;
	assert_true(pin_verify(pin, &hash, 1, &refused) < 0);
	return r;
}

static int names(struct error *err) {
	cleanup_free char *name = NULL;
	cleanup_free char *real = NULL;
	int r = path_command_names(at("link"), &name, &real, err);
	if (r == 0)
		assert_true(strstr(name, "/link") && strstr(real, "/dir/script"));
	return r;
}

static int directories(struct error *err) {
	return file_make_directories(at("one/two/three"), 0755, err);
}

static void pin_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"pin", make_script, pin, no_check, nothing},
		{"another's pin", make_script, wrong_pin, no_check, nothing},
		{"names", make_script, names, no_check, nothing},
		{"directories", nothing, directories, no_check, nothing},
	};
	each_call(flows, ARRAY_SIZE(flows));
}

/* Masking: what fails may lose output, and never shows a secret. */

static int move_through(struct mask_stream *stream, const char *text, struct buffer *out) {
	int r = 0;
	for (const char *at = text; r == 0 && *at; at++) {
		size_t room;
		mask_stream_room(stream, &room)[0] = (unsigned char)*at;
		r = mask_stream_filled(stream, 1, out);
	}
	return r < 0 ? r : mask_stream_end(stream, out);
}

static int mask_some(struct error *err) {
	static const char text[] = "one s3cr3t-value, s3cr3t-v and czNjcjN0LXZhbHVl; second-value\n";
	static const char masked[] = "one [envseal:A], s3cr3t-v and [envseal:A]; [envseal:B]\n";
	cleanup_mask struct mask *mask = NULL;
	cleanup_mask_stream struct mask_stream *stream = NULL;
	cleanup_buffer struct buffer out = BUFFER_INIT;
	struct mask_value values[] = {{.name = "A"}, {.name = "B"}};
	int r = secret_from_bytes("s3cr3t-value", 12, &values[0].value, err);
	if (r == 0)
		r = secret_from_bytes("second-value", 12, &values[1].value, err);
	if (r < 0) {
		secret_free(values[0].value);
		return r;
	}
	r = mask_new(values, ARRAY_SIZE(values), &mask, err);
	if (r == 0)
		r = mask_stream_new(mask, &stream, err);
	if (r == 0 && (r = move_through(stream, text, &out)) < 0)
		error_errno(err, r, "cannot mask");
	buffer_append(&out, "", 1);
	if (out.failed)
		return error_errno(err, ENOMEM, "cannot mask");
	assert_null(strstr(out.bytes, "s3cr3t-value"));
	assert_null(strstr(out.bytes, "czNjcjN0LXZhbHVl"));
	if (r == 0)
		assert_string_equal(out.bytes, masked);
	return r;
}

static void mask_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {{"mask", nothing, mask_some, no_check, nothing}};
	each_call(flows, ARRAY_SIZE(flows));
}

/* Before Linux 5.6 there is no openat2, before 5.8 no faccessat2, before 6.3 no MFD_EXEC. */
static void older_kernels_run_the_same(void **state) {
	(void)state;
	static const int errors[] = {ENOSYS, ENOSYS, EINVAL};
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct error err = {0};
		empty_scratch();
		make_script();
		inject_only("syscall", (long)i, errors[i]);
		int r = pin(&err);
		assert_string_equal(inject_end(), "syscall");
		if (r < 0)
			fail_msg("call %zu: %s", i, err.text);
	}
}

/* From 250 to 253, whatever close_range(2) can. */
static void descriptors_without_close_range(void **state) {
	(void)state;
	const int kept[] = {251, -1};
	for (int fd = 250; fd < 254; fd++)
		assert_int_equal(dup2(STDIN_FILENO, fd), fd);
	for (int error = EPERM; error; error = error == EPERM ? ENOSYS : 0) {
		inject_only("syscall", 0, error);
		int r = fd_cloexec_from(252);
		assert_non_null(inject_end());
		assert_int_equal(r, error == ENOSYS ? 0 : -EPERM);
		for (int fd = 250; fd < 254; fd++)
			assert_int_equal(fcntl(fd, F_GETFD), fd >= 252 && error == ENOSYS ? FD_CLOEXEC : 0);
	}
	inject_only("syscall", 0, ENOSYS);
	fd_close_others(250, kept, ARRAY_SIZE(kept));
	assert_non_null(inject_end());
	for (int fd = 250; fd < 254; fd++)
		assert_int_equal(fcntl(fd, F_GETFD) >= 0, fd == 251);
	close(251);
}

int main(void) {
	/* In memory where that can be: there are thousands of vaults. */
	strcpy(scratch,
	       access("/dev/shm", W_OK) == 0 ? "/dev/shm/envseal-unit-XXXXXX" : "/tmp/envseal-unit-XXXXXX");
	trust.owner = geteuid();
	if (sodium_init() < 0 || !mkdtemp(scratch))
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vault_flows),
		cmocka_unit_test(key_flows),
		cmocka_unit_test(policy_flows),
		cmocka_unit_test(keyring_flows),
		cmocka_unit_test(mask_flows),
		cmocka_unit_test(pin_flows),
		cmocka_unit_test(older_kernels_run_the_same),
		cmocka_unit_test(descriptors_without_close_range),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	empty_scratch();
	rmdir(scratch);
	return failed;
}
