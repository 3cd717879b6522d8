#include "unit.h"

#include "scratch.h"
#include "util/fd.h"
#include "util/secret.h"
#include "vault/keys.h"
#include "vault/names.h"
#include "vault/seal.h"
#include "vault/slots.h"
#include "vault/layout.h"
#include "vault/vault.h"
#include "vault/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct error err;

/* Each test has a directory of its own; the vault goes to "v" in it. */
/* What is in a file, to spoil it and to put it back. */
struct content {
	char bytes[8192];
	size_t size;
};

static struct content get(const char *name) {
	struct content content = {.size = 0};
	int fd = open(at(name), O_RDONLY);
	assert_true(fd >= 0);
	ssize_t n = read(fd, content.bytes, sizeof(content.bytes));
	assert_true(n >= 0 && (size_t)n < sizeof(content.bytes));
	content.size = (size_t)n;
	close(fd);
	return content;
}

static void put(const char *name, const void *bytes, size_t size) {
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, bytes, size), 0);
	close(fd);
}

static struct secret *secret_of(const void *bytes, size_t size) {
	struct secret *secret = NULL;
	assert_int_equal(secret_from_bytes(bytes, size, &secret, &err), 0);
	return secret;
}

static struct vault *make_vault(void) {
	struct vault *vault = NULL;
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_HOST_KEY, NULL, &err), 0);
	assert_int_equal(vault_open(at("v"), &vault, &err), 0);
	return vault;
}

static const struct vault_unlock nobody = {0};

static struct vault *make_unlocked(void) {
	struct vault *vault = make_vault();
	assert_int_equal(vault_unlock(vault, &nobody, &err), 0);
	return vault;
}

static int store(struct vault *vault, const char *name, const char *value, bool replace) {
	cleanup_secret struct secret *secret = secret_of(value, strlen(value));
	return vault_store(vault, name, secret, 0, replace, &err);
}

/* The outcome, or 0 when the secret opens and is `value`. */
static int unseal(const struct vault *vault, const char *name, const char *value) {
	cleanup_secret struct secret *secret = NULL;
	int r = vault_unseal(vault, name, &secret, &err);
	if (r < 0) {
		assert_null(secret);
		assert_true(err.text[0] != '\0');
		return r;
	}
	assert_int_equal(secret->size, strlen(value));
	assert_memory_equal(secret->bytes, value, secret->size);
	return 0;
}

/* Opening and unlocking in one. */
static int open_and_unlock(void) {
	cleanup_vault struct vault *vault = NULL;
	int r = vault_open(at("v"), &vault, &err);
	return r < 0 ? r : vault_unlock(vault, &nobody, &err);
}

#define X8 "xxxxxxxx"
#define X64 X8 X8 X8 X8 X8 X8 X8 X8
#define X248 X64 X64 X64 X8 X8 X8 X8 X8 X8 X8

static void names(void **state) {
	(void)state;
	static const struct {
		const char *name;
		int result;
	} rows[] = {
		{"a", 0},
		{"github/token", 0},
		{"A-Z_0.9/b..c", 0},
		{"a./b-", 0},
		{"-x", 0},
		{X248, 0},
		{X248 "/123456", 0},
		{"a.sealed.x/b", 0},
		{"", -EINVAL},
		{"/", -EINVAL},
		{"/a", -EINVAL},
		{"a/", -EINVAL},
		{"a//b", -EINVAL},
		{".", -EINVAL},
		{"..", -EINVAL},
		{"../a", -EINVAL},
		{"a/../b", -EINVAL},
		{"a/.b", -EINVAL},
		{".hidden", -EINVAL},
		{"a b", -EINVAL},
		{"a\n", -EINVAL},
		{"a\\b", -EINVAL},
		{"caf\xc3\xa9", -EINVAL},
		{"a:b", -EINVAL},
		{X248 "x", -EINVAL},
		{X248 "/1234567", -EINVAL},
		{X248 X64, -EINVAL},
		{"a.sealed", -EINVAL},
		{"a.sealed/b", -EINVAL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		err.text[0] = '\0';
		if (vault_name_check(rows[i].name, &err) != rows[i].result)
			fail_msg("name '%s'", rows[i].name);
	}
}

/* Somebody who gives the value where the name belongs must not find it in a log. */
static void names_are_not_echoed(void **state) {
	(void)state;
	assert_int_equal(vault_name_check("hunter2!", &err), -EINVAL);
	assert_null(strstr(err.text, "hunter2"));
}

static void create_is_private_and_complete(void **state) {
	(void)state;
	static const struct {
		const char *name;
		mode_t mode;
	} rows[] = {
		/* clang-format off */
		{"v", S_IFDIR | 0700},
		{"v/vault.toml", S_IFREG | 0600},
		{"v/slots", S_IFDIR | 0700},
		{"v/slots/host.key", S_IFREG | 0600},
		{"v/secrets", S_IFDIR | 0700},
		/* clang-format on */
	};
	vault_free(make_vault());
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct stat st;
		assert_int_equal(lstat(at(rows[i].name), &st), 0);
		assert_int_equal(st.st_mode, rows[i].mode);
	}
}

static void create_refuses_what_is_there(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_vault();
	struct content key = get("v/slots/host.key");
	assert_int_equal(store(vault, "a", "value", false), 0);
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_HOST_KEY, NULL, &err), -EEXIST);
	assert_int_equal(unlink(at("v/vault.toml")), 0);
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_HOST_KEY, NULL, &err), -ENOTEMPTY);
	struct content after = get("v/slots/host.key");
	assert_memory_equal(key.bytes, after.bytes, key.size);
}

static void create_goes_over_a_half_made_vault(void **state) {
	(void)state;
	vault_free(make_vault());
	assert_int_equal(unlink(at("v/vault.toml")), 0);
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_HOST_KEY, NULL, &err), 0);
	assert_int_equal(open_and_unlock(), 0);
}

static void create_refuses_bad_input(void **state) {
	(void)state;
	cleanup_secret struct secret *longer = NULL;
	assert_int_equal(secret_new(VAULT_PASSPHRASE_MAX + 1, &longer, &err), 0);
	assert_int_equal(vault_create("v", VAULT_SLOT_HOST_KEY, NULL, &err), -EINVAL);
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_PASSPHRASE, NULL, &err), -EINVAL);
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_PASSPHRASE, longer, &err), -EINVAL);
	longer->size = 0;
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_PASSPHRASE, longer, &err), -EINVAL);
	struct stat st;
	assert_int_equal(stat(at("v"), &st), -1);
}

static void open_without_a_vault(void **state) {
	(void)state;
	struct vault *vault = NULL;
	assert_int_equal(vault_open(at("none"), &vault, &err), -ENOENT);
	assert_int_equal(vault_open(scratch, &vault, &err), -ENOENT);
	assert_non_null(strstr(err.text, "envseal init"));
	assert_null(vault);
}

static void others_may_not_write_it(void **state) {
	(void)state;
	static const char *const names[] = {"v", "v/vault.toml", "v/slots", "v/slots/host.key"};
	vault_free(make_vault());
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct stat st;
		assert_int_equal(stat(at(names[i]), &st), 0);
		assert_int_equal(chmod(at(names[i]), 0720), 0);
		assert_int_equal(open_and_unlock(), -EPERM);
		assert_non_null(strstr(err.text, "chmod"));
		assert_int_equal(chmod(at(names[i]), st.st_mode & 07777), 0);
		assert_int_equal(open_and_unlock(), 0);
	}
}

static void others_may_not_write_secrets(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a/b", "value", false), 0);
	assert_int_equal(chmod(at("v/secrets/a"), 0777), 0);
	assert_int_equal(unseal(vault, "a/b", "value"), -EPERM);
	assert_int_equal(store(vault, "a/c", "value", false), -EPERM);
	assert_int_equal(vault_has(vault, "a/b", &err), -EPERM);
	assert_int_equal(vault_remove(vault, "a/b", &err), -EPERM);
}

static void key_files_must_be_right(void **state) {
	(void)state;
	vault_free(make_vault());
	struct content key = get("v/slots/host.key");
	put("v/slots/host.key", key.bytes, 31);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	put("v/slots/host.key", key.bytes, 0);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	put("v/slots/host.key", key.bytes, 33);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	put("v/slots/host.key", key.bytes, 32);
	chmod(at("v/slots/host.key"), 0640);
	assert_int_equal(open_and_unlock(), -EPERM);
	assert_non_null(strstr(err.text, "chmod 600"));
	chmod(at("v/slots/host.key"), 0600);
	assert_int_equal(rename(at("v/slots/host.key"), at("moved")), 0);
	assert_int_equal(open_and_unlock(), -ENOKEY);
	assert_int_equal(symlink(at("moved"), at("v/slots/host.key")), 0);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	assert_int_equal(unlink(at("v/slots/host.key")), 0);
	assert_int_equal(mkfifo(at("v/slots/host.key"), 0600), 0);
	assert_int_equal(open_and_unlock(), -EBADMSG);
}

/*
 * As a service gets its credential: root's, and readable by its group. Any other owner's key is
 * that owner's alone.
 */
static void only_roots_keys_may_be_a_groups(void **state) {
	(void)state;
	static const struct {
		uid_t uid;
		mode_t mode;
		bool service;
		int result;
	} rows[] = {
		{54321, 0600, true, 0},  {54321, 0640, true, -EPERM}, {54321, 0640, false, -EPERM},
		{0, 0440, true, 0},      {0, 0440, false, -EPERM},    {0, 0444, true, -EPERM},
		{0, 0450, true, -EPERM},
	};
	put("key", "0123456789abcdef0123456789abcdef", 32);
	vault_serve(54321);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_secret struct secret *key = NULL;
		/* An ordinary user has files of one owner only. */
		if (geteuid() != 0 && rows[i].uid == 0)
			continue;
		assert_true(geteuid() != 0 || chown(at("key"), rows[i].uid, 0) == 0);
		assert_int_equal(chmod(at("key"), rows[i].mode), 0);
		cleanup_fd int fd = open(at("key"), O_RDONLY);
		int r = slot_key_read(fd, "key", rows[i].service, &key, &err);
		if (r != rows[i].result)
			fail_msg("row %zu: %d", i, r);
	}
	vault_serve(0);
}

static void key_file_from_elsewhere(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_vault();
	struct vault_unlock how = {.key_file = at("elsewhere")};
	assert_int_equal(rename(at("v/slots/host.key"), at("elsewhere")), 0);
	assert_int_equal(vault_unlock(vault, &how, &err), 0);
	struct content key = get("elsewhere");
	key.bytes[5] ^= 1;
	put("elsewhere", key.bytes, key.size);
	assert_int_equal(vault_unlock(vault, &how, &err), -EBADMSG);
	how.key_file = at("none");
	assert_int_equal(vault_unlock(vault, &how, &err), -ENOKEY);
}

static void locked_vaults_open_nothing(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_vault();
	struct secret *key = NULL;
	assert_int_equal(store(vault, "a", "value", false), 0);
	assert_int_equal(unseal(vault, "a", "value"), -ENOKEY);
	assert_int_equal(vault_approval_key(vault, false, &key, &err), -ENOKEY);
	assert_int_equal(vault_unlock(vault, &nobody, &err), 0);
	assert_int_equal(unseal(vault, "a", "value"), 0);
}

/* 0x20 turns case and space, 0x01 digits, 0x80 leaves ASCII. */
static const unsigned char flips[] = {0x01, 0x20, 0x80};

static void config_flipped_anywhere(void **state) {
	(void)state;
	vault_free(make_vault());
	struct content good = get("v/vault.toml");
	for (size_t i = 0; i < good.size; i++) {
		for (size_t f = 0; f < ARRAY_SIZE(flips); f++) {
			struct content bad = good;
			bad.bytes[i] = (char)(bad.bytes[i] ^ flips[f]);
			put("v/vault.toml", bad.bytes, bad.size);
			if (open_and_unlock() != -EBADMSG)
				fail_msg("byte %zu ^ %#x", i, flips[f]);
		}
	}
	put("v/vault.toml", good.bytes, good.size);
	assert_int_equal(open_and_unlock(), 0);
}

static void config_truncated_anywhere(void **state) {
	(void)state;
	vault_free(make_vault());
	struct content good = get("v/vault.toml");
	/* Without the very last newline it is still whole. */
	for (size_t size = 0; size < good.size - 1; size++) {
		put("v/vault.toml", good.bytes, size);
		if (open_and_unlock() != -EBADMSG)
			fail_msg("%zu bytes", size);
	}
}

static void config_of_another_vault(void **state) {
	(void)state;
	vault_free(make_vault());
	struct content mine = get("v/vault.toml");
	assert_int_equal(vault_create(at("w"), VAULT_SLOT_HOST_KEY, NULL, &err), 0);
	struct content other = get("w/vault.toml");
	put("v/vault.toml", other.bytes, other.size);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	assert_non_null(strstr(err.text, "does not belong to the root key"));
	/* Their public key under my id and MAC. */
	char *line = strstr(mine.bytes, "public_key");
	memcpy(line, strstr(other.bytes, "public_key"), strlen("public_key = ''") + 64);
	put("v/vault.toml", mine.bytes, mine.size);
	assert_int_equal(open_and_unlock(), -EBADMSG);
}

static void config_is_strict(void **state) {
	(void)state;
	vault_free(make_vault());
	struct content good = get("v/vault.toml");
	struct content bad = good;
	bad.size += (size_t)sprintf(bad.bytes + bad.size, "extra = 1\n");
	put("v/vault.toml", bad.bytes, bad.size);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	assert_non_null(strstr(err.text, ":5:1:"));
	bad = good;
	bad.bytes[strlen("version = ")] = '2';
	put("v/vault.toml", bad.bytes, bad.size);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	assert_non_null(strstr(err.text, "newer"));
	memset(bad.bytes, '#', sizeof(bad.bytes));
	put("v/vault.toml", bad.bytes, 4097);
	assert_int_equal(open_and_unlock(), -EBADMSG);
	assert_int_equal(unlink(at("v/vault.toml")), 0);
	assert_int_equal(symlink("/dev/zero", at("v/vault.toml")), 0);
	assert_int_equal(open_and_unlock(), -EBADMSG);
}

static void fingerprint_shape(void **state) {
	(void)state;
	uint8_t key[VAULT_KEY_BYTES] = {0};
	char zero[VAULT_FINGERPRINT_SIZE];
	char one[VAULT_FINGERPRINT_SIZE];
	vault_fingerprint(key, zero);
	/* head -c 32 /dev/zero | b2sum -l 128 */
	assert_string_equal(zero, "ff0f-2249-2f44-bac4-c4b3-0ae5-8d0e-8daa");
	key[31] = 1;
	vault_fingerprint(key, one);
	assert_string_not_equal(zero, one);
}

static void round_trip_of_sizes(void **state) {
	(void)state;
	static const size_t sizes[] = {1, 223, 224, 225, 255, 256, 257, 480, 481, VAULT_VALUE_MAX};
	cleanup_vault struct vault *vault = make_unlocked();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		cleanup_secret struct secret *value = NULL;
		cleanup_secret struct secret *back = NULL;
		assert_int_equal(secret_new(sizes[i], &value, &err), 0);
		randombytes_buf(value->bytes, value->size);
		assert_int_equal(vault_store(vault, "n/a", value, 0, true, &err), 0);
		assert_int_equal(vault_unseal(vault, "n/a", &back, &err), 0);
		assert_int_equal(back->size, sizes[i]);
		assert_memory_equal(back->bytes, value->bytes, sizes[i]);
		/* It was moved within its memory, and nothing of it is left behind its end. */
		assert_true(
			sodium_is_zero(back->bytes + sizes[i], SEAL_PADDED(sizes[i]) - sizes[i]));
	}
}

static void sizes_out_of_bounds(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_vault();
	cleanup_secret struct secret *value = NULL;
	assert_int_equal(secret_new(VAULT_VALUE_MAX + 1, &value, &err), 0);
	assert_int_equal(vault_store(vault, "a", value, 0, false, &err), -EINVAL);
	value->size = 0;
	assert_int_equal(vault_store(vault, "a", value, 0, false, &err), -EINVAL);
	assert_int_equal(vault_has(vault, "a", &err), -ENOENT);
}

/* What is on the disk has neither the value nor its exact length. */
static void sealed_files_show_nothing(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_vault();
	assert_int_equal(store(vault, "a", "correct horse", false), 0);
	assert_int_equal(store(vault, "b", "x", false), 0);
	struct content a = get("v/secrets/a.sealed");
	struct content b = get("v/secrets/b.sealed");
	assert_int_equal(a.size, SEAL_SIZE_MIN);
	assert_int_equal(b.size, a.size);
	assert_null(memmem(a.bytes, a.size, "correct", 7));
}

static void replacing_must_be_asked_for(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a/b", "first", false), 0);
	assert_int_equal(store(vault, "a/b", "second", false), -EEXIST);
	assert_int_equal(unseal(vault, "a/b", "first"), 0);
	assert_int_equal(store(vault, "a/b", "second", true), 0);
	assert_int_equal(unseal(vault, "a/b", "second"), 0);
}

static void a_name_may_be_a_prefix_too(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a", "1", false), 0);
	assert_int_equal(store(vault, "a/b", "2", false), 0);
	assert_int_equal(unseal(vault, "a", "1"), 0);
	assert_int_equal(unseal(vault, "a/b", "2"), 0);
	assert_int_equal(store(vault, X248 "/123456", "3", false), 0);
	assert_int_equal(unseal(vault, X248 "/123456", "3"), 0);
}

static void moved_files_are_noticed(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a", "1", false), 0);
	assert_int_equal(store(vault, "ab", "2", false), 0);
	assert_int_equal(rename(at("v/secrets/a.sealed"), at("v/secrets/ab.sealed")), 0);
	assert_int_equal(unseal(vault, "ab", "1"), -EBADMSG);
	assert_non_null(strstr(err.text, "another name"));
	assert_int_equal(unseal(vault, "a", "1"), -ENOENT);
}

static void secrets_of_another_vault(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	cleanup_vault struct vault *other = NULL;
	assert_int_equal(vault_create(at("w"), VAULT_SLOT_HOST_KEY, NULL, &err), 0);
	assert_int_equal(vault_open(at("w"), &other, &err), 0);
	assert_int_equal(store(other, "a", "1", false), 0);
	assert_int_equal(rename(at("w/secrets/a.sealed"), at("v/secrets/a.sealed")), 0);
	assert_int_equal(unseal(vault, "a", "1"), -EBADMSG);
}

static void sealed_flipped_anywhere(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a", "value", false), 0);
	struct content good = get("v/secrets/a.sealed");
	for (size_t i = 0; i < good.size; i++) {
		struct content bad = good;
		bad.bytes[i] ^= 1;
		put("v/secrets/a.sealed", bad.bytes, bad.size);
		if (unseal(vault, "a", "value") != -EBADMSG)
			fail_msg("byte %zu", i);
	}
}

static void sealed_truncated_anywhere(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a", "value", false), 0);
	struct content good = get("v/secrets/a.sealed");
	for (size_t size = 0; size < good.size; size++) {
		put("v/secrets/a.sealed", good.bytes, size);
		if (unseal(vault, "a", "value") != -EBADMSG)
			fail_msg("%zu bytes", size);
	}
	put("v/secrets/a.sealed", good.bytes, good.size + 256);
	assert_int_equal(unseal(vault, "a", "value"), -EBADMSG);
	assert_int_equal(truncate(at("v/secrets/a.sealed"), SEAL_SIZE_MAX + 256), 0);
	assert_int_equal(unseal(vault, "a", "value"), -EBADMSG);
	/* Refused before memory is asked for. */
	assert_int_equal(truncate(at("v/secrets/a.sealed"), 1LL << 42), 0);
	assert_int_equal(unseal(vault, "a", "value"), -EBADMSG);
}

static void only_plain_files_are_unsealed(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a", "value", false), 0);
	assert_int_equal(rename(at("v/secrets/a.sealed"), at("moved")), 0);
	assert_int_equal(symlink(at("moved"), at("v/secrets/a.sealed")), 0);
	assert_int_equal(unseal(vault, "a", "value"), -EBADMSG);
	assert_int_equal(vault_has(vault, "a", &err), -EBADMSG);
	assert_int_equal(unlink(at("v/secrets/a.sealed")), 0);
	assert_int_equal(mkfifo(at("v/secrets/a.sealed"), 0600), 0);
	assert_int_equal(unseal(vault, "a", "value"), -EBADMSG);
	assert_int_equal(unlink(at("v/secrets/a.sealed")), 0);
	assert_int_equal(mkdir(at("v/secrets/a.sealed"), 0700), 0);
	assert_int_equal(unseal(vault, "a", "value"), -EBADMSG);
	assert_true(store(vault, "a", "value", true) < 0);
}

static void links_lead_nowhere(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a", "value", false), 0);
	assert_int_equal(mkdir(at("outside"), 0700), 0);
	assert_int_equal(symlink(at("outside"), at("v/secrets/d")), 0);
	assert_int_equal(store(vault, "d/x", "value", false), -EBADMSG);
	assert_int_equal(vault_remove(vault, "d/x", &err), -EBADMSG);
	assert_int_equal(rmdir(at("outside")), 0);
	/* Replacing a link replaces the link. */
	put("target", "kept", 4);
	assert_int_equal(symlink(at("target"), at("v/secrets/l.sealed")), 0);
	assert_int_equal(store(vault, "l", "value", false), -EEXIST);
	assert_int_equal(store(vault, "l", "value", true), 0);
	assert_int_equal(unseal(vault, "l", "value"), 0);
	assert_int_equal(get("target").size, 4);
}

static int append_name(void *context, const char *name) {
	strcat(strcat(context, name), " ");
	return 0;
}

static int stop_at_once(void *context, const char *name) {
	strcpy(context, name);
	return 7;
}

static void list_in_byte_order(void **state) {
	(void)state;
	static const char *const stored[] = {"b", "a/z", "a-b", "a", "B", "a/b/c", "a.b"};
	char listed[256] = "";
	cleanup_vault struct vault *vault = make_vault();
	assert_int_equal(vault_list(vault, append_name, listed, &err), 0);
	assert_string_equal(listed, "");
	for (size_t i = 0; i < ARRAY_SIZE(stored); i++)
		assert_int_equal(store(vault, stored[i], "value", false), 0);
	/* What no name leads to. */
	put("v/secrets/.tmp-0123", "", 0);
	put("v/secrets/notes.txt", "", 0);
	put("v/secrets/.sealed", "", 0);
	put("v/secrets/a b.sealed", "", 0);
	assert_int_equal(symlink("b.sealed", at("v/secrets/link.sealed")), 0);
	assert_int_equal(symlink("..", at("v/secrets/up")), 0);
	assert_int_equal(mkdir(at("v/secrets/dir.sealed"), 0700), 0);
	assert_int_equal(vault_list(vault, append_name, listed, &err), 0);
	assert_string_equal(listed, "B a a-b a.b a/b/c a/z b ");
	assert_int_equal(vault_list(vault, stop_at_once, listed, &err), 7);
	assert_string_equal(listed, "B");
}

static void remove_takes_empty_directories(void **state) {
	(void)state;
	struct stat st;
	cleanup_vault struct vault *vault = make_vault();
	assert_int_equal(store(vault, "a/b/c", "value", false), 0);
	assert_int_equal(store(vault, "a/d", "value", false), 0);
	assert_int_equal(vault_remove(vault, "a/b/c", &err), 0);
	assert_int_equal(vault_has(vault, "a/b/c", &err), -ENOENT);
	assert_int_equal(stat(at("v/secrets/a/b"), &st), -1);
	assert_int_equal(vault_has(vault, "a/d", &err), 0);
	assert_int_equal(vault_remove(vault, "a/d", &err), 0);
	assert_int_equal(stat(at("v/secrets/a"), &st), -1);
	assert_int_equal(stat(at("v/secrets"), &st), 0);
	assert_int_equal(vault_remove(vault, "a/d", &err), -ENOENT);
}

static void a_failed_store_leaves_no_directories(void **state) {
	(void)state;
	struct stat st;
	cleanup_vault struct vault *vault = make_vault();
	assert_int_equal(mkdir(at("v/secrets/a"), 0700), 0);
	put("v/secrets/a/b", "", 0);
	assert_int_equal(store(vault, "a/b/c", "value", false), -EBADMSG);
	assert_int_equal(store(vault, "x/../y", "value", false), -EINVAL);
	assert_int_equal(stat(at("v/secrets/x"), &st), -1);
}

/* Nothing on the run path may wait for a stopped writer. */
static void readers_do_not_lock(void **state) {
	(void)state;
	char listed[64] = "";
	cleanup_vault struct vault *vault = make_unlocked();
	assert_int_equal(store(vault, "a", "value", false), 0);
	cleanup_fd int dirfd = open(at("v"), O_RDONLY | O_DIRECTORY);
	struct writer writer = WRITER_NONE;
	assert_int_equal(writer_lock(dirfd, "v", 0, &writer, &err), 0);
	alarm(5);
	assert_int_equal(open_and_unlock(), 0);
	assert_int_equal(unseal(vault, "a", "value"), 0);
	assert_int_equal(vault_has(vault, "a", &err), 0);
	assert_int_equal(vault_list(vault, append_name, listed, &err), 0);
	alarm(0);
	writer_end(&writer);
}

static void writers_give_up_on_a_held_lock(void **state) {
	(void)state;
	vault_free(make_vault());
	cleanup_fd int dirfd = open(at("v"), O_RDONLY | O_DIRECTORY);
	struct writer writer = WRITER_NONE;
	struct writer second = WRITER_NONE;
	assert_int_equal(writer_lock(dirfd, "v", 0, &writer, &err), 0);
	assert_int_equal(writer_lock(dirfd, "v", 120, &second, &err), -EBUSY);
	assert_int_equal(second.lock, -1);
	writer_end(&writer);
	assert_int_equal(writer_lock(dirfd, "v", 0, &second, &err), 0);
	writer_end(&second);
}

/* One store of many at the same time makes the secret, the others say that it is there. */
static void one_of_many_stores_wins(void **state) {
	(void)state;
	vault_free(make_vault());
	pid_t pids[8];
	int made = 0;
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct vault *vault = NULL;
			int r = vault_open(at("v"), &vault, &err);
			if (r == 0)
				r = store(vault, "a/b", "value", false);
			_exit(r == 0 ? 0 : r == -EEXIST ? 1 : 2);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		int status = -1;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		made += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(made, 1);
}

/* The seal itself, where files cannot reach: expiry, and what a hostile sealer may put inside. */

struct pair {
	uint8_t public_key[VAULT_KEY_BYTES];
	struct secret *private_key;
};

static struct pair make_pair(void) {
	struct pair pair = {.private_key = NULL};
	cleanup_secret struct secret *root = NULL;
	assert_int_equal(key_new_root(&root, &err), 0);
	assert_int_equal(key_pair(root, pair.public_key, &pair.private_key, &err), 0);
	return pair;
}

static void seal_expires(void **state) {
	(void)state;
	struct pair pair = make_pair();
	cleanup_secret struct secret *value = secret_of("value", 5);
	const struct seal_label label = {.version = 7, .created = 1000, .expires = 2000};
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	assert_int_equal(seal_make(pair.public_key, "a", &label, value, &sealed, &err), 0);
	static const struct {
		int64_t now;
		int result;
	} rows[] = {{0, 0},
	            {1999, 0},
	            {2000, -EKEYEXPIRED},
	            {1LL << 40, -EKEYEXPIRED},
	            {SEAL_ANY_TIME, 0}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_secret struct secret *back = NULL;
		assert_int_equal(seal_open(pair.public_key, pair.private_key, "a", rows[i].now,
		                           sealed.bytes, sealed.size, &back, &err),
		                 rows[i].result);
	}
	secret_free(pair.private_key);
}

/* The label has no key, so what it says must be what the seal says; the number is only a number. */
static void seal_labels_are_held_against_the_seal(void **state) {
	(void)state;
	struct pair pair = make_pair();
	cleanup_secret struct secret *value = secret_of("value", 5);
	const struct seal_label label = {.version = 7, .created = 1000, .expires = 2000};
	struct seal_label back;
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	assert_int_equal(seal_make(pair.public_key, "a", &label, value, &sealed, &err), 0);
	assert_int_equal(seal_label_read("a", sealed.bytes, sealed.size, &back, &err), 0);
	assert_int_equal(back.version, 7);
	assert_int_equal(back.created, 1000);
	assert_int_equal(back.expires, 2000);
	assert_int_equal(seal_label_read("b", sealed.bytes, sealed.size, &back, &err), -EBADMSG);
	assert_int_equal(seal_label_read("a", sealed.bytes, SEAL_LABEL - 1, &back, &err), -EBADMSG);
	static const struct {
		size_t at;
		int result;
	} rows[] = {{12, 0}, {16, -EBADMSG}, {24, -EBADMSG}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_secret struct secret *opened = NULL;
		sealed.bytes[rows[i].at] ^= 1;
		uint32_t version = sealed.bytes[12];
		seal_label_renumber("a", version, sealed.bytes);
		assert_int_equal(seal_open(pair.public_key, pair.private_key, "a", 0, sealed.bytes,
		                           sealed.size, &opened, &err),
		                 rows[i].result);
		sealed.bytes[rows[i].at] ^= 1;
	}
	secret_free(pair.private_key);
}

static void seal_believes_nothing_inside(void **state) {
	(void)state;
	static const struct {
		size_t at;
		unsigned char byte;
	} rows[] = {
		{0, 'E'},     /* magic */
		{8, 2},       /* version */
		{12, 0},      /* value of no bytes */
		{12, 225},    /* of another padded size */
		{14, 0xff},   /* far beyond the file */
		{32, 2},      /* the name's length */
		{33, 'b'},    /* the name */
		{34, 'b'},    /* what follows the name */
		{288 + 5, 1}, /* padding */
		{511, 1},
	};
	struct pair pair = make_pair();
	unsigned char good[512] = "envseal";
	good[8] = 1;
	good[12] = 5;
	good[32] = 1;
	good[33] = 'a';
	memcpy(good + 288, "value", 5);
	for (size_t i = 0; i <= ARRAY_SIZE(rows); i++) {
		unsigned char plain[512];
		unsigned char sealed[512 + SEAL_OVERHEAD] = "envseal";
		cleanup_secret struct secret *back = NULL;
		memcpy(plain, good, sizeof(plain));
		if (i < ARRAY_SIZE(rows))
			plain[rows[i].at] = rows[i].byte;
		sealed[8] = 1;
		seal_label_renumber("a", 1, sealed);
		crypto_box_seal(sealed + SEAL_LABEL, plain, sizeof(plain), pair.public_key);
		int r = seal_open(pair.public_key, pair.private_key, "a", 0, sealed, sizeof(sealed),
		                  &back, &err);
		if (r != (i < ARRAY_SIZE(rows) ? -EBADMSG : 0))
			fail_msg("row %zu gave %d", i, r);
	}
	secret_free(pair.private_key);
}

static void keys_are_the_format(void **state) {
	(void)state;
	unsigned char zero[VAULT_KEY_BYTES] = {0};
	cleanup_secret struct secret *root = secret_of(zero, sizeof(zero));
	static const enum key_use uses[] = {KEY_SEED,  KEY_APPROVAL,    KEY_VAULT,
	                                    KEY_AUDIT, KEY_FINGERPRINT, KEY_RETIRED};
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		/* crypto_kdf: BLAKE2b, salt = subkey id, personal = context, keyed, no input. */
		unsigned char expected[VAULT_KEY_BYTES];
		unsigned char salt[16] = {(unsigned char)(i + 1)};
		unsigned char personal[16] = "envseal1";
		cleanup_secret struct secret *key = NULL;
		crypto_generichash_blake2b_salt_personal(expected, sizeof(expected), NULL, 0, zero,
		                                         sizeof(zero), salt, personal);
		assert_int_equal(key_derive(root, uses[i], &key, &err), 0);
		assert_memory_equal(key->bytes, expected, sizeof(expected));
	}
}

static void approval_keys_stay_the_same(void **state) {
	(void)state;
	cleanup_secret struct secret *first = NULL;
	cleanup_secret struct secret *second = NULL;
	cleanup_vault struct vault *vault = make_unlocked();
	cleanup_vault struct vault *again = NULL;
	assert_int_equal(vault_open(at("v"), &again, &err), 0);
	assert_int_equal(vault_unlock(again, &nobody, &err), 0);
	assert_int_equal(vault_approval_key(vault, false, &first, &err), 0);
	assert_int_equal(vault_approval_key(again, false, &second, &err), 0);
	assert_int_equal(first->size, VAULT_KEY_BYTES);
	assert_memory_equal(first->bytes, second->bytes, VAULT_KEY_BYTES);
}

/* Passphrase slots, at the least cost that is accepted. */

static int ask_for(void *context, const char *what, struct secret **ret_passphrase,
                   struct error *ask_err) {
	(void)what;
	return secret_from_bytes(context, strlen(context), ret_passphrase, ask_err);
}

static int refuse_to_answer(void *context, const char *what, struct secret **ret_passphrase,
                            struct error *ask_err) {
	(void)context;
	(void)what;
	(void)ret_passphrase;
	return error_set(ask_err, ECANCELED, "nothing was entered");
}

/* The slot with its checksum made right again. */
static void put_slot(struct content *slot) {
	crypto_generichash((unsigned char *)slot->bytes + 120, 32, (unsigned char *)slot->bytes,
	                   120, NULL, 0);
	put("passphrase", slot->bytes, slot->size);
}

static void make_slot_of(int dirfd, enum vault_slot kind, const char *text) {
	unsigned char bytes[VAULT_KEY_BYTES] = {1, 2, 3};
	struct writer writer = WRITER_NONE;
	cleanup_secret struct secret *root = secret_of(bytes, sizeof(bytes));
	cleanup_secret struct secret *key = secret_of(text, strlen(text));
	const struct vault_slot_new slot = {.slot = kind, .key = key, .cost = &slot_cost_min};
	assert_int_equal(writer_lock(dirfd, scratch, 0, &writer, &err), 0);
	assert_int_equal(slot_write(&writer, dirfd, "slot", &slot, root, true, &err), 0);
	writer_end(&writer);
}

static void make_slot(int dirfd) {
	make_slot_of(dirfd, VAULT_SLOT_PASSPHRASE, "open sesame");
}

static void slot_spoilt_anywhere(void **state) {
	(void)state;
	struct slot_sealed slot;
	cleanup_fd int dirfd = open(scratch, O_RDONLY | O_DIRECTORY);
	assert_int_equal(slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err), -ENOENT);
	make_slot(dirfd);
	struct content good = get("passphrase");
	assert_int_equal(good.size, SLOT_SIZE);
	for (size_t i = 0; i < good.size; i++) {
		struct content bad = good;
		bad.bytes[i] ^= 1;
		put("passphrase", bad.bytes, bad.size);
		if (slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err) != -EBADMSG)
			fail_msg("byte %zu", i);
		put("passphrase", good.bytes, i);
		if (slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err) != -EBADMSG)
			fail_msg("%zu bytes", i);
	}
	put("passphrase", good.bytes, good.size + 1);
	assert_int_equal(slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err), -EBADMSG);
}

/* With a right checksum: what it asks for is refused before anything is spent on it. */
static void slot_costs_have_bounds(void **state) {
	(void)state;
	static const struct {
		size_t at;
		unsigned char byte;
	} rows[] = {
		{8, 2},     /* version */
		{12, 1},    /* Argon2i */
		{16, 1},    /* one pass */
		{16, 17},   /* too many */
		{23, 0x80}, /* very many */
		{27, 3},    /* 50 MiB */
		{28, 1},    /* beyond 4 GiB */
		{31, 0x80},
	};
	struct slot_sealed slot;
	cleanup_fd int dirfd = open(scratch, O_RDONLY | O_DIRECTORY);
	make_slot(dirfd);
	struct content good = get("passphrase");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct content bad = good;
		bad.bytes[rows[i].at] = (char)rows[i].byte;
		put_slot(&bad);
		if (slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err) != -EBADMSG)
			fail_msg("row %zu", i);
	}
	put_slot(&good);
	assert_int_equal(slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err), 0);
}

static void slot_opens_with_its_passphrase(void **state) {
	(void)state;
	struct slot_sealed slot;
	cleanup_fd int dirfd = open(scratch, O_RDONLY | O_DIRECTORY);
	cleanup_secret struct secret *right = secret_of("open sesame", 11);
	cleanup_secret struct secret *wrong = secret_of("open sesamf", 11);
	cleanup_secret struct secret *root = NULL;
	make_slot(dirfd);
	assert_int_equal(slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err), 0);
	assert_int_equal(slot_open(&slot, "slot", wrong, &root, &err), -EKEYREJECTED);
	assert_null(root);
	assert_int_equal(slot_open(&slot, "slot", right, &root, &err), 0);
	assert_int_equal(root->size, VAULT_KEY_BYTES);
	assert_int_equal(root->bytes[2], 3);
	/* A box that does not open is not damage that the checksum could have told. */
	slot.bytes[100] ^= 1;
	struct secret *none = NULL;
	assert_int_equal(slot_open(&slot, "slot", right, &none, &err), -EKEYREJECTED);
}

static void passphrase_vault(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = NULL;
	cleanup_secret struct secret *passphrase = secret_of("open sesame", 11);
	char right[] = "open sesame";
	char wrong[] = "open";
	struct vault_unlock how = {.ask = ask_for, .context = right};
	struct stat st;
	/* The key of an interrupted attempt would be asked first, and would not fit. */
	assert_int_equal(mkdir(at("v"), 0700), 0);
	assert_int_equal(mkdir(at("v/slots"), 0700), 0);
	put("v/slots/host.key", "0123456789abcdef0123456789abcdef", 32);
	assert_int_equal(vault_create(at("v"), VAULT_SLOT_PASSPHRASE, passphrase, &err), 0);
	assert_int_equal(stat(at("v/slots/host.key"), &st), -1);
	assert_int_equal(vault_open(at("v"), &vault, &err), 0);
	assert_int_equal(vault_unlock(vault, &nobody, &err), -ENOKEY);
	assert_int_equal(vault_unlock(vault, &how, &err), 0);
	assert_int_equal(store(vault, "a", "value", false), 0);
	assert_int_equal(unseal(vault, "a", "value"), 0);
	how.context = wrong;
	assert_int_equal(vault_unlock(vault, &how, &err), -EKEYREJECTED);
	assert_null(strstr(err.text, "open"));
	how.ask = refuse_to_answer;
	assert_int_equal(vault_unlock(vault, &how, &err), -ECANCELED);
}

/* Recovery keys: what is written can be typed, and no single slip opens or passes for a key. */

static void recovery_keys_survive_paper(void **state) {
	(void)state;
	unsigned char bytes[VAULT_KEY_BYTES];
	cleanup_secret struct secret *text = NULL;
	cleanup_secret struct secret *back = NULL;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + 11);
	cleanup_secret struct secret *key = secret_of(bytes, sizeof(bytes));
	assert_int_equal(vault_recovery_format(key, &text, &err), 0);
	assert_int_equal(text->size, VAULT_RECOVERY_SIZE);
	assert_int_equal(vault_recovery_parse(text, &back, &err), 0);
	assert_int_equal(back->size, VAULT_KEY_BYTES);
	assert_memory_equal(back->bytes, bytes, sizeof(bytes));
	for (size_t i = 0; i < text->size; i++) {
		cleanup_secret struct secret *none = NULL;
		unsigned char saved = text->bytes[i];
		text->bytes[i] = saved == '7' ? '8' : '7';
		if (vault_recovery_parse(text, &none, &err) != -EINVAL)
			fail_msg("digit %zu", i);
		text->bytes[i] = saved;
	}
	for (size_t size = 0; size < text->size - 1; size++) {
		cleanup_secret struct secret *none = NULL;
		cleanup_secret struct secret *cut = secret_of(text->bytes, text->size);
		cut->size = size;
		assert_int_equal(vault_recovery_parse(cut, &none, &err), -EINVAL);
	}
}

/* Slots under a key: damage is told, another key or another kind of slot is refused. */
static void key_slots_spoilt_anywhere(void **state) {
	(void)state;
	static const char key_text[] = "0123456789abcdef0123456789abcdef";
	struct slot_sealed slot;
	cleanup_fd int dirfd = open(scratch, O_RDONLY | O_DIRECTORY);
	cleanup_secret struct secret *key = secret_of(key_text, 32);
	cleanup_secret struct secret *root = NULL;
	make_slot_of(dirfd, VAULT_SLOT_RECOVERY, key_text);
	struct content good = get("recovery");
	for (size_t i = 0; i < good.size; i++) {
		struct content bad = good;
		bad.bytes[i] ^= 1;
		put("recovery", bad.bytes, bad.size);
		if (slot_read(dirfd, "slot", VAULT_SLOT_RECOVERY, &slot, &err) != -EBADMSG)
			fail_msg("byte %zu", i);
		put("recovery", good.bytes, i);
		if (slot_read(dirfd, "slot", VAULT_SLOT_RECOVERY, &slot, &err) != -EBADMSG)
			fail_msg("%zu bytes", i);
	}
	put("recovery", good.bytes, good.size);
	assert_int_equal(slot_read(dirfd, "slot", VAULT_SLOT_RECOVERY, &slot, &err), 0);
	assert_int_equal(slot_open(&slot, "slot", key, &root, &err), 0);
	assert_int_equal(root->bytes[2], 3);
	key->bytes[0] ^= 1;
	struct secret *none = NULL;
	assert_int_equal(slot_open(&slot, "slot", key, &none, &err), -EKEYREJECTED);
	key->bytes[0] ^= 1;
	put("key-file", good.bytes, good.size);
	assert_int_equal(slot_read(dirfd, "slot", VAULT_SLOT_KEY_FILE, &slot, &err), 0);
	assert_int_equal(slot_open(&slot, "slot", key, &none, &err), -EKEYREJECTED);
	put("passphrase", good.bytes, good.size);
	assert_int_equal(slot_read(dirfd, "slot", VAULT_SLOT_PASSPHRASE, &slot, &err), -EBADMSG);
}

/* A key in a file: only on a tmpfs, only for its owner, only until its deadline. */
static void kept_keys_have_a_deadline(void **state) {
	(void)state;
	char directory[] = "/dev/shm/envseal-unit-XXXXXX";
	char file[128];
	if (!mkdtemp(directory))
		fail_msg("no /dev/shm");
	cleanup_vault struct vault *vault = make_unlocked();
	cleanup_vault struct vault *locked = NULL;
	const struct vault_keep keep = {directory, geteuid()};
	const struct vault_keep on_disk = {scratch, geteuid()};
	const struct vault_unlock how = {.keep = &keep};
	assert_int_equal(vault_keep(vault, &on_disk, 60, &err), -EPERM);
	assert_int_equal(vault_forget(vault, &keep, &err), -ENOENT);
	assert_int_equal(vault_keep(vault, &keep, 60, &err), 0);
	assert_int_equal(unlink(at("v/slots/host.key")), 0);
	assert_int_equal(vault_open(at("v"), &locked, &err), 0);
	assert_int_equal(vault_unlock(locked, &nobody, &err), -ENOKEY);
	assert_int_equal(vault_unlock(locked, &how, &err), 0);
	struct content config = get("v/vault.toml");
	snprintf(file, sizeof(file), "%s/envseal-%.32s", directory,
	         strstr(config.bytes, "id = \"") + strlen("id = \""));
	assert_int_equal(chmod(file, 0440), 0);
	assert_int_equal(vault_unlock(locked, &how, &err), -ENOKEY);
	assert_int_equal(chmod(file, 0400), 0);
	assert_int_equal(vault_unlock(locked, &how, &err), 0);
	/* Its time is over: the reader says so, whatever is still there. */
	assert_int_equal(vault_keep(vault, &keep, 0, &err), 0);
	assert_int_equal(vault_unlock(locked, &how, &err), -ENOKEY);
	assert_int_equal(vault_forget(vault, &keep, &err), 0);
	assert_int_equal(rmdir(directory), 0);
}

/* What is written down happens; what is damaged is said; what it does not fit to is left alone. */
static void journals_are_followed(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	struct vault_batch *batch = NULL;
	cleanup_secret struct secret *value = secret_of("new", 3);
	assert_int_equal(store(vault, "a", "old", false), 0);
	assert_int_equal(vault_batch_new(vault, &batch, &err), 0);
	assert_int_equal(vault_batch_put(batch, "a", value, 0, false, &err), -EEXIST);
	assert_int_equal(vault_batch_put(batch, "a", value, 0, true, &err), 0);
	assert_int_equal(vault_batch_put(batch, "b", value, 0, true, &err), 0);
	vault_batch_free(batch);
	assert_int_equal(unseal(vault, "a", "old"), 0);
	assert_int_equal(unseal(vault, "b", "new"), -ENOENT);
	assert_int_equal(vault_batch_new(vault, &batch, &err), 0);
	assert_int_equal(vault_batch_put(batch, "a", value, 0, true, &err), 0);
	assert_int_equal(vault_batch_put(batch, "b", value, 0, true, &err), 0);
	assert_int_equal(vault_batch_commit(batch, &err), 0);
	vault_batch_free(batch);
	assert_int_equal(unseal(vault, "a", "new"), 0);
	assert_int_equal(unseal(vault, "b", "new"), 0);
	put("v/journal", "envseal journal 1\n", 18);
	assert_int_equal(store(vault, "c", "value", false), -EBADMSG);
	assert_non_null(strstr(err.text, "journal"));
	/* A drop of what has another content by now, and of what is not kept. */
	static const char steps[] = "drop a b 00000000000000000000000000000000\n"
				    "drop a none 00000000000000000000000000000000\n"
				    "put a 0123456789abcdef 00000000000000000000000000000000\n";
	unsigned char sum[16];
	char hex[33];
	char text[512];
	crypto_generichash(sum, sizeof(sum), (const unsigned char *)steps, strlen(steps), NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
	int size = snprintf(text, sizeof(text), "envseal journal 1\n%s\n%s", hex, steps);
	/* Steps that are as good, but not those of the sum. */
	text[size - 2] = '1';
	put("v/journal", text, (size_t)size);
	assert_int_equal(store(vault, "c", "value", false), -EBADMSG);
	text[size - 2] = '0';
	put("v/journal", text, (size_t)size);
	assert_int_equal(store(vault, "c", "value", false), 0);
	assert_int_equal(unseal(vault, "a", "new"), 0);
	struct stat st;
	assert_int_equal(stat(at("v/journal"), &st), -1);
}

/* Storing, opening and a reader that was there before, across a change of the root key. */
static void a_new_root_key(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = make_unlocked();
	cleanup_vault struct vault *reader = NULL;
	cleanup_vault struct vault *writer = NULL;
	const struct vault_slot_new slot = {.slot = VAULT_SLOT_HOST_KEY};
	bool resumed = true;
	size_t count = 0;
	assert_int_equal(store(vault, "a", "first", false), 0);
	assert_int_equal(store(vault, "a", "second", true), 0);
	assert_int_equal(vault_open(at("v"), &reader, &err), 0);
	assert_int_equal(vault_unlock(reader, &nobody, &err), 0);
	assert_int_equal(vault_open(at("v"), &writer, &err), 0);
	assert_int_equal(vault_rotate_finish(vault, &count, &err), -EINVAL);
	assert_int_equal(vault_rotate_begin(vault, NULL, 0, &resumed, &err), -EINVAL);
	assert_int_equal(vault_rotate_begin(vault, &slot, 1, &resumed, &err), 0);
	assert_false(resumed);
	assert_true(vault_is_rotating(vault));
	assert_int_equal(unseal(reader, "a", "second"), 0);
	assert_int_equal(vault_rotate_finish(vault, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(unseal(vault, "a", "second"), 0);
	/* The reader finds that out and unlocks again; a writer's seal would fit no more. */
	assert_int_equal(unseal(reader, "a", "second"), 0);
	vault_release(vault);
	assert_int_equal(store(writer, "b", "value", false), -ESTALE);
	assert_int_equal(vault_restore(vault, "a", &err), 0);
	assert_int_equal(unseal(vault, "a", "first"), 0);
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

static void assert_look(const char *name, uid_t uid, mode_t mode) {
	struct stat st;
	assert_int_equal(lstat(at(name), &st), 0);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_mode & 07777, mode);
}

/* Only root can give files away; as anybody else there is nothing to test. */
static void served_vault(void **state) {
	(void)state;
	cleanup_vault struct vault *vault = NULL;
	cleanup_vault struct vault *strange = NULL;
	if (geteuid() != 0)
		return;
	vault_serve(54321);
	vault = make_unlocked();
	assert_int_equal(store(vault, "a/b", "one", false), 0);
	assert_int_equal(store(vault, "a/b", "two", true), 0);
	assert_int_equal(unseal(vault, "a/b", "two"), 0);
	assert_look("v", 54321, 0500);
	assert_look("v/slots", 54321, 0500);
	assert_look("v/secrets/a", 54321, 0500);
	assert_look("v/vault.toml", 54321, 0400);
	assert_look("v/slots/host.key", 54321, 0400);
	assert_look("v/secrets/a/b.sealed", 54321, 0400);
	/* Another service's is a stranger's, and so is this one's to who serves nobody. */
	vault_serve(54322);
	assert_int_equal(vault_open(at("v"), &strange, &err), -EPERM);
	vault_serve(0);
	assert_int_equal(vault_open(at("v"), &strange, &err), -EPERM);
	assert_int_equal(chown(at("v"), 0, 0), 0);
	assert_int_equal(vault_open(at("v"), &strange, &err), -EPERM);
	assert_non_null(strstr(err.text, "belongs to uid 54321"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(names_are_not_echoed),
		WITH_SCRATCH(create_is_private_and_complete),
		WITH_SCRATCH(create_refuses_what_is_there),
		WITH_SCRATCH(create_goes_over_a_half_made_vault),
		WITH_SCRATCH(create_refuses_bad_input),
		WITH_SCRATCH(open_without_a_vault),
		WITH_SCRATCH(others_may_not_write_it),
		WITH_SCRATCH(others_may_not_write_secrets),
		WITH_SCRATCH(key_files_must_be_right),
		WITH_SCRATCH(only_roots_keys_may_be_a_groups),
		WITH_SCRATCH(key_file_from_elsewhere),
		WITH_SCRATCH(locked_vaults_open_nothing),
		WITH_SCRATCH(config_flipped_anywhere),
		WITH_SCRATCH(config_truncated_anywhere),
		WITH_SCRATCH(config_of_another_vault),
		WITH_SCRATCH(config_is_strict),
		cmocka_unit_test(fingerprint_shape),
		WITH_SCRATCH(round_trip_of_sizes),
		WITH_SCRATCH(sizes_out_of_bounds),
		WITH_SCRATCH(sealed_files_show_nothing),
		WITH_SCRATCH(replacing_must_be_asked_for),
		WITH_SCRATCH(a_name_may_be_a_prefix_too),
		WITH_SCRATCH(moved_files_are_noticed),
		WITH_SCRATCH(secrets_of_another_vault),
		WITH_SCRATCH(sealed_flipped_anywhere),
		WITH_SCRATCH(sealed_truncated_anywhere),
		WITH_SCRATCH(only_plain_files_are_unsealed),
		WITH_SCRATCH(links_lead_nowhere),
		WITH_SCRATCH(list_in_byte_order),
		WITH_SCRATCH(remove_takes_empty_directories),
		WITH_SCRATCH(a_failed_store_leaves_no_directories),
		WITH_SCRATCH(readers_do_not_lock),
		WITH_SCRATCH(writers_give_up_on_a_held_lock),
		WITH_SCRATCH(one_of_many_stores_wins),
		cmocka_unit_test(seal_expires),
		cmocka_unit_test(seal_labels_are_held_against_the_seal),
		cmocka_unit_test(seal_believes_nothing_inside),
		cmocka_unit_test(keys_are_the_format),
		WITH_SCRATCH(approval_keys_stay_the_same),
		WITH_SCRATCH(slot_spoilt_anywhere),
		WITH_SCRATCH(slot_costs_have_bounds),
		WITH_SCRATCH(slot_opens_with_its_passphrase),
		WITH_SCRATCH(passphrase_vault),
		cmocka_unit_test(recovery_keys_survive_paper),
		WITH_SCRATCH(key_slots_spoilt_anywhere),
		WITH_SCRATCH(kept_keys_have_a_deadline),
		WITH_SCRATCH(journals_are_followed),
		WITH_SCRATCH(a_new_root_key),
		WITH_SCRATCH(served_vault),
	};
	umask(022);
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
