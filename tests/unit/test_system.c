#include "unit.h"

#include "authority/system_ids.h"
#include "scratch.h"
#include "policy/layers.h"
#include "policy/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char file[128];

static int make_place(void **state) {
	if (scratch_make(state) < 0)
		return -1;
	snprintf(file, sizeof(file), "%s/system.toml", scratch);
	return 0;
}

static int remove_place(void **state) {
	return scratch_remove(state);
}

static void put(const char *text) {
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static int read_it(struct system *system, struct error *err) {
	const struct trust trust = {.owner = geteuid(), .sticky = true};
	*err = (struct error){0};
	return system_read(file, &trust, system, err);
}

static void test_ids_are_read(void **state) {
	(void)state;
	struct system system = {0};
	struct error err;
	put("# made by system-setup\nrun_gid = 4294967294\nservice_uid = 990\n");
	assert_int_equal(read_it(&system, &err), 0);
	assert_int_equal(system.service_uid, 990);
	assert_true(system.run_gid == 4294967294U);
}

static void test_no_file(void **state) {
	(void)state;
	struct system system = {.service_uid = 7};
	struct error err;
	assert_int_equal(read_it(&system, &err), -ENOENT);
	assert_int_equal(chmod(scratch, 0777), 0);
	assert_int_equal(read_it(&system, &err), -ENOENT);
	assert_int_equal(system.service_uid, 7);
}

#define IDS "service_uid = 990\nrun_gid = 990\n"

static void test_layers_to_be_signed(void **state) {
	(void)state;
	struct system system = {0};
	struct error err;
	cleanup_layers struct layers layers = {0};
	put(IDS);
	assert_int_equal(read_it(&system, &err), 0);
	assert_int_equal(system.require_signature, 0);
	put(IDS "require_signature = []\n");
	assert_int_equal(read_it(&system, &err), 0);
	assert_int_equal(system.require_signature, 0);
	put(IDS "require_signature = [\"/usr/lib/envseal\", \"/run/envseal\"]\n");
	assert_int_equal(read_it(&system, &err), 0);
	assert_int_equal(layers_for_system(&layers, &err), 0);
	for (size_t i = 0; i < layers.count; i++) {
		bool asked = strcmp(layers.paths[i], "/usr/lib/envseal") == 0 ||
		             strcmp(layers.paths[i], "/run/envseal") == 0;
		assert_int_equal((system.require_signature >> i) & 1, asked);
	}
}

/* Each with the place that its message must name. */
static const struct refusal {
	const char *text;
	const char *message;
} refusals[] = {
	{"", ":1:1: service_uid: is missing"},
	{"service_uid = 990\n", ":1:1: run_gid: is missing"},
	{"run_gid = 990\n", ":1:1: service_uid: is missing"},
	{"service_uid = 990\nrun_gid = 0\n", ":2:11: run_gid: must be from 1 to 4294967294"},
	{"service_uid = 0\nrun_gid = 990\n", ":1:15: service_uid: must be from 1 to 4294967294"},
	{"service_uid = -1\nrun_gid = 990\n", ":1:15: service_uid: must be from 1 to 4294967294"},
	{"service_uid = 4294967295\nrun_gid = 990\n", ":1:15: service_uid: must be"},
	{"service_uid = 4294967296\nrun_gid = 990\n", ":1:15: service_uid: must be"},
	{"service_uid = \"envseal\"\nrun_gid = 990\n", ":1:15: service_uid: must be an integer"},
	{"service_uid = 990\nrun_gid = 990.0\n", ":2:11: run_gid: must be an integer"},
	{"service_uid = 990\nrun_gid = 990\nrun_uid = 1\n", ":3:1: run_uid: is unknown"},
	{"service_uid = 990\nrun_gid = 990\nservice_uid = 1\n", ":3:1: "},
	{"service_uid 990\n", ":1:"},
	{IDS "require_signature = true\n", ":3:21: require_signature: must be an array of layers"},
	{IDS "require_signature = \"/usr/lib/envseal\"\n",
         ":3:21: require_signature: must be an array"},
	{IDS "require_signature = [1]\n",
         ":3:22: require_signature: must be one of the system's layers"},
	{IDS "require_signature = [\"/usr/lib/envseal/\"]\n",
         ":3:22: require_signature: must be one of"},
	{IDS "require_signature = [\"/usr/lib/envseal\", \"/nowhere\"]\n",
         ":3:42: require_signature: "},
};

static void test_refusals(void **state) {
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct system system = {.service_uid = 7};
		struct error err;
		put(refusals[i].text);
		assert_int_equal(read_it(&system, &err), -EBADMSG);
		if (!strstr(err.text, refusals[i].message))
			fail_msg("row %zu: '%s' lacks '%s'", i, err.text, refusals[i].message);
		assert_int_equal(system.service_uid, 7);
	}
}

/* The two ids, read without the TOML reader. */
static int read_ids(struct system_ids *ids, struct error *err) {
	const struct trust trust = {.owner = geteuid(), .sticky = true};
	*err = (struct error){0};
	return system_ids_read(file, &trust, ids, err);
}

static void test_the_two_lines(void **state) {
	(void)state;
	static const char *const texts[] = {
		"service_uid = 990\nrun_gid = 991\n",
		"# ids\n\nrun_gid=991\nservice_uid\t=\t990 # of envseal",
		"service_uid = 990\r\nrun_gid = 991\r\n",
		"require_signature = [\n  \"/usr/lib/envseal\",\n]\nservice_uid = 990\nrun_gid = 991\n",
		"service_uid_of_old = 1\n service_uid = 2\nservice_uid = 990\nrun_gid = 991\n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct system_ids ids = {0};
		struct error err;
		put(texts[i]);
		if (read_ids(&ids, &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(ids.service_uid, 990);
		assert_int_equal(ids.run_gid, 991);
	}
}

static void test_lines_that_are_refused(void **state) {
	(void)state;
	static const struct refusal rows[] = {
		{"", ": service_uid: is missing"},
		{"service_uid = 990\n", ": run_gid: is missing"},
		{"service_uid = 990\n[table]\n run_gid = 991\n", ": run_gid: is missing"},
		{"\xef\xbb\xbfservice_uid = 990\nrun_gid = 991\n", ": service_uid: is missing"},
		{IDS "service_uid = 990\n", ":3: service_uid: the key is there twice"},
		{IDS "run_gid = 5\n", ":3: run_gid: the key is there twice"},
		{"service_uid = 0\nrun_gid = 990\n", ":1: service_uid: must be a decimal number"},
		{"service_uid = 0990\n", ":1: service_uid: must be"},
		{"service_uid = -1\n", ":1: service_uid: must be"},
		{"service_uid = +1\n", ":1: service_uid: must be"},
		{"service_uid = 4294967295\n", ":1: service_uid: must be"},
		{"service_uid = 4294968286\n", ":1: service_uid: must be"},
		{"service_uid = 18446744073709552606\n", ":1: service_uid: must be"},
		{"service_uid = 9_90\n", ":1: service_uid: must be"},
		{"service_uid = 0x3df\n", ":1: service_uid: must be"},
		{"service_uid = 990.0\n", ":1: service_uid: must be"},
		{"service_uid = 990 991\n", ":1: service_uid: must be"},
		{"service_uid = \"990\"\n", ":1: service_uid: must be"},
		{"service_uid =\n", ":1: service_uid: must be"},
		{"service_uid = 990\r\rrun_gid = 990\n", ":1: service_uid: must be"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct system_ids ids = {.service_uid = 7};
		struct error err;
		put(rows[i].text);
		assert_int_equal(read_ids(&ids, &err), -EBADMSG);
		if (!strstr(err.text, rows[i].message))
			fail_msg("row %zu: '%s' lacks '%s'", i, err.text, rows[i].message);
		assert_int_equal(ids.service_uid, 7);
	}
}

static void test_ids_of_a_file_that_others_may_write(void **state) {
	(void)state;
	struct system_ids ids;
	struct error err;
	put(IDS);
	assert_int_equal(chmod(file, 0664), 0);
	assert_int_equal(read_ids(&ids, &err), -EPERM);
	assert_int_equal(chmod(file, 0644), 0);
	assert_int_equal(read_ids(&ids, &err), 0);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(read_ids(&ids, &err), -ENOENT);
}

static void test_not_believed_when_others_may_write(void **state) {
	(void)state;
	struct system system;
	struct error err;
	put("service_uid = 990\nrun_gid = 990\n");
	assert_int_equal(chmod(file, 0664), 0);
	assert_int_equal(read_it(&system, &err), -EPERM);
	assert_int_equal(chmod(file, 0644), 0);
	assert_int_equal(chmod(scratch, 0777), 0);
	assert_int_equal(read_it(&system, &err), -EPERM);
	assert_int_equal(chmod(scratch, 0755), 0);
	assert_int_equal(read_it(&system, &err), 0);
}

static void test_not_a_file(void **state) {
	(void)state;
	struct system system;
	struct error err;
	assert_int_equal(mkdir(file, 0755), 0);
	assert_int_equal(read_it(&system, &err), -EBADMSG);
	assert_int_equal(rmdir(file), 0);
	/* Nobody writes to it, and nobody waits for that. */
	assert_int_equal(mkfifo(file, 0644), 0);
	alarm(10);
	assert_int_equal(read_it(&system, &err), -EBADMSG);
	alarm(0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_place, remove_place)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_ids_are_read),
		TEST(test_no_file),
		TEST(test_layers_to_be_signed),
		TEST(test_refusals),
		TEST(test_the_two_lines),
		TEST(test_lines_that_are_refused),
		TEST(test_ids_of_a_file_that_others_may_write),
		TEST(test_not_believed_when_others_may_write),
		TEST(test_not_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
