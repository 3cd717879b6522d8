/* The ways that lockdown leaves open, as SECURITY.md says: bits that get out without a write. */
#include "ways.h"

#include <linux/fs.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static bool lock_file(char *argument) {
	(void)argument;
	return flock(open(stage_path("kept"), O_RDONLY | O_CLOEXEC), LOCK_EX) == 0;
}

static bool lock_range(char *argument) {
	struct flock range = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 4711, .l_len = 1};
	(void)argument;
	return fcntl(open(stage_path("kept"), O_RDONLY | O_CLOEXEC), F_SETLK, &range) == 0;
}

static bool read_fifo(char *argument) {
	(void)argument;
	return open(stage_path("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC) >= 0;
}

static bool rename_itself(char *argument) {
	(void)argument;
	return prctl(PR_SET_NAME, "LEAK", 0, 0, 0) == 0;
}

static bool rewrite_argument(char *argument) {
	memcpy(argument, "LEAK", 4);
	return true;
}

static bool open_file(char *argument) {
	(void)argument;
	return open(stage_path("kept"), O_RDONLY | O_CLOEXEC) >= 0;
}

/* Both quotas are the user's. */
static bool fill_pipes(char *argument) {
	int ends[2];
	(void)argument;
	while (pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0)
		continue;
	return errno == EPERM;
}

static bool send_descriptors(char *argument) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
	                        .cmsg_level = SOL_SOCKET,
	                        .cmsg_type = SCM_RIGHTS}};
	struct iovec text = {argument, 1};
	struct msghdr message = {.msg_iov = &text,
	                         .msg_iovlen = 1,
	                         .msg_control = &control,
	                         .msg_controllen = sizeof(control)};
	int ends[2];
	do {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0)
			return false;
		while (sendmsg(ends[0], &message, 0) > 0)
			continue;
	} while (errno == EAGAIN);
	return errno == ETOOMANYREFS;
}

static const struct residue {
	const char *name;
	bool (*hold)(char *argument);
} residues[] = {
	{"flock", lock_file},    {"lock-range", lock_range},      {"fifo-reader", read_fifo},
	{"comm", rename_itself}, {"argv", rewrite_argument},      {"inotify", open_file},
	{"pipes", fill_pipes},   {"in-flight", send_descriptors},
};

bool hold(const char *name, char *argument) {
	char byte;
	for (size_t i = 0; i < COUNT(residues); i++) {
		if (strcmp(residues[i].name, name) != 0)
			continue;
		puts(residues[i].hold(argument) ? "held" : "refused");
		fflush(stdout);
		return read(STDIN_FILENO, &byte, 1) >= 0;
	}
	return false;
}
