#include "util/proc.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int proc_field(int dirfd, const char *path, const char *name, int *ret_value) {
	char text[4096] = "";
	const size_t length = strlen(name);
	cleanup_fd int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -errno;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return sscanf(line + length + 1, "%d", ret_value) == 1 ? 0 : -EPROTO;
	}
	return -EPROTO;
}
