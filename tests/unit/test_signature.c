#include "unit.h"

#include "scratch.h"
#include "policy/minisign.h"
#include "policy/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Made by minisign 0.11: two keys, one policy, signed by the first of them in both of its formats.
 */
static const char policy[] =
	"version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"none\"\npin = \"trusted\"\n";
static const char key_a[] = "untrusted comment: minisign public key BF33A64669244D99\n"
			    "RWSZTSRpRqYzv2YIx3HMhanTGPr8zt66uOZIuWUGlB+vRK+PRyWHggQ3\n";
static const char key_b[] = "untrusted comment: minisign public key ACEF9A035BC29446\n"
			    "RWRGlMJbA5rvrNoOisLp0/UkmDBcIsTo9oUn1gIH28nwNgMlNYmB1cRz\n";
#define UNTRUSTED "untrusted comment: signature from minisign secret key\n"
#define HASHED                                                                                     \
	"RUSZTSRpRqYzv2SkYF+YzyQdFi+kIi40B7L8dfgJFg+u9n9HTZ318bLI/5dZoFNiSaOFA+kA9yKEy57UZ/VR67omBg7PnqHoHQo=\n"
#define HASHED_COMMENT "trusted comment: timestamp:1795393878\tfile:gh.toml\thashed\n"
#define HASHED_GLOBAL                                                                              \
	"wmwCjj4J4BJT+YQmr12T+INgkljUh1zytQrSv+SAciILJiR32qfB3mdhRjHyk8cYiohohK7Y0erSbbbBGkvKCg==\n"
#define LEGACY                                                                                     \
	"RWSZTSRpRqYzv0rUZFqM8X6TEYh8IZM+8u6Uk36tqz1hxLSFVTLdDknKX2uC8ws58BFoJDEeeHR8Qz69nUKIuXzTg5hnx8iQBA8=\n"
#define LEGACY_COMMENT "trusted comment: timestamp:1795393878\tfile:gh.toml\n"
#define LEGACY_GLOBAL                                                                              \
	"yCQewzmvIJNl/jjHM9XVL/zdjy+Gmhg1VudvDlF9wc5xXaV9pHTYT7kPW6O5qJv3dcctIlHrgcgTpFPuheLpCA==\n"
static const char hashed[] = UNTRUSTED HASHED HASHED_COMMENT HASHED_GLOBAL;
static const char legacy[] = UNTRUSTED LEGACY LEGACY_COMMENT LEGACY_GLOBAL;

static int verify_sized(const char *key_text, const char *text, size_t size, const char *message) {
	struct minisign_key key;
	struct minisign_signature signature;
	struct error err;
	assert_int_equal(minisign_key_parse(key_text, strlen(key_text), &key, &err), 0);
	int r = minisign_signature_parse(text, size, &signature, &err);
	return r < 0 ? r : minisign_verify(&key, &signature, message, strlen(message), &err);
}

static int verify(const char *key_text, const char *text, const char *message) {
	return verify_sized(key_text, text, strlen(text), message);
}

static void both_formats_are_verified(void **state) {
	(void)state;
	assert_int_equal(verify(key_a, hashed, policy), 0);
	assert_int_equal(verify(key_a, legacy, policy), 0);
}

static void other_content_or_key_is_rejected(void **state) {
	(void)state;
	assert_int_equal(verify(key_a, hashed, "version = 1\n"), -EKEYREJECTED);
	assert_int_equal(verify(key_a, legacy, "version = 1\n"), -EKEYREJECTED);
	assert_int_equal(verify(key_b, hashed, policy), -EKEYREJECTED);
	assert_int_equal(verify(key_b, legacy, policy), -EKEYREJECTED);
}

/* What the untrusted comment says is nobody's; every bit of the rest counts. */
static void any_damage_is_rejected(void **state) {
	(void)state;
	const char *const texts[] = {hashed, legacy};
	for (size_t t = 0; t < 2; t++) {
		cleanup_free char *copy = strdup(texts[t]);
		size_t size = strlen(copy);
		for (size_t i = 0; i < size; i++) {
			for (int bit = 0; bit < 8; bit++) {
				copy[i] ^= (char)(1 << bit);
				int r = verify_sized(key_a, copy, size, policy);
				bool free_text = i >= strlen("untrusted comment: ") &&
				                 i < strlen(UNTRUSTED) - 1;
				bool id = i >= strlen(UNTRUSTED) + 2 && i < strlen(UNTRUSTED) + 14;
				/*
				 * The id only finds the key (signature.c compares it); the last
				 * line may go without its end.
				 */
				if (r == 0 && !free_text && !id)
					fail_msg("byte %zu, bit %d of text %zu does not matter", i,
					         bit, t);
				copy[i] ^= (char)(1 << bit);
			}
		}
	}
}

static void any_truncation_is_rejected(void **state) {
	(void)state;
	size_t size = strlen(hashed);
	for (size_t i = 0; i < size - 1; i++) {
		/* So that valgrind sees a look behind the end. */
		cleanup_free char *copy = malloc(i + 1);
		assert_non_null(copy);
		memcpy(copy, hashed, i);
		assert_true(verify_sized(key_a, copy, i, policy) < 0);
	}
	assert_int_equal(verify_sized(key_a, hashed, size - 1, policy), 0);
}

static const struct refusal {
	const char *text;
	int code;
} refusals[] = {
	/* clang-format off */
	/* Each half is genuine. */
	{UNTRUSTED HASHED LEGACY_COMMENT LEGACY_GLOBAL, -EKEYREJECTED},
	{UNTRUSTED HASHED LEGACY_COMMENT HASHED_GLOBAL, -EKEYREJECTED},
	{UNTRUSTED HASHED "trusted comment: \n" HASHED_GLOBAL, -EKEYREJECTED},
	{HASHED_COMMENT HASHED UNTRUSTED HASHED_GLOBAL, -EBADMSG},
	{UNTRUSTED HASHED_GLOBAL HASHED_COMMENT HASHED, -EBADMSG},
	{UNTRUSTED HASHED HASHED_COMMENT HASHED_GLOBAL "\n", -EBADMSG},
	{"\n" UNTRUSTED HASHED HASHED_COMMENT HASHED_GLOBAL, -EBADMSG},
	{UNTRUSTED HASHED HASHED_COMMENT, -EBADMSG},
	{UNTRUSTED HASHED "trusted comment: a\rb\n" HASHED_GLOBAL, -EBADMSG},
	/* "Ee" in place of "Ed". */
	{UNTRUSTED "RWWZTSRpRqYzv0rUZFqM8X6TEYh8IZM+8u6Uk36tqz1hxLSFVTLdDknKX2uC8ws58BFoJDEeeHR8Qz69nUKIuXzTg5hnx8iQBA8=\n"
		LEGACY_COMMENT LEGACY_GLOBAL, -EBADMSG},
	/* The algorithms exchanged. */
	{UNTRUSTED "RUSZTSRpRqYzv0rUZFqM8X6TEYh8IZM+8u6Uk36tqz1hxLSFVTLdDknKX2uC8ws58BFoJDEeeHR8Qz69nUKIuXzTg5hnx8iQBA8=\n"
		LEGACY_COMMENT LEGACY_GLOBAL, -EKEYREJECTED},
	/* Base64 without its end, and with blanks. */
	{UNTRUSTED "RUSZTSRpRqYzv2SkYF+YzyQdFi+kIi40B7L8dfgJFg+u9n9HTZ318bLI/5dZoFNiSaOFA+kA9yKEy57UZ/VR67omBg7PnqHoHQo\n"
		HASHED_COMMENT HASHED_GLOBAL, -EBADMSG},
	{UNTRUSTED " " HASHED HASHED_COMMENT HASHED_GLOBAL, -EBADMSG},
	{"", -EBADMSG},
	{"\n\n\n\n", -EBADMSG},
	/* clang-format on */
};

static void what_is_no_signature_is_rejected(void **state) {
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		int r = verify(key_a, refusals[i].text, policy);
		if (r != refusals[i].code)
			fail_msg("row %zu: %d", i, r);
	}
}

static void what_is_no_key_is_rejected(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const texts[] = {
		"", "\n", hashed, "RWSZTSRpRqYzv2YIx3HMhanTGPr8zt66uOZIuWUGlB+vRK+PRyWHggQ3\n",
		"untrusted comment: x\nRUSZTSRpRqYzv2YIx3HMhanTGPr8zt66uOZIuWUGlB+vRK+PRyWHggQ3\n",
		"untrusted comment: x\nRWSZTSRpRqYzv2YIx3HMhanTGPr8zt66uOZIuWUGlB+vRK+PRyWHggQ\n",
		"untrusted comment: x\nRWSZTSRpRqYzv2YIx3HMhanTGPr8zt66uOZIuWUGlB+vRK+PRyWHggQ3\nmore\n",
	};
	/* clang-format on */
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct minisign_key key;
		struct error err;
		assert_int_equal(minisign_key_parse(texts[i], strlen(texts[i]), &key, &err),
		                 -EBADMSG);
	}
}

static void fields_of_the_comment(void **state) {
	(void)state;
	struct minisign_signature signature = {0};
	size_t size = 0;
	signature.comment = "timestamp:1\tfile:a\tprofile:b\tprofile:c";
	signature.comment_size = strlen(signature.comment);
	const char *value = minisign_field(&signature, "file", &size);
	assert_non_null(value);
	assert_true(size == 1 && *value == 'a');
	assert_null(minisign_field(&signature, "profile", &size));
	assert_null(minisign_field(&signature, "il", &size));
	assert_null(minisign_field(&signature, "stamp", &size));
	signature.comment_size = strlen("timestamp:1\tfile:");
	assert_non_null(minisign_field(&signature, "file", &size));
	assert_int_equal(size, 0);
}

/* From here on with files: a layer and a directory of keys. */

static int make_place(void **state) {
	if (scratch_make(state) < 0 || mkdir(at("keys"), 0755) < 0 ||
	    mkdir(at("policies"), 0755) < 0)
		return -1;
	return mkdir(at("pins"), 0755);
}

static int remove_place(void **state) {
	return scratch_remove(state);
}

static void put(const char *name, const char *text) {
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static int check_place(const char *place, char **ret_signer, struct error *err) {
	const struct trust trust = {.owner = geteuid(), .sticky = true};
	struct buffer text = BUFFER_INIT;
	buffer_string(&text, policy);
	const struct signed_file file = {.layer = scratch, .place = place, .text = &text};
	*err = (struct error){0};
	alarm(10);
	int r = signature_check(&file, at("keys"), &trust, ret_signer, err);
	alarm(0);
	buffer_free(&text);
	return r;
}

static void refused(int code, const char *place, const char *why) {
	struct error err;
	char *signer = NULL;
	int r = check_place(place, &signer, &err);
	assert_null(signer);
	if (r != code || !strstr(err.text, why))
		fail_msg("%d '%s' instead of %d '%s'", r, err.text, code, why);
}

#define GH "policies/gh.toml"

static void signed_by_a_trusted_key(void **state) {
	(void)state;
	struct error err;
	cleanup_free char *signer = NULL;
	put(GH ".minisig", hashed);
	put("keys/other.pub", key_b);
	refused(-EKEYREJECTED, GH, "is by key BF33A64669244D99, which is not in");
	put("keys/vendor.pub", key_a);
	put("keys/README", "not a key, and not called one");
	if (check_place(GH, &signer, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(
		strstr(signer, "keys/vendor.pub: timestamp:1795393878\tfile:gh.toml\thashed"));
}

static void keys_and_signatures_that_do_not_count(void **state) {
	(void)state;
	refused(-EKEYREJECTED, GH, "has no signature");
	put(GH ".minisig", hashed);
	put("keys/vendor.pub", key_a);
	assert_int_equal(chmod(at("keys/vendor.pub"), 0666), 0);
	refused(-EPERM, GH, "vendor.pub' is writable by others");
	assert_int_equal(chmod(at("keys/vendor.pub"), 0644), 0);
	assert_int_equal(chmod(at(GH ".minisig"), 0666), 0);
	refused(-EPERM, GH, "gh.toml.minisig' is writable by others");
	assert_int_equal(chmod(at(GH ".minisig"), 0644), 0);
	put("keys/broken.pub", "untrusted comment: x\nnonsense\n");
	put("keys/vendor.pub", key_b);
	refused(-EBADMSG, GH, "broken.pub': line 2 is not a minisign public key");
	assert_int_equal(unlink(at("keys/broken.pub")), 0);
	assert_int_equal(unlink(at("keys/vendor.pub")), 0);
	refused(-EKEYREJECTED, GH, "not in");
	assert_int_equal(rmdir(at("keys")), 0);
	refused(-EKEYREJECTED, GH, "not in");
}

static void files_that_are_none(void **state) {
	(void)state;
	put("keys/vendor.pub", key_a);
	cleanup_free char *large = malloc(MINISIGN_SIGNATURE_MAX + 2);
	assert_non_null(large);
	memset(large, 'x', MINISIGN_SIGNATURE_MAX + 1);
	large[MINISIGN_SIGNATURE_MAX + 1] = '\0';
	put(GH ".minisig", large);
	refused(-EFBIG, GH, "is larger than 16 KiB");
	assert_int_equal(unlink(at(GH ".minisig")), 0);
	assert_int_equal(mkfifo(at(GH ".minisig"), 0644), 0);
	refused(-EBADMSG, GH, "not a regular file");
	assert_int_equal(unlink(at(GH ".minisig")), 0);
	assert_int_equal(symlink("nowhere", at(GH ".minisig")), 0);
	refused(-EKEYREJECTED, GH, "has no signature");
	put("keys/large.pub", large);
	assert_int_equal(unlink(at(GH ".minisig")), 0);
	put(GH ".minisig", hashed);
	assert_int_equal(unlink(at("keys/vendor.pub")), 0);
	refused(-EFBIG, GH, "is larger than 4 KiB");
}

/* One id, two keys: whoever made the other one so must not keep the right one from counting. */
static void ids_may_agree(void **state) {
	(void)state;
	struct error err;
	/* B's key with A's id. */
	put("keys/1.pub",
	    "untrusted comment: x\nRWSZTSRpRqYzv9oOisLp0/UkmDBcIsTo9oUn1gIH28nwNgMlNYmB1cRz\n");
	put(GH ".minisig", hashed);
	refused(-EKEYREJECTED, GH, "by key BF33A64669244D99: does not sign this content");
	put("keys/2.pub", key_a);
	assert_int_equal(check_place(GH, NULL, &err), 0);
}

static void only_for_the_file_that_it_names(void **state) {
	(void)state;
	put("keys/vendor.pub", key_a);
	put("policies/gh@work.toml.minisig", hashed);
	refused(-EKEYREJECTED, "policies/gh@work.toml", "was made for another file");
	put("policies/agh.toml.minisig", hashed);
	refused(-EKEYREJECTED, "policies/agh.toml", "was made for another file");
	/* The name alone is not enough for a pin file, which says nothing itself. */
	put("pins/gh.toml.minisig", hashed);
	refused(-EKEYREJECTED, "pins/gh.toml", "file:pins/gh.toml");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_place, remove_place)

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_formats_are_verified),
		cmocka_unit_test(other_content_or_key_is_rejected),
		cmocka_unit_test(any_damage_is_rejected),
		cmocka_unit_test(any_truncation_is_rejected),
		cmocka_unit_test(what_is_no_signature_is_rejected),
		cmocka_unit_test(what_is_no_key_is_rejected),
		cmocka_unit_test(fields_of_the_comment),
		TEST(signed_by_a_trusted_key),
		TEST(keys_and_signatures_that_do_not_count),
		TEST(files_that_are_none),
		TEST(ids_may_agree),
		TEST(only_for_the_file_that_it_names),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
