#include "audit/syslog.h"

#include "audit/audit.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define AUTHPRIV 10

/*
 * RFC 3164's form for a local socket, without a time: receivers add their own, and finding the
 * local time would mean to read the caller's TZ or files.
 */
static int make_header(enum audit_severity severity, char ret_text[static 64]) {
	return snprintf(ret_text, 64, "<%d>envseal-exec[%d]: ", AUTHPRIV * 8 + (int)severity,
	                (int)getpid());
}

static int connect_to(const char *socket_path, int *ret_fd) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(socket_path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	cleanup_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int audit_syslog_send(const char *socket_path, enum audit_severity severity, const char *text,
                      size_t size) {
	char header[64];
	struct iovec parts[] = {
		{.iov_base = header, .iov_len = (size_t)make_header(severity, header)},
		{.iov_base = (char *)text,
	         .iov_len = size < AUDIT_LINE_MAX ? size : AUDIT_LINE_MAX},
	};
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts)};
	cleanup_fd int fd = -1;
	int r = connect_to(socket_path, &fd);
	if (r < 0)
		return r;
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
