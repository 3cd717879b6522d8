#ifndef ENVSEAL_CMD_CHECK_CHECK_H
#define ENVSEAL_CMD_CHECK_CHECK_H

#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/policy/state.h"
#include "cmd/policy/walk.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The codes of `policy check`, and the rules that find them. `policy report` and `policy edit`
 * use them too.
 */

enum check_severity {
	CHECK_ERROR,   /* it does not run, or not as the policy says */
	CHECK_WARNING, /* it runs, and is weaker than it could be */
	CHECK_NOTE,    /* worth knowing; no reason to fail */
};

enum check_code {
	CHECK_INVALID,
	CHECK_UNUSABLE,
	CHECK_PLACE,
	CHECK_NOT_INSTALLED,
	CHECK_UNPINNED,
	CHECK_CHANGED,
	CHECK_UNTRUSTED,
	CHECK_NOT_APPROVED,
	CHECK_GRANT_UNUSABLE,
	CHECK_SECRET_MISSING,
	CHECK_SECRET_UNUSABLE,
	CHECK_EXPIRED,
	CHECK_TIER_NONE,
	CHECK_INTERPRETER,
	CHECK_PYTHON_PATH,
	CHECK_MUTABLE,
	CHECK_WRITABLE_HOME,
	CHECK_GRANT_ORPHAN,
	CHECK_PIN_ORPHAN,
	CHECK_EXPIRES_SOON,
	CHECK_HASH_SLOW,
	CHECK_SECRET_SHORT,
	CHECK_SECRET_GUESSABLE,
	CHECK_SHADOWED,
	CHECK_MASKED,
	CHECK_CODES,
};

struct check_kind {
	const char *code;
	enum check_severity severity;
	const char *line;        /* what it means, in one line */
	const char *explanation; /* why it matters, and what to do */
};

extern const struct check_kind check_kinds[CHECK_CODES];
const char *check_severity_name(enum check_severity severity);

struct check_finding {
	const struct check_kind *kind;
	const char *file;
	const char *command; /* NULL: none is known */
	unsigned int line;   /* 0: none */
	unsigned int column;
	const char *text; /* without the place */
};

/* What to check, and where findings go. */
struct checker {
	const struct layers *layers;      /* NULL: a file on its own */
	const struct policy_vault *vault; /* NULL: approvals and secrets are not checked */
	void (*each)(void *context, const struct check_finding *finding);
	void *context;
};

/* For rules: `key` ("tier", "secrets.GH_TOKEN"; NULL: none) gives the line and begins the text. */
void check_add(const struct checker *checker, enum check_code code,
               const struct policy_loaded *loaded, const char *key, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* `text` may begin with "FILE:LINE:COLUMN: ", as errors do, or with "FILE: ". */
void check_add_file(const struct checker *checker, enum check_code code, const char *file,
                    const char *command, const char *text);

/* rules.c: a policy in force, and the rules that need only its text. */
void check_policy(const struct checker *checker, const struct policy_loaded *loaded,
                  const char *profile);
void check_text(const struct checker *checker, const struct policy_loaded *loaded);

/* interpreters.c: commands that execute other code than their own. */
/* Whether a command of that name executes what its arguments say. */
bool check_runs_anything(const char *command);
void check_interpreters(const struct checker *checker, const struct policy_loaded *loaded);
/* The same for the interpreter in the command's header, if the policy names none. */
void check_header(const struct checker *checker, const struct policy_loaded *loaded);

/* files.c: every file in the layers. A bad file does not stop the others. */
void check_all_policies(const struct checker *checker, struct policy_set *set);

/* files.c: a single file, perhaps of a package that is being built: only its text. */
void check_single_file(const struct checker *checker, const char *file);

#endif
