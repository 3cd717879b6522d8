#ifndef ENVSEAL_AUDIT_AUDIT_H
#define ENVSEAL_AUDIT_AUDIT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Who was allowed to run what with which secrets, and who was not: one line for each decision. A
 * record has names only. No value and no argument of a command ever comes here.
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

/* Every line fits, with its NUL. Also what a receiver of syslog should take (RFC 5424, section 6.1). */
#define AUDIT_LINE_MAX 2048

/*
 * The line: "allowed" or "refused", then name=value, each value quoted or "-" where there is none. What
 * is not printable ASCII becomes \xNN, so nobody can forge a second line or a field. Each field has a
 * length of its own, "..." behind its quote says that it was cut: no long path pushes another one out.
 * Returns the length.
 */
size_t audit_format(const struct audit_record *record, char ret_line[static AUDIT_LINE_MAX]);

/*
 * Sends the line to the system's log, facility authpriv. Never waits and cannot fail as far as the
 * caller is concerned: no logger's state changes what is decided. Leaves no descriptor behind.
 */
void audit_decision(const struct audit_record *record);

#endif
