#ifndef ENVSEAL_AUDIT_SYSLOG_H
#define ENVSEAL_AUDIT_SYSLOG_H

#include <stddef.h>

/* The sink: syslog's local socket, written to by hand (doc/decisions/audit.md has the reasons). */

#define AUDIT_SYSLOG_SOCKET "/dev/log"

/* <syslog.h> has its numbers only together with its functions, which must not be used here. */
enum audit_severity {
	AUDIT_WARNING = 4,
	AUDIT_NOTICE = 5,
};

/*
 * Sends `text`, of at most AUDIT_LINE_MAX bytes, as one datagram of the facility authpriv. Never waits.
 * A negative errno when it was not taken: -ENOENT, -ECONNREFUSED (nobody listens, or no socket),
 * -EPROTOTYPE (not a datagram socket), -EAGAIN (the reader's queue is full), -EMFILE ...
 */
int audit_syslog_send(const char *socket_path, enum audit_severity severity, const char *text, size_t size);

#endif
