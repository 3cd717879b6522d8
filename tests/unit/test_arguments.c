#include "unit.h"

#include "policy/arguments.h"
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct policy *parse(const char *rules, struct error *err) {
	struct policy *policy = NULL;
	char text[2048];
	snprintf(text, sizeof(text),
	         "version = 1\ncommand = \"/bin/x\"\ntier = \"none\"\n[arguments]\n%s\n", rules);
	policy_parse(text, strlen(text), "x.toml", &policy, err);
	return policy;
}

/* `expected`: part of the refusal's text; NULL: allowed. */
static void check(const char *rules, char *const arguments[], const char *expected) {
	struct error err = {0};
	cleanup_policy struct policy *policy = parse(rules, &err);
	if (!policy)
		fail_msg("%s", err.text);
	int r = arguments_check(policy, arguments, &err);
	assert_int_equal(r, expected ? -EPERM : 0);
	if (expected && !strstr(err.text, expected))
		fail_msg("'%s' does not say '%s'", err.text, expected);
}

#define ARGUMENTS(...) ((char *const *)(const char *const[]){__VA_ARGS__, NULL})

static char *const nothing[] = {NULL};

static void without_rules_anything_goes(void **state) {
	(void)state;
	check("", ARGUMENTS("a", "--b", ""), NULL);
	check("prepend = ['-x']", nothing, NULL);
}

static void each_argument_has_its_pattern(void **state) {
	(void)state;
	const char *rules = "allow = [['pr', 'list', '**'], ['pr', 'view', '*'], ['--version']]";
	check(rules, ARGUMENTS("pr", "list"), NULL);
	check(rules, ARGUMENTS("pr", "list", "a", "b"), NULL);
	check(rules, ARGUMENTS("pr", "view", ""), NULL);
	check(rules, ARGUMENTS("pr", "view", "a/b"), NULL);
	check(rules, ARGUMENTS("--version"), NULL);
	check(rules, nothing, "argument 1 is missing");
	check(rules, ARGUMENTS("auth"), "does not allow argument 1");
	check(rules, ARGUMENTS("pr", "merge", "1"), "does not allow argument 2");
	check(rules, ARGUMENTS("pr", "view"), "argument 3 is missing");
	check(rules, ARGUMENTS("pr", "view", "1", "--web"), "does not allow argument 4");
	check(rules, ARGUMENTS("--version", "x"), "does not allow argument 2");
}

static void an_empty_line_allows_no_arguments(void **state) {
	(void)state;
	check("allow = [[]]", nothing, NULL);
	check("allow = [[]]", ARGUMENTS(""), "does not allow argument 1");
	check("allow = [['**']]", nothing, NULL);
	check("allow = [['**']]", ARGUMENTS("a", "b"), NULL);
}

static void patterns_are_those_of_fnmatch(void **state) {
	(void)state;
	const char *rules = "allow = [['--repo=acme/*'], ['[0-9]?'], ['\\*']]";
	check(rules, ARGUMENTS("--repo=acme/x/y"), NULL);
	check(rules, ARGUMENTS("42"), NULL);
	check(rules, ARGUMENTS("*"), NULL);
	check(rules, ARGUMENTS("4"), "argument 1");
	check(rules, ARGUMENTS("--repo=evil/x"), "argument 1");
}

static void what_is_denied_is_denied_everywhere(void **state) {
	(void)state;
	const char *rules = "allow = [['get', '**']]\ndeny = ['--debug*', '-v']";
	check(rules, ARGUMENTS("get", "x"), NULL);
	check(rules, ARGUMENTS("get", "x", "--debug=2"), "forbids argument 3");
	check(rules, ARGUMENTS("-v"), "forbids argument 1");
	check("deny = ['*secret*']", ARGUMENTS("a", "my-secret-thing"), "forbids argument 2");
	/* A slash is a character like any other, and so is a dot in front. */
	check("deny = ['--config=*']", ARGUMENTS("--config=/etc/x"), "forbids argument 1");
	check("deny = ['*secret*']", ARGUMENTS("a/secret/b"), "forbids argument 1");
	check("deny = ['*/.env']", ARGUMENTS("/srv/app/.env"), "forbids argument 1");
	check("deny = ['*']", ARGUMENTS(".env"), "forbids argument 1");
}

static void a_refusal_never_shows_the_argument(void **state) {
	(void)state;
	struct error err = {0};
	cleanup_policy struct policy *policy = parse("allow = [['a']]\ndeny = ['x*']", &err);
	assert_non_null(policy);
	assert_int_equal(arguments_check(policy, ARGUMENTS("hunter2"), &err), -EPERM);
	assert_null(strstr(err.text, "hunter2"));
	assert_int_equal(arguments_check(policy, ARGUMENTS("xhunter2"), &err), -EPERM);
	assert_null(strstr(err.text, "hunter2"));
}

static void rules_that_are_none_are_refused(void **state) {
	(void)state;
	static const char *const bad[] = {
		"allow = []",     "allow = ['a']",  "allow = [['**', 'a']]",
		"deny = ['**']",  "deny = []",      "deny = [1]",
		"prepend = []",   "prepend = [[]]", "allow = [[\"a\\u0000\"]]",
		"forbid = ['x']",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error err = {0};
		cleanup_policy struct policy *policy = parse(bad[i], &err);
		if (policy)
			fail_msg("%s", bad[i]);
		assert_non_null(strstr(err.text, "x.toml:5:"));
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rules_anything_goes),
		cmocka_unit_test(each_argument_has_its_pattern),
		cmocka_unit_test(an_empty_line_allows_no_arguments),
		cmocka_unit_test(patterns_are_those_of_fnmatch),
		cmocka_unit_test(what_is_denied_is_denied_everywhere),
		cmocka_unit_test(a_refusal_never_shows_the_argument),
		cmocka_unit_test(rules_that_are_none_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
