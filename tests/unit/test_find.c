#include "unit.h"

#include "scratch.h"
#include "policy/find.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GH "policies/usr/bin/gh.toml"

/* Each test starts with two empty layers, a and b. */
static struct layers layers;

static int make_layers(void **state) {
	struct error err;
	char list[256];
	if (scratch_make(state) < 0)
		return -1;
	snprintf(list, sizeof(list), "%s/a:%s/b", scratch, scratch);
	return layers_parse(list, &layers, &err);
}

static int remove_layers(void **state) {
	layers_free(&layers);
	return scratch_remove(state);
}

static void put(const char *name, const char *text) {
	make_parents(at(name));
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void put_link(const char *name, const char *target) {
	make_parents(at(name));
	assert_int_equal(symlink(target, at(name)), 0);
}

static int find_names(const char *first, const char *second, const char *profile,
                      struct policy_found *found, struct error *err) {
	const char *const names[] = {first, second};
	struct trust trust = {.owner = geteuid(), .sticky = true};
	*err = (struct error){0};
	alarm(10);
	int r = policy_find(&layers, names, second ? 2 : 1, profile, &trust, found, err);
	alarm(0);
	if (r < 0)
		assert_null(found->name);
	return r;
}

static int find(struct policy_found *found, struct error *err) {
	return find_names("/usr/bin/gh", NULL, NULL, found, err);
}

/* The code, and that the text names what matters. */
static void refused(int code, const char *text) {
	struct error err;
	struct policy_found found = {0};
	int r = find(&found, &err);
	if (r != code || !strstr(err.text, text))
		fail_msg("%d '%s' instead of %d '%s'", r, err.text, code, text);
}

static void nothing_is_found(void **state) {
	(void)state;
	refused(-ENOENT,
	        "no policy for '/usr/bin/gh'; make one with 'envseal policy new /usr/bin/gh'");
}

static void first_layer_wins(void **state) {
	(void)state;
	struct error err;
	put("b/" GH, "later");
	{
		cleanup_policy_found struct policy_found found = {0};
		assert_int_equal(find(&found, &err), 0);
		assert_string_equal(found.text.bytes, "later");
		assert_string_equal(found.layer, at("b"));
	}
	put("a/" GH, "first");
	cleanup_policy_found struct policy_found found = {0};
	assert_int_equal(find(&found, &err), 0);
	assert_string_equal(found.text.bytes, "first");
	assert_int_equal(found.text.size, 5);
	assert_string_equal(found.name, "/usr/bin/gh");
	assert_string_equal(found.layer, at("a"));
	assert_string_equal(found.file, at("a/" GH));
}

static void only_the_named_layers_must_be_signed(void **state) {
	(void)state;
	struct error err;
	for (unsigned int layer = 0; layer < 2; layer++) {
		cleanup_policy_found struct policy_found found = {0};
		const char *file = layer == 0 ? "a/" GH : "b/" GH;
		put(file, "unsigned");
		layers.signatures = 1U << layer;
		refused(-EKEYREJECTED, "gh.toml");
		layers.signatures = 1U << (1 - layer);
		assert_int_equal(find(&found, &err), 0);
		assert_int_equal(unlink(at(file)), 0);
	}
}

static void all_layers_before_the_next_name(void **state) {
	(void)state;
	struct error err;
	cleanup_policy_found struct policy_found found = {0};
	put("a/policies/opt/real.toml", "real");
	put("b/policies/usr/bin/link.toml", "link");
	assert_int_equal(find_names("/usr/bin/link", "/opt/real", NULL, &found, &err), 0);
	assert_string_equal(found.text.bytes, "link");
	cleanup_policy_found struct policy_found other = {0};
	assert_int_equal(find_names("/usr/bin/none", "/opt/real", NULL, &other, &err), 0);
	assert_string_equal(other.name, "/opt/real");
}

static void masks_end_the_search(void **state) {
	(void)state;
	put("b/" GH, "later");
	put("a/" GH, "");
	refused(-EACCES, "masks this command");
	unlink(at("a/" GH));
	put_link("a/" GH, "/dev/null");
	refused(-EACCES, "masks this command");
	unlink(at("a/" GH));
	put_link("a/" GH, "../../../../../../../dev/null");
	refused(-EPERM, "writable by others");
}

static void a_masked_name_has_no_second(void **state) {
	(void)state;
	struct error err;
	struct policy_found found = {0};
	put("b/policies/usr/bin/link.toml", "");
	put("a/policies/opt/real.toml", "real");
	assert_int_equal(find_names("/usr/bin/link", "/opt/real", NULL, &found, &err), -EACCES);
}

static void links_to_files_are_followed(void **state) {
	(void)state;
	struct error err;
	cleanup_policy_found struct policy_found found = {0};
	put("elsewhere.toml", "linked");
	put_link("a/" GH, "../../../../elsewhere.toml");
	assert_int_equal(find(&found, &err), 0);
	assert_string_equal(found.text.bytes, "linked");
	chmod(at("elsewhere.toml"), 0666);
	refused(-EPERM, "writable by others");
}

static void only_regular_files_count(void **state) {
	(void)state;
	make_parents(at("a/" GH));
	assert_int_equal(mkfifo(at("a/" GH), 0644), 0);
	refused(-EBADMSG, "not a regular file");
	unlink(at("a/" GH));
	assert_int_equal(mkdir(at("a/" GH), 0755), 0);
	refused(-EISDIR, "is a directory");
	rmdir(at("a/" GH));
	put("a/" GH, "x");
	assert_int_equal(truncate(at("a/" GH), 2 * 1024 * 1024), 0);
	refused(-EFBIG, "larger than 1 MiB");
	assert_int_equal(truncate(at("a/" GH), 1024 * 1024), 0);
	struct error err;
	cleanup_policy_found struct policy_found found = {0};
	assert_int_equal(find(&found, &err), 0);
}

static void a_broken_layer_is_not_passed_over(void **state) {
	(void)state;
	put("b/" GH, "later");
	put("a/policies/usr", "a file, not a directory");
	refused(-ENOTDIR, "a/" GH);
}

static void what_others_may_write_is_refused(void **state) {
	(void)state;
	struct error err;
	put("a/" GH, "x");
	chmod(at("a/" GH), 0664);
	refused(-EPERM, "writable by others");
	chmod(at("a/" GH), 0644);
	chmod(at("a/policies/usr"), 0777);
	refused(-EPERM, "'usr' is writable by others");
	chmod(at("a/policies/usr"), 0755);
	cleanup_policy_found struct policy_found found = {0};
	assert_int_equal(find(&found, &err), 0);
	/* Also where the untrusted layer has no policy, for others could put one there. */
	unlink(at("a/" GH));
	chmod(at("a/policies/usr/bin"), 0777);
	put("b/" GH, "x");
	refused(-EPERM, "'bin' is writable by others");
}

static void profiles_have_their_own_file(void **state) {
	(void)state;
	struct error err;
	put("a/" GH, "plain");
	put("b/policies/usr/bin/gh@stag-1.2_x.toml", "profile");
	cleanup_policy_found struct policy_found found = {0};
	assert_int_equal(find_names("/usr/bin/gh", NULL, "stag-1.2_x", &found, &err), 0);
	assert_string_equal(found.text.bytes, "profile");
	struct policy_found none = {0};
	assert_int_equal(find_names("/usr/bin/gh", NULL, "other", &none, &err), -ENOENT);
	assert_non_null(strstr(err.text, "in that profile"));
	static const char *const bad[] = {"",      ".",   "..",  ".x",      "a/b",
	                                  "../gh", "a b", "a\n", "\xc3\x84"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(find_names("/usr/bin/gh", NULL, bad[i], &none, &err), -EINVAL);
}

static void names_cannot_lead_out(void **state) {
	(void)state;
	struct error err;
	struct policy_found found = {0};
	static const char *const bad[] = {"gh", "", "/", "/usr/../gh", "/usr//gh", "/usr/bin/"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(find_names(bad[i], NULL, NULL, &found, &err), -EINVAL);
}

static void pins_of_all_layers_add_up(void **state) {
	(void)state;
	struct error err;
	static const char first[] = "# a vendor's\n\n  sha256:" HEX "  \r\nblake2b-256:" HEX "\n";
	static const char second[] = "sha256:" HEX;
	put("b/" GH, "x");
	put("a/pins/usr/bin/gh", first);
	put("b/pins/usr/bin/gh", second);
	cleanup_policy_found struct policy_found found = {0};
	assert_int_equal(find(&found, &err), 0);
	assert_int_equal(found.hashes.count, 3);
	assert_int_equal(found.hashes.items[0].algorithm, PIN_SHA256);
	assert_int_equal(found.hashes.items[1].algorithm, PIN_BLAKE2B_256);
	assert_int_equal(found.hashes.items[2].digest[31], 0xef);
	size_t first_size = strlen(first), second_size = strlen(second);
	assert_int_equal(found.pins.size, 16 + first_size + second_size);
	assert_int_equal((unsigned char)found.pins.bytes[0], first_size);
	assert_memory_equal(found.pins.bytes + 1, "\0\0\0\0\0\0\0", 7);
	assert_memory_equal(found.pins.bytes + 8, first, first_size);
	assert_int_equal((unsigned char)found.pins.bytes[8 + first_size], second_size);
	assert_memory_equal(found.pins.bytes + 16 + first_size, second, second_size);
}

static void no_pins_are_no_bytes(void **state) {
	(void)state;
	struct error err;
	put("a/" GH, "x");
	{
		cleanup_policy_found struct policy_found found = {0};
		assert_int_equal(find(&found, &err), 0);
		assert_int_equal(found.pins.size, 0);
		assert_int_equal(found.hashes.count, 0);
	}
	put("b/pins/usr/bin/gh", "");
	cleanup_policy_found struct policy_found found = {0};
	assert_int_equal(find(&found, &err), 0);
	assert_int_equal(found.pins.size, 8);
	assert_int_equal(found.hashes.count, 0);
}

static void bad_pins_name_their_line(void **state) {
	(void)state;
	static const char *const rows[] = {
		"# x\n" HEX,     "#\nmd5:" HEX,    "\nsha256:" HEX " gh",
		"\nsha256:0123", "\nsha256: " HEX,
	};
	put("a/" GH, "x");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put("b/pins/usr/bin/gh", rows[i]);
		refused(-EBADMSG, "b/pins/usr/bin/gh:2: not a pin");
	}
}

static void pin_files_are_checked_as_policies_are(void **state) {
	(void)state;
	put("a/" GH, "x");
	put("b/pins/usr/bin/gh", "sha256:" HEX "\n");
	chmod(at("b/pins/usr/bin/gh"), 0666);
	refused(-EPERM, "writable by others");
	unlink(at("b/pins/usr/bin/gh"));
	assert_int_equal(mkfifo(at("b/pins/usr/bin/gh"), 0644), 0);
	refused(-EBADMSG, "not a regular file");
	unlink(at("b/pins/usr/bin/gh"));
	put("b/pins/usr/bin/gh", "#");
	int fd = open(at("b/pins/usr/bin/gh"), O_WRONLY);
	assert_int_equal(write(fd, "\n\0\n", 3), 3);
	close(fd);
	refused(-EBADMSG, "contains a NUL byte");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_layers, remove_layers)

int main(void) {
	if (sodium_init() < 0)
		return 1;
	umask(022);
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_found),
		TEST(first_layer_wins),
		TEST(only_the_named_layers_must_be_signed),
		TEST(all_layers_before_the_next_name),
		TEST(masks_end_the_search),
		TEST(a_masked_name_has_no_second),
		TEST(links_to_files_are_followed),
		TEST(only_regular_files_count),
		TEST(a_broken_layer_is_not_passed_over),
		TEST(what_others_may_write_is_refused),
		TEST(profiles_have_their_own_file),
		TEST(names_cannot_lead_out),
		TEST(pins_of_all_layers_add_up),
		TEST(no_pins_are_no_bytes),
		TEST(bad_pins_name_their_line),
		TEST(pin_files_are_checked_as_policies_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
