/* Ways by a descriptor: standard input, which the caller chose, and others that were left open. */
#include "ways.h"

#include <linux/fs.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>

/* How the stage opens standard input is in its own table, which names these. */

static int write_input(const void *what) {
	(void)what;
	return result(write(0, "LEAKLEAK", 8));
}

static int reopen_input(const void *what) {
	return leak(
		open("/proc/self/fd/0", *(const int *)what | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

static const int to_write = O_WRONLY, to_write_both = O_RDWR, to_empty = O_WRONLY | O_TRUNC;

static int from_input(const void *what) {
	return leak(openat(0, (const char *)what, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static int enter_input(const void *what) {
	(void)what;
	return fchdir(0) < 0 ? -errno : leak(open("../kept", O_WRONLY | O_CLOEXEC));
}

static int change_mode(const void *what) {
	(void)what;
	return result(fchmod(0, 0640));
}

static int change_times(const void *what) {
	static const struct timespec long_ago[2] = {{12345, 678}, {54321, 987}};
	(void)what;
	return result(futimens(0, long_ago));
}

static int change_times_to_now(const void *what) {
	(void)what;
	return result(futimens(0, NULL));
}

static int set_attribute(const void *what) {
	(void)what;
	return result(fsetxattr(0, "user.leak", "LEAK", 4, 0));
}

static int set_flags(const void *what) {
	int flags = FS_NODUMP_FL;
	(void)what;
	return result(ioctl(0, FS_IOC_SETFLAGS, &flags));
}

/* The offset belongs to the open file, which the caller has too. */
static int move_offset(const void *what) {
	(void)what;
	return lseek(0, 3, SEEK_SET) < 0 ? -errno : 0;
}

static int empty_input(const void *what) {
	(void)what;
	return result(ftruncate(0, 1));
}

/* A socket of the caller's, aimed at another of the host's. */
static int aim_input(const void *what) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)what;
	if (chdir(stage_path(".")) < 0)
		return -errno;
	strcpy(address.sun_path, "datagram");
	return result(
		sendto(0, "LEAK", 4, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof(address)));
}

static int send_message(const void *what) {
	(void)what;
	return result(mq_send(0, "LEAK", 4, 1));
}

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

static int signal_input(const void *what) {
	(void)what;
	return result(syscall(SYS_pidfd_send_signal, 0L, (long)SIGUSR1, NULL, 0L));
}

static int enter_namespace(const void *what) {
	(void)what;
	return result(setns(0, 0));
}

static int write_left_open(const void *what) {
	return result(write(*(const int *)what, "LEAK", 4));
}

static const int nine = 9, two_hundred = 200;

/* The program's own file, through the mount that it was opened in. */
static int change_own_times(const void *what) {
	static const struct timespec long_ago[2] = {{12345, 678}, {54321, 987}};
	(void)what;
	return result(utimensat(AT_FDCWD, "/proc/self/exe", long_ago, 0));
}

static int change_own_mode(const void *what) {
	(void)what;
	return result(chmod("/proc/self/exe", 0750));
}

static int set_own_attribute(const void *what) {
	(void)what;
	return result(setxattr("/proc/self/exe", "user.leak", "LEAK", 4, 0));
}

static const struct way ways[] = {
	{"write", LOCKDOWN, write_input, NULL},
	{"reopen", LOCKDOWN, reopen_input, &to_write},
	{"reopen-rdwr", LOCKDOWN, reopen_input, &to_write_both},
	{"reopen-emptying", LOCKDOWN, reopen_input, &to_empty},
	{"openat", LOCKDOWN, from_input, "new"},
	{"openat-above", LOCKDOWN, from_input, "../new"},
	{"fchdir", LOCKDOWN, enter_input, NULL},
	{"fchmod", LOCKDOWN, change_mode, NULL},
	{"futimens", LOCKDOWN, change_times, NULL},
	{"futimens-now", LOCKDOWN, change_times_to_now, NULL},
	{"fsetxattr", LOCKDOWN, set_attribute, NULL},
	{"setflags", LOCKDOWN, set_flags, NULL},
	{"lseek", LOCKDOWN, move_offset, NULL},
	{"ftruncate", LOCKDOWN, empty_input, NULL},
	{"sendto", LOCKDOWN, aim_input, NULL},
	{"mq-send", LOCKDOWN, send_message, NULL},
	{"pidfd-send-signal", LOCKDOWN, signal_input, NULL},
	{"setns", LOCKDOWN, enter_namespace, NULL},
	{"left-open-9", BOTH, write_left_open, &nine},
	{"left-open-200", BOTH, write_left_open, &two_hundred},
	{"own-times", LOCKDOWN, change_own_times, NULL},
	{"own-mode", LOCKDOWN, change_own_mode, NULL},
	{"own-attribute", LOCKDOWN, set_own_attribute, NULL},
};

const struct topic descriptors_topic = {"descriptors", ways, COUNT(ways)};
