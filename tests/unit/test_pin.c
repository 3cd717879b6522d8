#include "unit.h"

#include "pin/pin.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What b2sum -l 256 and sha256sum print of "abc". */
#define ABC_BLAKE2B "blake2b-256:bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
#define ABC_SHA256 "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char path[] = "/tmp/envseal-pin-XXXXXX";

static int make_file(void **state) {
	(void)state;
	strcpy(path, "/tmp/envseal-pin-XXXXXX");
	int fd = mkstemp(path);
	if (fd < 0 || fd_write_full(fd, "abc", 3) < 0 || fchmod(fd, 0755) < 0)
		return -1;
	return close(fd);
}

static int remove_file(void **state) {
	(void)state;
	return unlink(path);
}

static void rewrite(const char *text) {
	cleanup_fd int fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(fd_write_full(fd, text, strlen(text)), 0);
}

static void hashes_have_one_spelling(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const bad[] = {
		"", "sha256", "sha256:", "md5:" ABC_SHA256, "sha256:00", ABC_SHA256 "0", " " ABC_SHA256,
		"SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		"sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	};
	/* clang-format on */
	struct pin_hash hash;
	char text[PIN_HASH_TEXT_MAX];
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(pin_hash_parse(bad[i], &hash), -EINVAL);
	assert_int_equal(pin_hash_parse(ABC_SHA256, &hash), 0);
	pin_hash_format(&hash, text);
	assert_string_equal(text, ABC_SHA256);
}

static void hashes_are_the_usual_tools(void **state) {
	(void)state;
	static const struct {
		enum pin_algorithm algorithm;
		const char *text;
	} rows[] = {{PIN_BLAKE2B_256, ABC_BLAKE2B}, {PIN_SHA256, ABC_SHA256}};
	struct error err;
	struct pin_hash hash;
	char text[PIN_HASH_TEXT_MAX];
	cleanup_fd int fd = open(path, O_RDONLY);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(pin_hash_fd(fd, rows[i].algorithm, &hash, &err), 0);
		pin_hash_format(&hash, text);
		assert_string_equal(text, rows[i].text);
	}
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
}

/* Longer than what is read at once, and no multiple of it; one byte is changed near the end. */
static void every_byte_is_hashed(void **state) {
	(void)state;
	struct error err;
	struct pin_hash before, after;
	char block[1000] = "";
	cleanup_fd int fd = open(path, O_RDWR);
	for (int i = 0; i < 300; i++)
		assert_int_equal(pwrite(fd, block, sizeof(block), i * (off_t)sizeof(block)),
		                 sizeof(block));
	assert_int_equal(pin_hash_fd(fd, PIN_BLAKE2B_256, &before, &err), 0);
	assert_int_equal(pwrite(fd, "x", 1, 299999), 1);
	assert_int_equal(pin_hash_fd(fd, PIN_BLAKE2B_256, &after, &err), 0);
	assert_memory_not_equal(before.digest, after.digest, PIN_DIGEST_BYTES);
	rewrite("abc");
}

static void hash_of(const char *text, struct pin_hash *ret_hash) {
	assert_int_equal(pin_hash_parse(text, ret_hash), 0);
}

static void a_changeable_file_is_copied_and_the_copy_counts(void **state) {
	(void)state;
	struct error err;
	struct pin_hash abc;
	cleanup_pin struct pin *pin = NULL;
	hash_of(ABC_BLAKE2B, &abc);
	assert_int_equal(pin_open(path, &pin, &err), 0);
	assert_false(pin->trusted); /* /tmp is everybody's */
	assert_int_equal(pin_verify(pin, &abc, 1, &err), -EINVAL);
	assert_int_equal(pin_settle(pin, pin->path, &err), 0);
	assert_true(pin->copied);
	rewrite("xyz");
	assert_int_equal(pin_verify(pin, &abc, 1, &err), 0);
	assert_int_equal(pwrite(pin->fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(pin->fd, 0), -1);
	rewrite("abc");
}

static void any_one_hash_will_do(void **state) {
	(void)state;
	struct error err;
	struct pin_hash hashes[2];
	cleanup_pin struct pin *pin = NULL;
	hash_of(ABC_BLAKE2B, &hashes[0]);
	hash_of(ABC_SHA256, &hashes[1]);
	hashes[0].digest[31] ^= 1;
	assert_int_equal(pin_open(path, &pin, &err), 0);
	assert_int_equal(pin_settle(pin, pin->path, &err), 0);
	assert_int_equal(pin_verify(pin, hashes, 2, &err), 0);
	assert_int_equal(pin_verify(pin, hashes, 1, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "expected blake2b-256:bddd"));
	assert_non_null(strstr(err.text, "found " ABC_BLAKE2B));
	assert_int_equal(pin_verify(pin, hashes, 0, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "not pinned"));
}

static void roots_own_files_are_trusted_and_not_copied(void **state) {
	(void)state;
	struct error err;
	cleanup_pin struct pin *pin = NULL;
	cleanup_free char *shell = realpath("/bin/sh", NULL);
	assert_int_equal(pin_open(shell, &pin, &err), 0);
	assert_true(pin->trusted);
	assert_int_equal(pin_settle(pin, pin->path, &err), 0);
	assert_false(pin->copied);
	assert_false(pin_is_script(pin));
}

static void what_cannot_be_executed_is_not_opened(void **state) {
	(void)state;
	struct error err;
	struct pin *pin = NULL;
	char fifo[64];
	assert_int_equal(pin_open("/tmp/envseal-none", &pin, &err), -ENOENT);
	assert_int_equal(pin_open("/tmp", &pin, &err), -EISDIR);
	assert_int_equal(pin_open("/etc/passwd", &pin, &err), -EACCES);
	/*
	 * A magic link; without openat2(2), as under valgrind, it leads to what is no regular file.
	 */
	cleanup_fd int null = open("/dev/null", O_RDONLY);
	bool openat2 = sys_openat2(AT_FDCWD, "/", O_PATH, 0) >= 0;
	snprintf(fifo, sizeof(fifo), "/proc/self/fd/%d", null);
	assert_int_equal(pin_open(fifo, &pin, &err), openat2 ? -ELOOP : -EACCES);
	snprintf(fifo, sizeof(fifo), "%s-fifo", path);
	assert_int_equal(mkfifo(fifo, 0755), 0);
	alarm(5);
	assert_int_equal(pin_open(fifo, &pin, &err), -EACCES);
	alarm(0);
	unlink(fifo);
	assert_null(pin);
}

static void scripts_are_known_by_two_bytes(void **state) {
	(void)state;
	struct error err;
	cleanup_pin struct pin *script = NULL;
	cleanup_pin struct pin *tiny = NULL;
	rewrite("#!/bin/sh\n");
	assert_int_equal(pin_open(path, &script, &err), 0);
	assert_true(pin_is_script(script));
	rewrite("#");
	assert_int_equal(pin_open(path, &tiny, &err), 0);
	assert_false(pin_is_script(tiny));
	rewrite("abc");
}

int main(void) {
	if (sodium_init() < 0)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_have_one_spelling),
		cmocka_unit_test(hashes_are_the_usual_tools),
		cmocka_unit_test(every_byte_is_hashed),
		cmocka_unit_test(a_changeable_file_is_copied_and_the_copy_counts),
		cmocka_unit_test(any_one_hash_will_do),
		cmocka_unit_test(roots_own_files_are_trusted_and_not_copied),
		cmocka_unit_test(what_cannot_be_executed_is_not_opened),
		cmocka_unit_test(scripts_are_known_by_two_bytes),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
