#include "unit.h"

#include "policy/layers.h"
#include "policy/variables.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void names(void **state) {
	(void)state;
	static const char *const good[] = {"A", "_", "_x", "GH_TOKEN", "a1"};
	static const char *const bad[] = {"",        "1A", "A-B", "A B", "A=B", "BASH_FUNC_x%%",
	                                  "\xc3\x84"};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(variable_name_ok(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(variable_name_ok(bad[i]));
}

static void code_cannot_be_brought_in(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const rows[] = {
		"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "GCONV_PATH", "BASH_ENV",
		"ENV", "PS4", "BASH_FUNC_ls%%", "SHELLOPTS", "BASHOPTS", "IFS", "ZDOTDIR", "FPATH",
		"PERL5OPT", "PERL5LIB", "PERL5DB", "PERLLIB", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME",
		"RUBYOPT", "RUBYLIB", "NODE_OPTIONS", "NODE_PATH", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS",
		"JDK_JAVA_OPTIONS", "CLASSPATH", "LUA_INIT", "LUA_PATH_5_4", "PHPRC", "TCLLIBPATH",
		"DOTNET_STARTUP_HOOKS", "CORECLR_PROFILER", "R_PROFILE_USER", "ERL_FLAGS", "GUILE_LOAD_PATH",
		"MAKEFLAGS", "GCC_EXEC_PREFIX", "TAR_OPTIONS", "PROMPT_COMMAND", "ENVSEAL_VAULT",
		"ASAN_OPTIONS", "GIO_EXTRA_MODULES", "QT_PLUGIN_PATH", "MALLOC_CONF", "_RJEM_MALLOC_CONF",
		"OCAMLRUNPARAM", "GHCRTS", "ELECTRON_RUN_AS_NODE", "TEXTDOMAINDIR", "TEXTDOMAIN",
		"LIBMYSQL_PLUGINS", "LIBMYSQL_PLUGIN_DIR", "LIBSMB_PROG", "TPM2TOOLS_TCTI",
	};
	/* clang-format on */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!variable_forbidden(rows[i]) || !variable_not_inheritable(rows[i]))
			fail_msg("%s", rows[i]);
	}
}

static void the_secret_cannot_be_aimed_elsewhere(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const rows[] = {
		"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE",
		"NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED", "SSLKEYLOGFILE", "OPENSSL_CONF",
		"http_proxy", "HTTPS_PROXY", "no_proxy", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS",
		"TERMINFO", "TERMINFO_DIRS", "PGHOST", "PGOPTIONS", "AWS_ENDPOINT_URL", "GH_HOST", "GH_DEBUG",
		"GIT_SSH_COMMAND", "GIT_TRACE_CURL", "KUBECONFIG", "SSH_AUTH_SOCK", "PATH", "TMPDIR",
		"XDG_CONFIG_HOME", "PAGER", "MANPAGER", "GH_PAGER", "LESSOPEN", "EDITOR", "VISUAL",
		"GIT_EDITOR", "BROWSER", "GODEBUG", "RUST_LOG", "DEBUG", "DBUS_SESSION_BUS_ADDRESS",
		"KRB5_CONFIG", "NETRC", "JAVA_HOME", "CC", "CFLAGS", "SUDO_USER", "TZDIR", "GNUPGHOME",
		"LDAPURI", "LDAPTLS_CACERT", "TDSDUMP", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
	};
	/* clang-format on */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (variable_forbidden(rows[i]) || !variable_not_inheritable(rows[i]))
			fail_msg("%s", rows[i]);
	}
}

static void ordinary_variables_pass(void **state) {
	(void)state;
	static const char *const inherited[] = {
		"USER", "LOGNAME", "TERM",  "COLORTERM", "LANG",     "LANGUAGE", "LC_ALL",
		"TZ",   "HOME",    "SHELL", "DISPLAY",   "NO_COLOR", "COLUMNS",
	};
	static const char *const secrets[] = {
		"GH_TOKEN",         "GEM_HOST_API_KEY",      "VK_TOKEN",     "BUNDLE_GITHUB__COM",
		"RUBYGEMS_API_KEY", "PROMPTFOO_API_KEY",     "DATABASE_URL", "API_KEY",
		"PGPASSWORD",       "AWS_SECRET_ACCESS_KEY", "NPM_TOKEN",    "R_TOKEN",
	};
	for (size_t i = 0; i < ARRAY_SIZE(inherited); i++) {
		if (variable_not_inheritable(inherited[i]))
			fail_msg("%s", inherited[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		if (variable_forbidden(secrets[i]))
			fail_msg("%s", secrets[i]);
	}
}

static void values_as_sudo_checks_them(void **state) {
	(void)state;
	static const struct {
		const char *name, *value;
		bool ok;
	} rows[] = {
		{"LANG", "en_US.UTF-8", true},
		{"LANG", "", true},
		{"LANG", "../../tmp/x", false},
		{"LC_ALL", "%s", false},
		{"LC_MESSAGES", "/tmp", false},
		{"LANGUAGE", "de:en", true},
		{"LANGUAGE", "de:/tmp", false},
		{"LINGUAS", "%n", false},
		{"TERM", "xterm-256color", true},
		{"TERM", "../x", false},
		{"COLORTERM", "truecolor", true},
		{"COLORTERM", "a%b", false},
		{"TZ", "Europe/Berlin", true},
		{"TZ", ":Europe/Berlin", true},
		{"TZ", "CET-1CEST,M3.5.0,M10.5.0/3", true},
		{"TZ", "/usr/share/zoneinfo/UTC", true},
		{"TZ", ":/usr/share/zoneinfo/UTC", true},
		{"TZ", "/usr/share/zoneinfo/../../../tmp/x", false},
		{"TZ", "/usr/share/zoneinfox", false},
		{"TZ", "/tmp/x", false},
		{"TZ", ":/tmp/x", false},
		{"TZ", "..", false},
		{"TZ", "a/..", false},
		{"TZ", "a..b", true},
		{"TZ", "a b", false},
		{"TZ", "a\tb", false},
		{"TZ", "\xff", false},
		{"HOME", "/home/u", true},
		{"USER", "100%", true},
		{"ANY", "() { :; }; id", false},
		{"LANG", "() { :; }; id", false},
		{"LC_ALL", "() { :; }; id", false},
		{"TERM", "() { :; }; id", false},
		{"TZ", "() { :; }; id", false},
		{"TZ", "(){:;};id", false},
		{"ANY", "a()", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (variable_value_ok(rows[i].name, rows[i].value) != rows[i].ok)
			fail_msg("%s='%s'", rows[i].name, rows[i].value);
	}
	char longer[PATH_MAX + 1];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_false(variable_value_ok("TZ", longer));
	assert_true(variable_value_ok("USER", longer));
}

/* A name that the pattern matches: "X" for each "*", the first of the characters in brackets. */
static void example(const char *pattern, size_t length, char name[static 64]) {
	size_t n = 0;
	for (size_t i = 0; i < length; i++) {
		const char *end = pattern[i] == '[' ? memchr(pattern + i, ']', length - i) : NULL;
		name[n++] = pattern[i] == '*' ? 'X' : end ? pattern[i + 1] : pattern[i];
		if (end)
			i = (size_t)(end - pattern);
	}
	name[n] = '\0';
}

/* Each `PATTERN` in the first column of the manual's table below `heading`; returns how many. */
static size_t check_table(const char *manual, const char *heading, bool forbidden) {
	size_t count = 0;
	const char *line = strstr(manual, heading);
	assert_non_null(line);
	for (line = strstr(line, "| `"); line && *line == '|'; line = strchr(line, '\n') + 1) {
		const char *cell = strstr(line, " | ");
		for (const char *at = strchr(line, '`'); at && at < cell;
		     at = strchr(at + 1, '`')) {
			char name[64];
			const char *end = strchr(++at, '`');
			example(at, (size_t)(end - at), name);
			if (!variable_not_inheritable(name) ||
			    (variable_forbidden(name) != NULL) != forbidden)
				fail_msg("%s is not treated as below '%s'", name, heading);
			at = end;
			count++;
		}
	}
	return count;
}

static size_t rows_in(const struct variable_rule *rule) {
	size_t count = 0;
	while (rule[count].pattern)
		count++;
	return count;
}

/* The reference manual names every row of a table; it lies beside the sources. */
static void check_documented(const char *manual, const struct variable_rule *rule) {
	for (; rule->pattern; rule++) {
		char quoted[64];
		snprintf(quoted, sizeof(quoted), "`%s`", rule->pattern);
		if (!strstr(manual, quoted))
			fail_msg("doc/formats/policy.md does not name %s", quoted);
	}
}

static void tables_are_documented(void **state) {
	(void)state;
	static char manual[256 * 1024];
	static const char path[] = TOP_SRCDIR "/doc/formats/policy.md";
	FILE *file = fopen(path, "re");
	if (!file)
		fail_msg("cannot read %s", path);
	size_t size = fread(manual, 1, sizeof(manual) - 1, file);
	fclose(file);
	manual[size] = '\0';
	check_documented(manual, variable_rules_forbidden);
	check_documented(manual, variable_rules_not_inheritable);
	/* And the other way round: the manual is the list against which the tables are held. */
	assert_int_equal(check_table(manual, "### Names that nobody may set", true),
	                 rows_in(variable_rules_forbidden));
	assert_int_equal(check_table(manual, "### Names that the caller may not pass on", false),
	                 rows_in(variable_rules_not_inheritable));
}

static void no_row_is_hidden_by_another(void **state) {
	(void)state;
	static const struct variable_rule *const tables[] = {
		variable_rules_forbidden,
		variable_rules_not_inheritable,
	};
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct variable_rule *a = tables[t]; a->pattern; a++) {
			assert_true(strlen(a->reason) > 5);
			for (const struct variable_rule *b = tables[t]; b->pattern; b++) {
				if (a != b && strcmp(a->pattern, b->pattern) == 0)
					fail_msg("%s twice", a->pattern);
			}
		}
	}
}

static void layers_of_a_user(void **state) {
	(void)state;
	struct error err;
	static const struct {
		const char *config, *home, *first;
	} rows[] = {
		{"/c", "/home/u", "/c/envseal"},
		{"/c/", "/home/u", "/c/envseal"},
		{"", "/home/u", "/home/u/.config/envseal"},
		{"relative", "/home/u", "/home/u/.config/envseal"},
		{NULL, "/home/u", "/home/u/.config/envseal"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_layers struct layers layers = {0};
		assert_int_equal(layers_for_user(rows[i].config, rows[i].home, &layers, &err), 0);
		assert_string_equal(layers.paths[0], rows[i].first);
		assert_string_equal(layers.paths[1], ENVSEAL_SYSCONFDIR "/envseal");
		assert_string_equal(layers.paths[2], "/run/envseal");
		assert_string_equal(layers.paths[3], ENVSEAL_LOCALSTATEDIR "/lib/envseal");
		for (size_t a = 0; a < layers.count; a++)
			for (size_t b = 0; b < a; b++)
				assert_string_not_equal(layers.paths[a], layers.paths[b]);
	}
	struct layers none = {0};
	assert_int_equal(layers_for_user("c", "", &none, &err), -EINVAL);
	assert_null(none.paths);
}

static void layers_from_a_list(void **state) {
	(void)state;
	struct error err;
	cleanup_layers struct layers layers = {0};
	assert_int_equal(layers_parse("/b:/a:/b", &layers, &err), 0);
	assert_int_equal(layers.count, 2);
	assert_string_equal(layers.paths[0], "/b");
	assert_string_equal(layers.paths[1], "/a");
	static const char *const bad[] = {"",  ":",   "/a:",     ":/a", "/a::/b",
	                                  "a", "/a/", "/a/../b", "/a:b"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct layers none = {0};
		assert_int_equal(layers_parse(bad[i], &none, &err), -EINVAL);
		assert_null(none.paths);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(code_cannot_be_brought_in),
		cmocka_unit_test(the_secret_cannot_be_aimed_elsewhere),
		cmocka_unit_test(ordinary_variables_pass),
		cmocka_unit_test(values_as_sudo_checks_them),
		cmocka_unit_test(tables_are_documented),
		cmocka_unit_test(no_row_is_hidden_by_another),
		cmocka_unit_test(layers_of_a_user),
		cmocka_unit_test(layers_from_a_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
