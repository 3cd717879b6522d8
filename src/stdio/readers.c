#include "stdio/readers.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct found {
	pid_t pids[READERS_MAX];
	size_t count;
};

/* False when there is nothing to read. */
static bool read_text(const char *path, char *text, size_t size) {
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Linux's devices.txt: 5:0 is /dev/tty, and 256 terminals have each major number from 136 on. */
static bool is_terminal(const struct statx *st, unsigned int number) {
	if (!S_ISCHR(st->stx_mode))
		return false;
	return (st->stx_rdev_major == 5 && st->stx_rdev_minor == 0) ||
	       (st->stx_rdev_major == 136 + number / 256 && st->stx_rdev_minor == number % 256);
}

/*
 * proc(5): the number of the system call that a thread is in, and its arguments; "running" or "-1
 * ..." when it is in none.
 */
static bool reads(pid_t pid, const char *thread, unsigned int terminal) {
	char path[64], text[256];
	long call;
	unsigned long argument;
	struct statx st;
	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/syscall", (int)pid, thread);
	if (!read_text(path, text, sizeof(text)) ||
	    sscanf(text, "%ld %lx", &call, &argument) != 2 ||
	    (call != SYS_read && call != SYS_readv))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd/%u", (int)pid, (unsigned int)argument);
	/* Not from the file's server, which may be the target's friend and never answer. */
	return statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0 &&
	       is_terminal(&st, terminal);
}

static void add_children(struct found *found, pid_t pid, const char *thread) {
	char path[64], text[4096], *at = text, *end = NULL;
	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/children", (int)pid, thread);
	if (!read_text(path, text, sizeof(text)))
		return;
	for (long child;
	     found->count < READERS_MAX && (child = strtol(at, &end, 10)) > 0 && end > at; at = end)
		found->pids[found->count++] = (pid_t)child;
}

static bool look_at(struct found *found, pid_t pid, unsigned int terminal) {
	char path[32];
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	cleanup_dir DIR *threads = opendir(path);
	struct dirent *entry;
	size_t left = READERS_MAX;
	while (threads && left-- && (entry = readdir(threads)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (reads(pid, entry->d_name, terminal))
			return true;
		add_children(found, pid, entry->d_name);
	}
	return false;
}

bool readers_wait(pid_t root, unsigned int terminal) {
	struct found found = {.pids = {root}, .count = 1};
	for (size_t i = 0; i < found.count; i++) {
		if (look_at(&found, found.pids[i], terminal))
			return true;
	}
	return false;
}
