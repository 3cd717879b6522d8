#include "cmd/check.h"

#include "policy/arguments.h"
#include "util/cleanup.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

/* By their last component; a version may follow. */
static const char *const interpreters[] = {
	"sh",     "bash",       "dash",      "ash",        "zsh",       "ksh*",      "mksh",         "yash",
	"fish",   "csh",        "tcsh",      "rbash",      "busybox*",  "python",    "python[0-9]*", "pypy*",
	"perl",   "perl[0-9]*", "ruby",      "ruby[0-9]*", "irb*",      "node",      "nodejs",       "deno",
	"bun",    "php",        "php[0-9]*", "lua",        "lua[0-9]*", "luajit*",   "tclsh*",       "wish*",
	"expect", "awk",        "gawk",      "mawk",       "nawk",      "guile*",    "Rscript",      "julia",
	"groovy", "jshell",     "erl",       "escript",    "ocaml",     "execlineb", "env",          "xargs",
	"nohup",  "nice",       "timeout",   "setsid",     "stdbuf",    "sudo",
};

static const char *const pythons[] = {"python", "python[0-9]*"};

static bool is_one_of(const char *path, const char *const names[], size_t count) {
	const char *slash = strrchr(path, '/');
	for (size_t i = 0; i < count; i++) {
		if (fnmatch(names[i], slash ? slash + 1 : path, 0) == 0)
			return true;
	}
	return false;
}

/* "-I", or among other switches that take no value: "-bI" (python's manual, "Command line"). */
static bool isolates(const struct policy_strings *options) {
	for (size_t i = 0; i < options->count; i++) {
		const char *option = options->items[i];
		size_t plain = strspn(option, "-bBdEhiOPqsSuvVx");
		if (option[0] == '-' && option[1] != '-' && option[plain] == 'I')
			return true;
	}
	return false;
}

bool check_runs_anything(const char *command) {
	return is_one_of(command, interpreters, ARRAY_SIZE(interpreters));
}

/* Whoever may run it may tell it to do anything. */
static void rule_arguments(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	if (!policy->script.interpreter && policy->secret_count > 0 && !arguments_limited(policy) &&
	    check_runs_anything(policy->command))
		check_add(
			checker, CHECK_INTERPRETER, loaded, NULL,
			"arguments.allow: the command runs whatever its arguments say, with the secrets; allow only "
			"certain ones, or write the policy for a script");
}

static void rule_python(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	const char *interpreter = policy->script.interpreter;
	const struct policy_strings *options =
		interpreter ? &policy->script.options : &policy->arguments.prepend;
	if (!is_one_of(interpreter ? interpreter : policy->command, pythons, ARRAY_SIZE(pythons)) ||
	    isolates(options))
		return;
	check_add(
		checker, CHECK_PYTHON_PATH, loaded, NULL, "%s",
		interpreter
			? "script.options: without \"-I\" python takes modules from the script's directory and "
			  "the user's"
			: "arguments.prepend: without \"-I\" python takes modules from the working directory "
			  "and the user's");
}

void check_interpreters(const struct checker *checker, const struct policy_loaded *loaded) {
	rule_arguments(checker, loaded);
	rule_python(checker, loaded);
}
