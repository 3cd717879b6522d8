#include "unit.h"

#include "scratch.h"
#include "policy/approval.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct vault *vault;

static struct vault *unlocked(const char *directory) {
	struct error err;
	struct vault *made = NULL;
	const struct vault_unlock how = {0};
	if (vault_create(directory, VAULT_SLOT_HOST_KEY, NULL, &err) != 0 ||
	    vault_open(directory, &made, &err) != 0 || vault_unlock(made, &how, &err) != 0)
		fail_msg("%s", err.text);
	return made;
}

static int make_vault(void **state) {
	if (scratch_make(state) < 0)
		return -1;
	vault = unlocked(at("vault"));
	return 0;
}

static int remove_vault(void **state) {
	vault_free(vault);
	return scratch_remove(state);
}

static struct policy_found found_as(const char *name, const char *text, const char *pins) {
	return (struct policy_found){
		.name = (char *)name,
		.file = (char *)"/layer/policies/x.toml",
		.text = {.bytes = (char *)text, .size = strlen(text)},
		.pins = {.bytes = (char *)pins, .size = strlen(pins)},
	};
}

static int approve(const char *name, const char *text, const char *pins, const char *profile) {
	struct error err = {0};
	struct policy_found found = found_as(name, text, pins);
	int r = approval_write(vault, &found, profile, &err);
	if (r < 0)
		fail_msg("%s", err.text);
	return r;
}

static int check(const char *name, const char *text, const char *pins, const char *profile) {
	struct error err = {0};
	struct policy_found found = found_as(name, text, pins);
	return approval_check(vault, &found, profile, &err);
}

static void exactly_these_bytes(void **state) {
	(void)state;
	assert_int_equal(check("/usr/bin/gh", "text", "pins", NULL), -ENOENT);
	approve("/usr/bin/gh", "text", "pins", NULL);
	assert_int_equal(check("/usr/bin/gh", "text", "pins", NULL), 0);
	assert_int_equal(check("/usr/bin/gh", "texT", "pins", NULL), -EKEYREJECTED);
	assert_int_equal(check("/usr/bin/gh", "text", "pinS", NULL), -EKEYREJECTED);
	assert_int_equal(check("/usr/bin/gh", "textp", "ins", NULL), -EKEYREJECTED);
	assert_int_equal(check("/usr/bin/gh", "textpins", "", NULL), -EKEYREJECTED);
	assert_int_equal(check("/usr/bin/gh", "", "textpins", NULL), -EKEYREJECTED);
	approve("/usr/bin/gh", "texT", "pins", NULL);
	assert_int_equal(check("/usr/bin/gh", "texT", "pins", NULL), 0);
	assert_int_equal(check("/usr/bin/gh", "text", "pins", NULL), -EKEYREJECTED);
}

static void messages_say_what_to_do(void **state) {
	(void)state;
	struct error err = {0};
	struct policy_found found = found_as("/usr/bin/gh", "t", "");
	assert_int_equal(approval_check(vault, &found, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "envseal policy approve /usr/bin/gh"));
	approve("/usr/bin/gh", "u", "", NULL);
	assert_int_equal(approval_check(vault, &found, NULL, &err), -EKEYREJECTED);
	assert_non_null(strstr(err.text, "its pins changed since"));
}

static void copy_file(const char *from, const char *to) {
	char bytes[512];
	int in = open(at(from), O_RDONLY);
	ssize_t n = read(in, bytes, sizeof(bytes));
	close(in);
	int out = open(at(to), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(out, bytes, (size_t)n), n);
	close(out);
}

/*
 * An approval is for one command and profile, though whoever may write the vault can copy the file.
 */
static void approvals_cannot_be_moved(void **state) {
	(void)state;
	approve("/usr/bin/gh", "text", "", NULL);
	approve("/usr/bin/gh", "text", "", "work");
	assert_int_equal(check("/usr/bin/gh", "text", "", "work"), 0);
	assert_int_equal(check("/usr/bin/gh", "text", "", "home"), -ENOENT);
	copy_file("vault/approvals/usr/bin/gh", "vault/approvals/usr/bin/cat");
	assert_int_equal(check("/usr/bin/cat", "text", "", NULL), -EKEYREJECTED);
	/* The whole name counts, not its last part. */
	make_parents(at("vault/approvals/usr/local/bin/gh"));
	copy_file("vault/approvals/usr/bin/gh", "vault/approvals/usr/local/bin/gh");
	assert_int_equal(check("/usr/local/bin/gh", "text", "", NULL), -EKEYREJECTED);
	copy_file("vault/approvals/usr/bin/gh", "vault/approvals/usr/bin/gh@work");
	assert_int_equal(check("/usr/bin/gh", "text", "", "work"), -EKEYREJECTED);
	/* The same file in another guise: a command that is called like another's profile. */
	approve("/usr/bin/gh", "text", "", "work");
	assert_int_equal(check("/usr/bin/gh@work", "text", "", NULL), -EKEYREJECTED);
}

static void another_vaults_approval_is_none(void **state) {
	(void)state;
	approve("/usr/bin/gh", "text", "", NULL);
	struct vault *first = vault;
	vault = unlocked(at("other"));
	approve("/usr/bin/gh", "text", "", NULL);
	copy_file("vault/approvals/usr/bin/gh", "other/approvals/usr/bin/gh");
	int r = check("/usr/bin/gh", "text", "", NULL);
	vault_free(vault);
	vault = first;
	assert_int_equal(r, -EKEYREJECTED);
}

static void read_text(char text[static 512]) {
	int fd = open(at("vault/approvals/usr/bin/gh"), O_RDONLY);
	ssize_t n = read(fd, text, 511);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
}

static void write_text(const char *text, size_t size) {
	int fd = open(at("vault/approvals/usr/bin/gh"), O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	close(fd);
}

static void generations_rise_and_count(void **state) {
	(void)state;
	char first[512], second[512];
	approve("/usr/bin/gh", "text", "", NULL);
	read_text(first);
	assert_int_equal(strncmp(first, "version 1\ngeneration 1\nmac ", 27), 0);
	approve("/usr/bin/gh", "text", "", NULL);
	read_text(second);
	assert_int_equal(strncmp(second, "version 1\ngeneration 2\nmac ", 27), 0);
	assert_string_not_equal(first + 27, second + 27);
	second[21] = '1';
	write_text(second, strlen(second));
	assert_int_equal(check("/usr/bin/gh", "text", "", NULL), -EKEYREJECTED);
}

static void damaged_files_approve_nothing(void **state) {
	(void)state;
	char text[512];
	approve("/usr/bin/gh", "text", "", NULL);
	read_text(text);
	size_t size = strlen(text);
	for (size_t i = 0; i < size; i++) {
		char altered[512];
		memcpy(altered, text, size);
		altered[i] ^= 1;
		write_text(altered, size);
		if (check("/usr/bin/gh", "text", "", NULL) == 0)
			fail_msg("accepted with byte %zu altered", i);
		write_text(text, i);
		if (check("/usr/bin/gh", "text", "", NULL) == 0)
			fail_msg("accepted when cut at %zu", i);
	}
	write_text(text, size);
	assert_int_equal(check("/usr/bin/gh", "text", "", NULL), 0);
	memset(text + size, 'x', 300 - size);
	write_text(text, 300);
	assert_int_equal(check("/usr/bin/gh", "text", "", NULL), -EFBIG);
	/* And can be approved anew. */
	approve("/usr/bin/gh", "text", "", NULL);
	assert_int_equal(check("/usr/bin/gh", "text", "", NULL), 0);
}

static void files_are_the_owners(void **state) {
	(void)state;
	struct stat st;
	umask(0);
	approve("/usr/bin/gh", "text", "", NULL);
	umask(022);
	assert_int_equal(stat(at("vault/approvals/usr/bin/gh"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(at("vault/approvals/usr"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void links_and_fifos_are_refused(void **state) {
	(void)state;
	struct error err;
	struct policy_found found = found_as("/usr/bin/gh", "text", "");
	approve("/usr/bin/gh", "text", "", NULL);
	assert_int_equal(rename(at("vault/approvals/usr"), at("elsewhere")), 0);
	assert_int_equal(symlink("../../elsewhere", at("vault/approvals/usr")), 0);
	assert_true(approval_check(vault, &found, NULL, &err) < 0);
	assert_true(approval_write(vault, &found, NULL, &err) < 0);
	unlink(at("vault/approvals/usr"));
	assert_int_equal(rename(at("elsewhere"), at("vault/approvals/usr")), 0);
	assert_int_equal(check("/usr/bin/gh", "text", "", NULL), 0);
	unlink(at("vault/approvals/usr/bin/gh"));
	assert_int_equal(mkfifo(at("vault/approvals/usr/bin/gh"), 0600), 0);
	alarm(5);
	assert_int_equal(check("/usr/bin/gh", "text", "", NULL), -EBADMSG);
	alarm(0);
}

static void a_locked_vault_approves_nothing(void **state) {
	(void)state;
	struct error err;
	struct policy_found found = found_as("/usr/bin/gh", "text", "");
	cleanup_vault struct vault *locked = NULL;
	approve("/usr/bin/gh", "text", "", NULL);
	assert_int_equal(vault_open(at("vault"), &locked, &err), 0);
	assert_true(approval_check(locked, &found, NULL, &err) < 0);
	assert_true(approval_write(locked, &found, NULL, &err) < 0);
	assert_int_equal(check("/usr/bin/gh", "text", "", NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_vault, remove_vault)

int main(void) {
	if (sodium_init() < 0)
		return 1;
	umask(022);
	const struct CMUnitTest tests[] = {
		TEST(exactly_these_bytes),
		TEST(messages_say_what_to_do),
		TEST(approvals_cannot_be_moved),
		TEST(another_vaults_approval_is_none),
		TEST(generations_rise_and_count),
		TEST(damaged_files_approve_nothing),
		TEST(files_are_the_owners),
		TEST(links_and_fifos_are_refused),
		TEST(a_locked_vault_approves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
