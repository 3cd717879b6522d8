#include "unit.h"

#include "run/environment.h"
#include "run/location.h"
#include "run/resolve.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void variables_are_found_by_their_whole_name(void **state) {
	(void)state;
	char a[] = "AB=1", b[] = "A=2", c[] = "A=3", odd[] = "NOVALUE";
	char *const environment[] = {odd, a, b, c, NULL};
	assert_string_equal(location_variable(environment, "A"), "2");
	assert_string_equal(location_variable(environment, "AB"), "1");
	assert_null(location_variable(environment, "NOVALUE"));
	assert_null(location_variable(environment, "B"));
}

static void check_vault(const char *option, char *const environment[], const char *expected) {
	struct error err;
	cleanup_free char *directory = NULL;
	int r = location_vault(option, environment, &directory, &err);
	if (!expected) {
		assert_int_equal(r, -EINVAL);
		assert_null(directory);
		return;
	}
	assert_int_equal(r, 0);
	assert_string_equal(directory, expected);
}

static void the_vault_is_where_one_says(void **state) {
	(void)state;
	char home[] = "HOME=/h", data[] = "XDG_DATA_HOME=/d", relative[] = "XDG_DATA_HOME=d";
	char vault[] = "ENVSEAL_VAULT=/v", bad_vault[] = "ENVSEAL_VAULT=v";
	char *const all[] = {home, data, vault, NULL};
	char *const xdg[] = {home, data, NULL};
	char *const plain[] = {home, NULL};
	char *const ignored[] = {home, relative, NULL};
	char *const wrong[] = {home, bad_vault, NULL};
	char *const none[] = {NULL};
	check_vault("/o", all, "/o");
	check_vault(NULL, all, "/v");
	check_vault(NULL, xdg, "/d/envseal");
	check_vault(NULL, plain, "/h/.local/share/envseal");
	check_vault(NULL, ignored, "/h/.local/share/envseal");
	check_vault(NULL, wrong, NULL);
	check_vault(NULL, none, NULL);
	assert_int_equal(chdir("/usr"), 0);
	check_vault("o", none, "/usr/o");
}

static int resolved(const char *name, const char *search, const char *expected) {
	struct error err;
	cleanup_free char *path = NULL;
	int r = resolve_command(name, search, &path, &err);
	if (r == 0)
		assert_string_equal(path, expected);
	return r;
}

static void commands_are_found_as_a_shell_would(void **state) {
	(void)state;
	assert_int_equal(chdir("/usr"), 0);
	assert_int_equal(resolved("/any/thing", NULL, "/any/thing"), 0);
	assert_int_equal(resolved("bin/env", NULL, "/usr/bin/env"), 0);
	assert_int_equal(resolved("env", "/nowhere:/usr/bin:/bin", "/usr/bin/env"), 0);
	assert_int_equal(resolved("env", NULL, "/usr/bin/env"), 0);
	assert_int_equal(resolved("passwd", "/etc:/nowhere", ""), -EACCES);
	assert_int_equal(resolved("no-such-thing", "/usr/bin", ""), -ENOENT);
	assert_int_equal(resolved("", "/usr/bin", ""), -ENOENT);
}

static void only_absolute_directories_are_searched(void **state) {
	(void)state;
	assert_int_equal(chdir("/usr"), 0);
	assert_int_equal(resolved("env", "bin:./bin::.", ""), -ENOENT);
}

static struct policy *policy_of(const char *text) {
	struct error err = {0};
	struct policy *policy = NULL;
	if (policy_parse(text, strlen(text), "x.toml", &policy, &err) < 0)
		fail_msg("%s", err.text);
	return policy;
}

/* Else a program would see another value than getenv(3) has shown to whoever checked it. */
static void of_a_variable_that_comes_twice_the_first_counts(void **state) {
	(void)state;
	struct error err;
	cleanup_policy struct policy *policy =
		policy_of("version = 1\ncommand = \"/bin/x\"\ntier = \"none\"\n");
	cleanup_environment struct environment environment = {0};
	const struct secrets none = {0};
	char first[] = "LANG=C", second[] = "LANG=de", other[] = "USER=u";
	char *const caller[] = {first, other, second, NULL};
	static const char expected[] = "LANG=C\0USER=u\0PATH=" ENVSEAL_SECURE_PATH;
	assert_int_equal(environment_build(policy, caller, NULL, NULL, &none, &environment, &err),
	                 0);
	assert_int_equal(environment.count, 3);
	assert_int_equal(environment.block->size, sizeof(expected));
	assert_memory_equal(environment.block->bytes, expected, sizeof(expected));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_found_by_their_whole_name),
		cmocka_unit_test(the_vault_is_where_one_says),
		cmocka_unit_test(commands_are_found_as_a_shell_would),
		cmocka_unit_test(only_absolute_directories_are_searched),
		cmocka_unit_test(of_a_variable_that_comes_twice_the_first_counts),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
