#ifndef ENVSEAL_AUDIT_SYSLOG_H
#define ENVSEAL_AUDIT_SYSLOG_H

#include <stddef.h>

/* Writes to syslog's local socket directly (doc/decisions/audit.md has the reasons). */

#define AUDIT_SYSLOG_SOCKET "/dev/log"

/* These numbers are in <syslog.h>, whose functions must not be used here. */
enum audit_severity {
	AUDIT_WARNING = 4,
	AUDIT_NOTICE = 5,
};

/*
 * Sends `text`, of at most AUDIT_LINE_MAX bytes, as one datagram of the facility authpriv. Never
 * waits. A negative errno when it was not accepted: -ENOENT, -ECONNREFUSED (no socket, or nobody
 * listens), -EPROTOTYPE (not a datagram socket), -EAGAIN (the queue is full), -EMFILE ...
 */
int audit_syslog_send(const char *socket_path, enum audit_severity severity, const char *text,
                      size_t size);

#endif
