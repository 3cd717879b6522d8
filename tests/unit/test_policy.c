#include "unit.h"

#include "policy/policy.h"
#include "policy/fields_secrets.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD(tier) "version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"" tier "\"\n"

static int parse(const char *text, struct policy **ret_policy, struct error *err) {
	return policy_parse(text, strlen(text), "f", ret_policy, err);
}

static void refuse(const char *text, const char *expected) {
	struct error err = {0};
	struct policy *policy = NULL;
	int r = parse(text, &policy, &err);
	if (r != -EBADMSG || policy || !strstr(err.text, expected))
		fail_msg("%d '%s' lacks '%s' for:\n%s", r, err.text, expected, text);
}

/* `rest` after a head of three lines, so its own first line is line 4. */
static void refuse_in(const char *tier, const char *rest, const char *expected) {
	char text[4096];
	snprintf(text, sizeof(text), "version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"%s\"\n%s\n",
	         tier, rest);
	refuse(text, expected);
}

static struct policy *accept_in(const char *tier, const char *rest) {
	char text[4096];
	struct error err = {0};
	struct policy *policy = NULL;
	snprintf(text, sizeof(text), "version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"%s\"\n%s\n",
	         tier, rest);
	if (parse(text, &policy, &err) != 0)
		fail_msg("%s", err.text);
	return policy;
}

static void head_is_required(void **state) {
	(void)state;
	refuse("", "f:1:1: version: missing");
	refuse("command = \"/a\"\ntier = \"none\"\n", "f:1:1: version: missing");
	refuse("version = 1\ntier = \"none\"\n", "f:1:1: command: missing");
	refuse("version = 1\ncommand = \"/a\"\n", "f:1:1: tier: missing");
	refuse("version = 1\ncommand = \"/a\"\nteir = \"none\"\n",
	       "f:3:1: teir: unknown key; did you mean 'tier'?");
	refuse("new_key = 1\nversion = 2\n",
	       "f:2:11: version: this version of envseal reads version 1");
	refuse("version = \"1\"\n", "f:1:11: version: must be of type integer, not string");
	refuse("version = 1.0\n", "f:1:11: version: must be of type integer");
	refuse("version = 1\nversion = 1\n", "f:2:");
	refuse("version = 1\ntier = \"open\"\n", "f:2:8: tier: must be \"none\", \"hardened\" or");
	refuse("version = 1\ntier = \"none\\u0000\"\n", "f:2:8: tier: contains a NUL byte");
	refuse("version = [", "f:1:");
}

static const struct {
	const char *rest, *expected;
} mistakes[] = {
	/* clang-format off */
	{"command2 = 1", "f:4:1: command2: unknown key; did you mean 'command'?"},
	{"ahsh = []", "f:4:1: ahsh: unknown key; did you mean 'hash'?"},
	{"[netwrk]", "netwrk: unknown key; did you mean 'network'?"},
	{"[network]\nacess = \"none\"", "f:5:1: network.acess: unknown key; did you mean 'access'?"},
	{"[nothing]\na = 1", "nothing: unknown key"},
	{"commandxy = 1", "commandxy: unknown key"},
	{"hsh = 1", "hsh: unknown key; did you mean 'hash'?"},
	{"secrets = 1", "f:4:11: secrets: must be of type table, not integer"},
	{"description = 5", "f:4:15: description: must be of type string, not integer"},
	{"description = \"a\\u0000b\"", "f:4:15: description: contains a NUL byte"},
	{"hash = \"sha256:" HEX "\"", "f:4:8: hash: must be of type array, not string"},
	{"hash = []", "f:4:8: hash: must have 1 to 64 entries"},
	{"hash = [1]", "f:4:9: hash: entries must be of type string, not integer"},
	{"hash = [\"sha256:" HEX "\", \"md5:00\"]", "hash: must be \"blake2b-256:\" or"},
	{"hash = [\"sha256:0\"]", "f:4:9: hash: must be"},
	{"pin = \"yes\"", "f:4:7: pin: must be \"hash\" or \"trusted\""},
	{"pin = \"trusted\"\nhash = [\"sha256:" HEX "\"]", "f:5:8: hash: has no effect beside pin"},
	{"expires = \"2027-06-30\"", "f:4:11: expires: must be of type"},
	{"expires = 2027-06-30T00:00:00Z", "f:4:11: expires: must be of type"},

	{"[secrets]\nA = 1", "f:5:5: secrets.A: must be of type string or table, not integer"},
	{"[secrets]\n\"A-B\" = \"x\"", "secrets.A-B: not a valid variable name"},
	{"[secrets]\n1A = \"x\"", "secrets.1A: not a valid variable name"},
	{"[secrets]\nLD_PRELOAD = \"x\"", "secrets.LD_PRELOAD: this variable cannot be set: the dynamic"},
	{"[secrets]\nENVSEAL_X = \"x\"", "this variable cannot be set: belongs to envseal"},
	{"[secrets]\nA = \"\"", "f:5:5: secrets.A: not a name of a secret"},
	{"[secrets]\nA = \"/abs\"", "f:5:5: secrets.A: not a name of a secret"},
	{"[secrets]\nA = \"a\\u0000\"", "f:5:5: secrets.A: contains a NUL"},
	{"[secrets]\nA = \"%u/x\"", "f:5:5: secrets.A: not a name of a secret"},
	{"[secrets]\nA = {}", "f:5:5: secrets.A: 'secret' is missing"},
	{"[secrets]\nA = { required = true }", "f:5:5: secrets.A: 'secret' is missing"},
	{"[secrets]\nA = { secret = \"x\", required = 1 }", "secrets.A.required: must be of type bool"},
	{"[secrets]\nA = { secret = \"x\", deliver = \"mail\" }",
	 "f:5:31: secrets.A.deliver: must be \"env\", \"file\", \"fd\" or \"stdin\""},
	{"[secrets]\nA = { secret = \"x\", deliver = \"env\\u0000\" }", "secrets.A.deliver: must be \"env\""},
	{"[secrets]\nA = { secret = \"x\", deliver = \"stdin\" }\nB = { secret = \"y\", deliver = \"stdin\" }",
	 "f:6:5: secrets.B: another secret is standard input already"},
	{"[secrets]\nA = { secret = \"x\", deliver = \"fd\", descriptor = 2 }",
	 "f:5:50: secrets.A.descriptor: must be from 3 to 19"},
	{"[secrets]\nA = { secret = \"x\", deliver = \"file\", descriptor = 20 }", "descriptor: must be from 3 to 19"},
	{"[secrets]\nA = { secret = \"x\", deliver = \"fd\", descriptor = \"3\" }", "descriptor: must be of type integer"},
	{"[secrets]\nA = { secret = \"x\", descriptor = 3 }", "f:5:5: secrets.A: 'descriptor' is for deliver = \"fd\""},
	{"[secrets]\nA = { secret = \"x\", deliver = \"stdin\", descriptor = 3 }", "'descriptor' is for deliver"},
	{"[secrets]\nA = { secret = \"x\", deliver = \"fd\", descriptor = 3 }\n"
	 "B = { secret = \"y\", deliver = \"file\", descriptor = 3 }",
	 "f:6:5: secrets.B: another secret has that descriptor already"},
	{"[secrets]\nA = { template = \"x\" }", "f:5:18: secrets.A.template: has no \"${NAME}\""},
	{"[secrets]\nA = { template = \"\" }", "secrets.A.template: has no \"${NAME}\""},
	{"[secrets]\nA = { template = \"$x${a}\" }", "secrets.A.template: a '$' is either"},
	{"[secrets]\nA = { template = \"${a}$\" }", "secrets.A.template: a '$' is either"},
	{"[secrets]\nA = { template = \"${a\" }", "secrets.A.template: a '$' is either"},
	{"[secrets]\nA = { template = \"${}\" }", "secrets.A.template: not a name of a secret"},
	{"[secrets]\nA = { template = \"${/a}\" }", "secrets.A.template: not a name of a secret"},
	{"[secrets]\nA = { template = \"${a}\\u0000\" }", "secrets.A.template: contains a NUL"},
	{"[secrets]\nA = { template = \"${a}\", secret = \"b\" }", "secrets.A: has 'secret' and 'template'"},
	{"[output]\nmask = \"sometimes\"", "output.mask: must be \"always\", \"pipes\" or \"never\""},
	{"[secrets]\nA = { secret = \"x\", other = 1 }", "secrets.A.other: unknown key"},

	{"[script]\ninterpreter = \"python3\"", "f:5:15: script.interpreter: must be an absolute path"},
	{"[script]\ninterpreter = \"/a\"\ninterpreter_hash = []", "script.interpreter_hash: must have 1"},
	{"[script]\ninterpreter = \"/a\"\noptions = [\"a\\u0000\"]", "f:6:12: script.options: contains a NUL"},
	{"[script]\ninterpreter = \"/a\"\noptions = \"-I\"", "script.options: must be of type array"},

	{"[environment]\ninherit = \"LANG\"", "f:5:11: environment.inherit: must be of type array"},
	{"[environment]\ninherit = [\"LANG\", \"*\"]",
	 "f:5:20: environment.inherit: would pass on every variable"},
	{"[environment]\ninherit = [\"?*\"]", "would pass on every variable"},
	{"[environment]\ninherit = [\"_*\"]", "would pass on every variable"},
	{"[environment]\ninherit = [\"\"]", "environment.inherit: must be a variable's name"},
	{"[environment]\ninherit = [\"A-B\"]", "environment.inherit: must be a variable's name"},
	{"[environment]\ninherit = [\"[A-Z]*\"]", "environment.inherit: must be a variable's name"},
	{"[environment]\ninherit = [\"PATH\"]", "may not come from the caller: which programs"},
	{"[environment]\ninherit = [\"LD_PRELOAD\"]", "may not come from the caller: the dynamic loader"},
	{"[environment]\nset = { A = 1 }", "f:5:13: environment.set.A: must be of type string"},
	{"[environment]\nset = { PYTHONPATH = \"/x\" }",
	 "f:5:9: environment.set.PYTHONPATH: this variable cannot be set: python"},
	{"[environment]\nset = { A = \"\\u0000\" }", "environment.set.A: contains a NUL"},
	{"[environment.set]\nA = \"x\"\n[secrets]\nA = \"s\"",
	 "f:5:1: environment.set.A: is in [secrets] too"},

	{"[filesystem]\ndirectory = \"here\"", "f:5:13: filesystem.directory: must be \"caller\" or an"},
	{"[filesystem]\ndirectory = \"/a/../b\"", "filesystem.directory: must be"},
	{"[network]\naccess = \"lan\"", "f:5:10: network.access: must be \"none\" or \"host\""},
	{"[network]\nlisten = 1", "f:5:10: network.listen: must be of type bool"},
	{"[process]\nseccomp = \"zebra\"", "f:5:11: process.seccomp: must be \"default\", \"essential\""},
	{"[process]\nseccomp = \"io\\u0000\"", "process.seccomp: must be \"default\""},
	{"[process]\nseccomp = 1", "process.seccomp: must be of type string"},
	{"[process]\nexec = \"/bin/sh\"", "process.exec: must be of type array"},
	{"[process]\nexec = [\"sh\"]", "f:5:9: process.exec: must be an absolute path"},
	{"[process]\nexec = [\"/a\", 1]", "f:5:15: process.exec: entries must be of type string"},
	{"[process]\nexec = [\"/a\\u0000\"]", "process.exec: contains a NUL byte"},
	{"[process]\nexec = [\"/\"]", "process.exec: must be an absolute path"},
	{"[network]\nunix = true", "f:5:1: network.unix: has no effect in tier 'hardened'"},
	/* clang-format on */
};

static void mistakes_are_named_with_their_place(void **state) {
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
		refuse_in("hardened", mistakes[i].rest, mistakes[i].expected);
}

static void commands_are_absolute_and_normal(void **state) {
	(void)state;
	static const char *const bad[] = {"gh", "/usr//bin/gh", "/usr/bin/../gh", "/",
	                                  "",   "/usr/bin/"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[256];
		snprintf(text, sizeof(text), "version = 1\ntier = \"none\"\ncommand = \"%s\"\n",
		         bad[i]);
		refuse(text, "f:3:11: command: must be an absolute path");
	}
}

static void rejected_values_are_not_echoed(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const rows[] = {
		"description = [\"hunter2\"]",     "hash = [\"hunter2\"]",
		"pin = \"hunter2\"",               "[secrets]\nA = \"hunter2 \"",
		"[secrets]\nA = \"%Xhunter2\"",    "[secrets]\nA = { secret = \"/hunter2\" }",
		"[script]\ninterpreter = \"hunter2\"", "[environment]\ninherit = [\"hunter2-\"]",
		"[secrets]\nA = { secret = \"a\", deliver = \"hunter2\" }",
		"[secrets]\nA = { template = \"hunter2\" }", "[output]\nmask = \"hunter2\"",
		"[environment]\nset = { LD_X = \"hunter2\" }",
		"[process]\nseccomp = \"hunter2\"", "[process]\nexec = [\"hunter2\"]",
		"[filesystem]\ndirectory = \"hunter2\"", "[network]\naccess = \"hunter2\"",
	};
	/* clang-format on */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[512];
		struct error err = {0};
		struct policy *policy = NULL;
		snprintf(text, sizeof(text), HEAD("hardened") "%s\n", rows[i]);
		assert_int_equal(parse(text, &policy, &err), -EBADMSG);
		if (strstr(err.text, "hunter2"))
			fail_msg("%s", err.text);
	}
}

static void defaults_of_each_tier(void **state) {
	(void)state;
	static const struct {
		const char *name;
		enum sandbox_tier tier;
		enum policy_network access;
		bool unix_sockets;
	} rows[] = {
		{"none", SANDBOX_TIER_NONE, POLICY_NETWORK_HOST, true},
		{"hardened", SANDBOX_TIER_HARDENED, POLICY_NETWORK_HOST, true},
		{"lockdown", SANDBOX_TIER_LOCKDOWN, POLICY_NETWORK_NONE, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_policy struct policy *policy = accept_in(rows[i].name, "");
		assert_string_equal(policy->command, "/usr/bin/gh");
		assert_int_equal(policy->tier, rows[i].tier);
		assert_string_equal(policy_tier_name(policy->tier), rows[i].name);
		assert_int_equal(policy->network.access, rows[i].access);
		assert_false(policy->network.listen);
		assert_int_equal(policy->network.unix_sockets, rows[i].unix_sockets);
		assert_false(policy->pin_trusted);
		assert_false(policy->expires);
		assert_null(policy->description);
		assert_null(policy->filesystem.directory);
		assert_null(policy->script.interpreter);
		assert_int_equal(policy->hashes.count, 0);
		assert_int_equal(policy->secret_count, 0);
		assert_int_equal(policy->environment.set_count, 0);
		assert_int_equal(policy->environment.inherit.count, 9);
		assert_string_equal(policy->environment.inherit.items[5], "LC_*");
	}
}

static void system_mode_has_other_defaults(void **state) {
	(void)state;
	struct error err;
	cleanup_policy struct policy *unsaid = accept_in("none", "");
	cleanup_policy struct policy *said =
		accept_in("none", "[environment]\ninherit = [\"HOME\", \"SHELL\"]\n");
	assert_int_equal(policy_for_system(unsaid, &err), 0);
	assert_int_equal(policy_for_system(unsaid, &err), 0);
	assert_int_equal(unsaid->environment.inherit.count, 7);
	assert_string_equal(unsaid->environment.inherit.items[6], "TZ");
	assert_int_equal(policy_for_system(said, &err), 0);
	assert_int_equal(said->environment.inherit.count, 2);
}

static void top_level_keys(void **state) {
	(void)state;
	cleanup_policy struct policy *policy = accept_in(
		"none", "description = \"GitHub CLI\"\nexpires = 2027-06-30\npin = \"hash\"\n"
			"hash = [\"blake2b-256:" HEX "\", \"sha256:" HEX "\"]");
	assert_string_equal(policy->description, "GitHub CLI");
	assert_true(policy->expires);
	assert_int_equal(policy->expires_at, 1814313600);
	assert_int_equal(policy->hashes.count, 2);
	assert_int_equal(policy->hashes.items[0].algorithm, PIN_BLAKE2B_256);
	assert_int_equal(policy->hashes.items[1].algorithm, PIN_SHA256);
	assert_int_equal(policy->hashes.items[1].digest[0], 0x01);
	assert_int_equal(policy->hashes.items[1].digest[31], 0xef);
	assert_false(policy->pin_trusted);
	cleanup_policy struct policy *trusted = accept_in("none", "pin = \"trusted\"");
	assert_true(trusted->pin_trusted);
}

static void secrets_both_ways(void **state) {
	(void)state;
	cleanup_policy struct policy *policy = accept_in(
		"lockdown", "[secrets]\nGH_TOKEN = \"github/token\"\n"
			    "B = { secret = \"b\", required = false, deliver = \"env\" }\n"
			    "C.secret = \"c\"");
	assert_int_equal(policy->secret_count, 3);
	assert_string_equal(policy->secrets[0].variable, "GH_TOKEN");
	assert_string_equal(policy->secrets[0].secret, "github/token");
	assert_true(policy->secrets[0].required);
	assert_string_equal(policy->secrets[1].variable, "B");
	assert_false(policy->secrets[1].required);
	assert_string_equal(policy->secrets[2].secret, "c");
	assert_true(policy->secrets[2].required);
}

/* The pieces of the first row, each in brackets, secrets in braces. */
static void check_pieces(const char *row, const char *expected) {
	char rest[256], found[256] = "", name[POLICY_NAME_SIZE];
	struct policy_piece piece;
	const char *at = NULL;
	snprintf(rest, sizeof(rest), "[secrets]\nA = %s", row);
	cleanup_policy struct policy *policy = accept_in("none", rest);
	while (policy_secret_next(&policy->secrets[0], &at, &piece)) {
		size_t used = strlen(found);
		policy_secret_name(&piece, 1000, name);
		snprintf(found + used, sizeof(found) - used, piece.is_secret ? "{%s}" : "[%s]",
		         name);
	}
	assert_string_equal(found, expected);
}

static void templates_and_the_caller(void **state) {
	(void)state;
	check_pieces("\"a/b\"", "{a/b}");
	check_pieces("\"users/%U/token\"", "{users/1000/token}");
	check_pieces("{ template = \"${a}\" }", "{a}");
	check_pieces("{ template = \"postgres://app:${db/%U}@db/${db/name}?x=$$1$$\" }",
	             "[postgres://app:]{db/1000}[@db/]{db/name}[?x=][$][1][$]");
	check_pieces("{ template = \"$${a}${b}}\" }", "[$][{a}]{b}[}]");
}

static void deliveries_and_masking(void **state) {
	(void)state;
	cleanup_policy struct policy *policy = accept_in(
		"none",
		"[secrets]\nA = { secret = \"a\", deliver = \"file\" }\n"
		"B = { template = \"${b}\", deliver = \"fd\", descriptor = 19 }\nC.secret = \"c\"\n"
		"D = { secret = \"d\", deliver = \"stdin\" }\n[output]\nmask = \"pipes\"");
	assert_int_equal(policy->secrets[0].deliver, POLICY_DELIVER_FILE);
	assert_int_equal(policy->secrets[0].descriptor, 0);
	assert_int_equal(policy->secrets[1].deliver, POLICY_DELIVER_FD);
	assert_int_equal(policy->secrets[1].descriptor, 19);
	assert_true(policy->secrets[1].is_template);
	assert_int_equal(policy->secrets[2].deliver, POLICY_DELIVER_ENV);
	assert_int_equal(policy->secrets[3].deliver, POLICY_DELIVER_STDIN);
	assert_int_equal(policy->mask, POLICY_MASK_PIPES);
	cleanup_policy struct policy *none = accept_in("none", "");
	cleanup_policy struct policy *hardened = accept_in("hardened", "");
	assert_int_equal(none->mask, POLICY_MASK_NEVER);
	assert_int_equal(hardened->mask, POLICY_MASK_ALWAYS);
}

static void script_table(void **state) {
	(void)state;
	cleanup_policy struct policy *policy = accept_in(
		"none", "[script]\ninterpreter = \"/usr/bin/python3\"\n"
			"interpreter_hash = [\"sha256:" HEX "\"]\noptions = [\"-I\", \"-s\"]");
	assert_string_equal(policy->script.interpreter, "/usr/bin/python3");
	assert_int_equal(policy->script.hashes.count, 1);
	assert_int_equal(policy->script.options.count, 2);
	assert_string_equal(policy->script.options.items[1], "-s");
}

static void environment_table(void **state) {
	(void)state;
	cleanup_policy struct policy *policy =
		accept_in("none", "[environment]\ninherit = [\"LANG\", \"LC_*\", \"X?\"]\n"
	                          "set = { A = \"1\", PATH = \"/bin\", SSL_CERT_FILE = \"\" }");
	assert_int_equal(policy->environment.inherit.count, 3);
	assert_string_equal(policy->environment.inherit.items[2], "X?");
	assert_int_equal(policy->environment.set_count, 3);
	assert_string_equal(policy->environment.set[0].name, "A");
	assert_string_equal(policy->environment.set[0].value, "1");
	assert_string_equal(policy->environment.set[2].value, "");
	cleanup_policy struct policy *nothing = accept_in("none", "[environment]\ninherit = []");
	assert_int_equal(nothing->environment.inherit.count, 0);
}

static void filesystem_and_network(void **state) {
	(void)state;
	cleanup_policy struct policy *policy =
		accept_in("lockdown", "[filesystem]\ndirectory = \"/\"\n"
	                              "[network]\naccess = \"host\"\nlisten = true\nunix = true");
	assert_string_equal(policy->filesystem.directory, "/");
	assert_int_equal(policy->network.access, POLICY_NETWORK_HOST);
	assert_true(policy->network.listen);
	assert_true(policy->network.unix_sockets);
	cleanup_policy struct policy *alone = accept_in(
		"hardened", "[filesystem]\ndirectory = \"caller\"\n[network]\naccess = \"none\"");
	assert_string_equal(alone->filesystem.directory, POLICY_CALLER);
	assert_int_equal(alone->network.access, POLICY_NETWORK_NONE);
}

static void places_and_identity(void **state) {
	(void)state;
	cleanup_policy struct policy *policy = accept_in(
		"lockdown",
		"[filesystem]\nhome = \"private\"\nhidden = [\"/home\", \"/root\"]\nwritable = [\".\", \"/srv\"]\n"
		"keep = [\"/run/x\"]\ntmp_size = \"3M\"\nroot = \"/srv/root\"\n"
		"[process]\nkeep_fds = [3, 65535]\nuser = 1000\ngroup = 0");
	assert_int_equal(policy->filesystem.home, POLICY_HOME_PRIVATE);
	assert_int_equal(policy->filesystem.hidden.count, 2);
	assert_string_equal(policy->filesystem.writable.items[0], ".");
	assert_string_equal(policy->filesystem.keep.items[0], "/run/x");
	assert_int_equal(policy->filesystem.tmp_size, 3 << 20);
	assert_string_equal(policy->filesystem.root, "/srv/root");
	assert_false(policy->filesystem.tmp_host);
	assert_int_equal(policy->process.keep_fds.items[1], 65535);
	assert_true(policy->process.as_other);
	assert_int_equal(policy->process.user, 1000);
	cleanup_policy struct policy *other =
		accept_in("hardened",
	                  "[filesystem]\ntmp = \"host\"\nhome = \"private\"\ntmp_size = \"4096\"\n"
	                  "hidden = [\"/tmp/x\", \"/run\"]\n[process]\nkeep_fds = \"all\"");
	assert_true(other->filesystem.tmp_host);
	assert_true(other->process.keep_all_fds);
	assert_false(other->process.as_other);
	cleanup_policy struct policy *bare =
		accept_in("hardened", "[filesystem]\ntmp_size = \"1G\"");
	assert_null(bare->filesystem.directory);
	assert_int_equal(bare->filesystem.home, POLICY_HOME_UNSAID);
	assert_int_equal(bare->filesystem.tmp_size, 1 << 30);
}

static void places_at_odds(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const everywhere[][2] = {
		{"home = \"none\"", "filesystem.home: must be \"private\" or \"host\""},
		{"tmp = \"none\"", "filesystem.tmp: must be \"private\" or \"host\""},
		{"hidden = []", "filesystem.hidden: must have 1 to 16 entries"},
		{"hidden = [\"/\"]", "filesystem.hidden: must be absolute paths other than"},
		{"hidden = [\"home\"]", "filesystem.hidden: must be absolute paths"},
		{"hidden = [\"/a/../b\"]", "filesystem.hidden: must be absolute paths"},
		{"hidden = [\"/proc/cmdline\"]", "filesystem.hidden: /proc is a fresh one"},
		{"hidden = [\"/tmp/x\"]", "filesystem.hidden: has no effect"},
		{"hidden = [\"/srv\"]\ndirectory = \"/srv/x\"", "filesystem.directory: is below filesystem.hidden"},
		{"directory = \"caller\"\nroot = \"/srv\"", "filesystem.directory: must be a path inside filesystem.root"},
		{"root = \"/\"", "filesystem.root: must be an absolute path"},
		{"tmp_size = \"12Q\"", "filesystem.tmp_size: must be a number"},
		{"tmp_size = \"-1\"", "filesystem.tmp_size: must be a number"},
		{"tmp_size = \"4095\"", "filesystem.tmp_size: must be a number"},
		{"tmp_size = \"999999999999999G\"", "filesystem.tmp_size: must be a number"},
		{"[process]\nkeep_fds = [2]", "process.keep_fds: must be \"all\" or descriptors from 3"},
		{"[process]\nkeep_fds = \"most\"", "process.keep_fds: must be \"all\" or an array"},
		{"[process]\nkeep_fds = []", "process.keep_fds: must have 1 to 64"},
		{"[process]\nuser = 1", "process.user: process.group is missing"},
		{"[process]\ngroup = 1", "process.group: process.user is missing"},
		{"[process]\nuser = -1\ngroup = 1", "process.user: must be from 0 to"},
		{"[process]\nuser = 4294967295\ngroup = 1", "process.user: must be from 0 to"},
	};
	/* clang-format on */
	static const char *const in_lockdown[][2] = {
		{"writable = [\"/\"]", "filesystem.writable: must be absolute paths other than"},
		{"writable = [\"./x\"]", "filesystem.writable: must be absolute paths"},
		{"writable = [\"/dev/shm\"]",
	         "filesystem.writable: /proc, /sys, /dev and /run themselves"},
		{"writable = [\"/run\"]",
	         "filesystem.writable: /proc, /sys, /dev and /run themselves"},
		{"writable = [\"/tmp\"]", "filesystem.writable: is private and writable"},
		{"writable = [\"/srv/x\"]\nhidden = [\"/srv\"]",
	         "filesystem.writable: is below filesystem.hidden"},
		{"keep = [\"/srv\"]", "filesystem.keep: must be below /run"},
		{"hidden = [\"/run/x\"]", "filesystem.hidden: has no effect"},
		{"hidden = [\"/dev/kvm\"]", "filesystem.hidden: has no effect"},
	};
	static const char *const sandboxed[] = {
		"home = \"host\"",   "tmp = \"private\"", "hidden = [\"/a\"]",
		"tmp_size = \"1M\"", "root = \"/a\"",
	};
	char rest[256];
	for (size_t i = 0; i < ARRAY_SIZE(everywhere); i++) {
		bool process = everywhere[i][0][0] == '[';
		snprintf(rest, sizeof(rest), "%s%s", process ? "" : "[filesystem]\n",
		         everywhere[i][0]);
		refuse_in("hardened", rest, everywhere[i][1]);
		refuse_in("lockdown", rest, everywhere[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(in_lockdown); i++) {
		snprintf(rest, sizeof(rest), "[filesystem]\n%s", in_lockdown[i][0]);
		refuse_in("lockdown", rest, in_lockdown[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sandboxed); i++) {
		snprintf(rest, sizeof(rest), "[filesystem]\n%s", sandboxed[i]);
		refuse_in("none", rest, "has no effect in tier 'none'");
	}
	refuse_in("none", "[process]\nkeep_fds = [3]",
	          "process.keep_fds: has no effect in tier 'none'");
	refuse_in("hardened", "[filesystem]\nwritable = [\"/a\"]",
	          "writable: has no effect in tier 'hardened'");
	refuse_in("hardened", "[filesystem]\nkeep = [\"/run/a\"]",
	          "keep: has no effect in tier 'hardened'");
	refuse_in("hardened", "[filesystem]\ntmp = \"host\"\ntmp_size = \"1M\"",
	          "f:6:12: filesystem.tmp_size: has no effect beside tmp");
}

static void process_table(void **state) {
	(void)state;
	static const char *const names[] = {"default", "essential", "minimal",     "io",
	                                    "compute", "network",   "unrestricted"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[128];
		snprintf(text, sizeof(text), "[process]\nseccomp = \"%s\"", names[i]);
		cleanup_policy struct policy *policy = accept_in("hardened", text);
		assert_int_equal(policy->process.seccomp, (enum sandbox_profile)i);
		assert_null(policy->process.exec.items);
	}
	cleanup_policy struct policy *small =
		accept_in("none", "[process]\nseccomp = \"essential\"");
	assert_int_equal(small->process.seccomp, SANDBOX_PROFILE_ESSENTIAL);
	cleanup_policy struct policy *two =
		accept_in("lockdown", "[process]\nexec = [\"/usr/bin/git\", \"/bin/sh\"]");
	assert_int_equal(two->process.exec.count, 2);
	assert_string_equal(two->process.exec.items[1], "/bin/sh");
	cleanup_policy struct policy *none = accept_in("hardened", "[process]\nexec = []");
	assert_int_equal(none->process.exec.count, 0);
	assert_non_null(none->process.exec.items);
}

static void keys_without_effect_in_a_tier(void **state) {
	(void)state;
	refuse_in("none", "[network]\naccess = \"none\"",
	          "f:5:10: network.access: \"none\" has no effect");
	refuse_in("none", "[network]\nunix = false", "network.unix: has no effect in tier 'none'");
	refuse_in("none", "[process]\nexec = []",
	          "f:5:1: process.exec: has no effect in tier 'none'");
	refuse_in("none", "[process]\nseccomp = \"unrestricted\"",
	          "f:5:11: process.seccomp: \"unrestricted\" has no");
	for (int i = 0; i < 3; i++) {
		cleanup_policy struct policy *policy = accept_in(
			policy_tier_name((enum sandbox_tier)i), "[network]\nlisten = true");
		assert_true(policy->network.listen);
	}
}

/* A list of `count` entries inside `format`, which has one %s. */
static char *many(size_t count, const char *entry, const char *separator) {
	char *text = calloc(count * (strlen(entry) + strlen(separator) + 8) + 64, 1);
	char *at = text;
	for (size_t i = 0; i < count; i++) {
		at += sprintf(at, "%s", i ? separator : "");
		const char *number = strchr(entry, '#');
		at += number ? sprintf(at, "%.*s%zu%s", (int)(number - entry), entry, i, number + 1)
		             : sprintf(at, "%s", entry);
	}
	return text;
}

static int parse_many(const char *before, size_t count, const char *entry, const char *separator,
                      const char *after) {
	struct error err = {0};
	cleanup_policy struct policy *policy = NULL;
	cleanup_free char *list = many(count, entry, separator);
	cleanup_free char *text = NULL;
	assert_true(asprintf(&text, HEAD("none") "%s%s%s\n", before, list, after) > 0);
	int r = parse(text, &policy, &err);
	return r;
}

static void counts_are_bounded(void **state) {
	(void)state;
	static const char hash[] = "\"sha256:" HEX "\"";
	assert_int_equal(parse_many("hash = [", 64, hash, ",", "]"), 0);
	assert_int_equal(parse_many("hash = [", 65, hash, ",", "]"), -EBADMSG);
	assert_int_equal(parse_many("[secrets]\n", 256, "V# = \"s\"", "\n", ""), 0);
	assert_int_equal(parse_many("[secrets]\n", 257, "V# = \"s\"", "\n", ""), -EBADMSG);
	assert_int_equal(parse_many("[environment.set]\n", 256, "V# = \"s\"", "\n", ""), 0);
	assert_int_equal(parse_many("[environment.set]\n", 257, "V# = \"s\"", "\n", ""), -EBADMSG);
	static const char script[] = "[script]\ninterpreter = \"/a\"\noptions = [";
	assert_int_equal(parse_many(script, 64, "\"-x\"", ",", "]"), 0);
	assert_int_equal(parse_many(script, 65, "\"-x\"", ",", "]"), -EBADMSG);
	/* MAX_ARG_STRLEN: name, '=' and NUL count too. */
	static const char set[] = "[environment]\nset = { A = \"";
	assert_int_equal(parse_many(set, 128 * 1024 - 3, "x", "", "\" }"), 0);
	assert_int_equal(parse_many(set, 128 * 1024 - 2, "x", "", "\" }"), -EBADMSG);
}

static void long_keys_are_cut_in_messages(void **state) {
	(void)state;
	cleanup_free char *key = many(3000, "k", "");
	cleanup_free char *rest = NULL;
	assert_true(asprintf(&rest, "[environment.set]\n%s = 1", key) > 0);
	refuse_in("none", rest, "environment.set.kkk");
}

static void tiers_by_name(void **state) {
	(void)state;
	enum sandbox_tier tier = SANDBOX_TIER_LOCKDOWN;
	assert_int_equal(policy_tier_parse("hardened", &tier), 0);
	assert_int_equal(tier, SANDBOX_TIER_HARDENED);
	assert_int_equal(policy_tier_parse("Hardened", &tier), -EINVAL);
	assert_int_equal(tier, SANDBOX_TIER_HARDENED);
	assert_null(policy_tier_name((enum sandbox_tier)3));
}

/* What is shipped must at least be a policy; its place must be its command. */
static void shipped_policies_are_good(void **state) {
	(void)state;
	static const char *const commands[] = {"/usr/bin/gh", "/usr/bin/psql"};
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		static char text[64 * 1024];
		char path[4096];
		struct error err = {0};
		cleanup_policy struct policy *policy = NULL;
		snprintf(path, sizeof(path), TOP_SRCDIR "/policies%s.toml", commands[i]);
		FILE *file = fopen(path, "re");
		if (!file)
			fail_msg("cannot read %s", path);
		size_t size = fread(text, 1, sizeof(text), file);
		fclose(file);
		if (policy_parse(text, size, path, &policy, &err) != 0)
			fail_msg("%s", err.text);
		assert_string_equal(policy->command, commands[i]);
	}
}

int main(void) {
	if (sodium_init() < 0)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_is_required),
		cmocka_unit_test(mistakes_are_named_with_their_place),
		cmocka_unit_test(commands_are_absolute_and_normal),
		cmocka_unit_test(rejected_values_are_not_echoed),
		cmocka_unit_test(defaults_of_each_tier),
		cmocka_unit_test(system_mode_has_other_defaults),
		cmocka_unit_test(top_level_keys),
		cmocka_unit_test(secrets_both_ways),
		cmocka_unit_test(templates_and_the_caller),
		cmocka_unit_test(deliveries_and_masking),
		cmocka_unit_test(script_table),
		cmocka_unit_test(environment_table),
		cmocka_unit_test(filesystem_and_network),
		cmocka_unit_test(places_and_identity),
		cmocka_unit_test(places_at_odds),
		cmocka_unit_test(process_table),
		cmocka_unit_test(keys_without_effect_in_a_tier),
		cmocka_unit_test(counts_are_bounded),
		cmocka_unit_test(long_keys_are_cut_in_messages),
		cmocka_unit_test(tiers_by_name),
		cmocka_unit_test(shipped_policies_are_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
