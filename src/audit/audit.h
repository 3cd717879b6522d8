#ifndef ENVSEAL_AUDIT_AUDIT_H
#define ENVSEAL_AUDIT_AUDIT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Records who was allowed, or refused, to run what with which secrets: one line for each decision.
 * A record contains names only, never a value or an argument.
 */
struct audit_record {
	uid_t uid; /* the real one: who asked */
	const char *mode;
	const char *tier;    /* NULL: not known yet when it was refused; so below */
	const char *command; /* its absolute name */
	const char *policy;  /* the policy's file */
	size_t secret_count; /* the names that the policy has: secret(secrets, 0) and so on */
	const char *(*secret)(const void *secrets, size_t index);
	const void *secrets;
	const char *refusal; /* why not; NULL: allowed */
};

/*
 * Room for every line with its NUL, and the length that syslog receivers should accept (RFC 5424,
 * section 6.1).
 */
#define AUDIT_LINE_MAX 2048

/*
 * Formats the line: "allowed" or "refused", then name=value, each value quoted, or "-" when absent.
 * Bytes that are not printable ASCII become \xNN, so that nobody can forge a second line or a
 * field. Each field has a maximum length, and "..." after its quote marks a cut, so that a long
 * path cannot push other fields out. Returns the length.
 */
size_t audit_format(const struct audit_record *record, char ret_line[static AUDIT_LINE_MAX]);

/*
 * Sends the line to the system's log, facility authpriv. Never waits and never fails: if a run
 * waited for the log, any user could block all others by stalling it. Leaves no descriptor open.
 */
void audit_decision(const struct audit_record *record);

#endif
