#ifndef ENVSEAL_POLICY_VARIABLES_H
#define ENVSEAL_POLICY_VARIABLES_H

#include <stdbool.h>

/*
 * The two tables of environment variable names, each row with its reason (doc/formats/policy.md).
 */

/* [A-Za-z_][A-Za-z0-9_]* */
bool variable_name_ok(const char *name);

/* Why this variable cannot be set, by policy or from outside: NULL when it may be set. */
const char *variable_forbidden(const char *name);

/* Why the caller may not pass this variable on (a policy may set it): NULL when it may. */
const char *variable_not_inheritable(const char *name);

/*
 * Whether an inherited value is harmless by sudo's rules: LANG, LC_*, TERM and the like without "/"
 * and "%", TZ as sudoers(5) says under "Command environment"; and no value may look like a shell
 * function that an old bash would take over. True otherwise.
 */
bool variable_value_ok(const char *name, const char *value);

/* A row of a table: an fnmatch(3) pattern and why. The tables end with a row without a pattern. */
struct variable_rule {
	const char *pattern;
	const char *reason;
};

/* The tables themselves, so that a test can hold the reference manual against them. */
extern const struct variable_rule variable_rules_forbidden[];
extern const struct variable_rule variable_rules_not_inheritable[];

#endif
