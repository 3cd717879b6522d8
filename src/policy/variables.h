#ifndef ENVSEAL_POLICY_VARIABLES_H
#define ENVSEAL_POLICY_VARIABLES_H

#include <stdbool.h>

/* The two tables of environment variable names, each row with its reason (doc/formats/policy.md). */

/* [A-Za-z_][A-Za-z0-9_]* */
bool variable_name_ok(const char *name);

/* Why nobody may set this variable, by policy or from outside: NULL when it may be set. */
const char *variable_forbidden(const char *name);

/* Why the caller may not pass this variable on (a policy may set it): NULL when it may. */
const char *variable_not_inheritable(const char *name);

/*
 * Whether an inherited value is harmless by sudo's rules: LANG, LC_*, TERM and the like without "/"
 * and "%", TZ as sudoers(5) says under "Command environment". True for variables without a rule.
 */
bool variable_value_ok(const char *name, const char *value);

#endif
