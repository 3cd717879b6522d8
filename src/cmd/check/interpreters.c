#include "cmd/check/check.h"

#include "pin/header.h"
#include "policy/arguments.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* Names of files, without directories; a version may follow. */
static const char *const interpreters[] = {
	"sh",           "bash",    "dash",   "ash",        "zsh",    "ksh*",       "mksh",
	"yash",         "fish",    "csh",    "tcsh",       "rbash",  "busybox*",   "python",
	"python[0-9]*", "pypy*",   "perl",   "perl[0-9]*", "ruby",   "ruby[0-9]*", "irb*",
	"node",         "nodejs",  "deno",   "bun",        "php",    "php[0-9]*",  "lua",
	"lua[0-9]*",    "luajit*", "tclsh*", "wish*",      "expect", "awk",        "gawk",
	"mawk",         "nawk",    "guile*", "Rscript",    "julia",  "groovy",     "jshell",
	"erl",          "escript", "ocaml",  "execlineb",  "env",    "xargs",      "nohup",
	"nice",         "timeout", "setsid", "stdbuf",     "sudo",
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

/* Whoever may run such a command can make it do anything. */
static void rule_arguments(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	if (!policy->script.interpreter && policy->secret_count > 0 && !arguments_limited(policy) &&
	    check_runs_anything(policy->command))
		check_add(checker, CHECK_INTERPRETER, loaded, NULL,
		          "arguments.allow: the command executes what its arguments say, with "
		          "the secrets; allow only certain arguments, or write the policy for "
		          "a script");
}

/*
 * Interpreters that still read options after the script's name, some of which execute code, and
 * the option that stops them, if there is one (gawk's manual, "Executable Scripts").
 */
static const struct {
	const char *name;
	const char *remedy; /* the last option before the script; NULL: none */
} readers[] = {
	{"gawk", "-E"}, {"gawk", "--exec"}, {"awk", NULL}, {"mawk", NULL}, {"nawk", NULL},
	{"make", NULL}, {"gmake", NULL},    {"sed", NULL}, {"gsed", NULL}, {"m4", NULL},
};

/* The interpreter of a script, and its options before the script's name. */
struct reader {
	const char *interpreter;
	struct policy_strings options;
	bool named; /* in the policy */
};

static bool reads_on(const struct reader *reader) {
	const struct policy_strings *options = &reader->options;
	const char *last = options->count > 0 ? options->items[options->count - 1] : "";
	bool known = false;
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		if (!is_one_of(reader->interpreter, &readers[i].name, 1))
			continue;
		if (readers[i].remedy && strcmp(last, readers[i].remedy) == 0)
			return false;
		known = true;
	}
	return known;
}

static void rule_reader(const struct checker *checker, const struct policy_loaded *loaded,
                        const struct reader *reader) {
	if (loaded->policy->secret_count > 0 && !arguments_limited(loaded->policy) &&
	    reads_on(reader))
		check_add(checker, CHECK_INTERPRETER, loaded,
		          reader->named ? "script.interpreter" : NULL,
		          "'%s' also takes options after the script, and some execute what "
		          "the caller says; allow only certain arguments%s",
		          reader->interpreter,
		          is_one_of(reader->interpreter, &readers[0].name, 1)
		                  ? ", or give it -E in place of -f"
		                  : "");
}

static void rule_python_script(const struct checker *checker, const struct policy_loaded *loaded,
                               const struct reader *reader) {
	if (is_one_of(reader->interpreter, pythons, ARRAY_SIZE(pythons)) &&
	    !isolates(&reader->options))
		check_add(checker, CHECK_PYTHON_PATH, loaded, NULL,
		          "%s: without \"-I\" python takes modules from "
		          "the script's directory and the user's",
		          reader->named ? "script.options" : "the script's header");
}

static void rule_python(const struct checker *checker, const struct policy_loaded *loaded) {
	if (is_one_of(loaded->policy->command, pythons, ARRAY_SIZE(pythons)) &&
	    !isolates(&loaded->policy->arguments.prepend))
		check_add(checker, CHECK_PYTHON_PATH, loaded, NULL,
		          "arguments.prepend: without \"-I\" python takes modules from "
		          "the working directory "
		          "and the user's");
}

static void judge(const struct checker *checker, const struct policy_loaded *loaded,
                  const struct reader *reader) {
	rule_reader(checker, loaded, reader);
	rule_python_script(checker, loaded, reader);
}

void check_interpreters(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	const struct reader reader = {policy->script.interpreter, policy->script.options, true};
	rule_arguments(checker, loaded);
	if (reader.interpreter)
		judge(checker, loaded, &reader);
	else
		rule_python(checker, loaded);
}

void check_header(const struct checker *checker, const struct policy_loaded *loaded) {
	struct stat st;
	struct error ignored;
	cleanup_script_header struct script_header header = {0};
	const char *command = loaded->policy->command;
	if (loaded->policy->script.interpreter)
		return;
	cleanup_fd int fd = open(command, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    script_header_read(fd, command, &header, &ignored) < 0)
		return;
	struct reader reader = {header.interpreter ? header.interpreter : header.name,
	                        {.items = header.options},
	                        false};
	while (header.options[reader.options.count])
		reader.options.count++;
	judge(checker, loaded, &reader);
}
