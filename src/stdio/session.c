#include "stdio/session.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13: no path to the other side is needed */
#endif

/*
 * What makes other bytes of what a program prints: in capitals, or with blanks for its tabs, a secret is not found
 * any more. The outer terminal could do it still, to what has been masked.
 */
#define REWRITING ((tcflag_t)(OLCUC | OCRNL | TABDLY))

void session_copy_size(int from, int to) {
	struct winsize size;
	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

int session_make_pair(int like, int *ret_master, int *ret_slave, struct error *err) {
	struct termios settings;
	int unlocked = 0;
	cleanup_fd int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0)
		return error_errno(err, errno, "cannot make a terminal to mask its output");
	cleanup_fd int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return error_errno(err, errno, "cannot open a terminal to mask its output");
	if (tcgetattr(like, &settings) < 0)
		return error_errno(err, errno, "cannot see the terminal's settings");
	settings.c_oflag &= ~REWRITING;
	if (tcsetattr(slave, TCSANOW, &settings) < 0)
		return error_errno(err, errno, "cannot set up a terminal to mask its output");
	session_copy_size(like, slave);
	*ret_master = steal_fd(&master);
	*ret_slave = steal_fd(&slave);
	return 0;
}

int session_possible(void) {
	struct stat input, output;
	int r = fd_is_terminal(STDIN_FILENO);
	if (r > 0)
		r = fd_is_terminal(STDOUT_FILENO);
	if (r <= 0)
		return r == -EIO ? 0 : r;
	const pid_t own = getsid(0);
	if (own < 0 || fstat(STDIN_FILENO, &input) < 0 || fstat(STDOUT_FILENO, &output) < 0)
		return -errno;
	/* ENOTTY: it controls no session, or another one. */
	const pid_t its = tcgetsid(STDIN_FILENO);
	if (its < 0 && errno != ENOTTY && errno != EIO)
		return -errno;
	return input.st_rdev == output.st_rdev && its == own;
}

/* 1, 0, or -errno; one that has hung up signals nobody. */
static int gives_terminal(bool device) {
	int r = 0;
	for (int fd = STDIN_FILENO; r == 0 && fd <= STDERR_FILENO; fd++) {
		r = fd_is_terminal(fd);
		r = r == -EIO ? 0 : r;
	}
	if (r != 0 || !device)
		return r;
	cleanup_fd int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (tty >= 0)
		return 1;
	/* ENXIO: the session has none. */
	return errno == ENXIO || errno == ENOENT || errno == EACCES ? 0 : -errno;
}

int session_sharing(bool device, enum session_sharing *ret_sharing, struct error *err) {
	int whole = session_possible();
	int part = whole == 0 ? gives_terminal(device) : 0;
	if (whole < 0 || part < 0)
		return error_errno(err, whole < 0 ? whole : part, "cannot look at the terminal");
	*ret_sharing = whole ? SESSION_SHARED : part ? SESSION_SHARED_IN_PART : SESSION_NOT_SHARED;
	return 0;
}

int session_lead(void) {
	return setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0 ? -errno : 0;
}

int session_begin(int master, struct session *ret_session, struct error *err) {
	int outer = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (outer < 0)
		return error_errno(err, errno, "cannot keep the terminal");
	*ret_session = SESSION_NONE;
	ret_session->outer = outer;
	ret_session->master = master;
	session_resume(ret_session);
	ret_session->unsettled = !ret_session->raw && tcgetattr(master, &ret_session->given) == 0;
	return 0;
}

static bool same_settings(const struct termios *a, const struct termios *b) {
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

/* A shell that edits its line has neither echo nor line ends; in the foreground there are those that programs get. */
static void settle(struct session *session) {
	struct termios now;
	if (session->unsettled && tcgetattr(session->master, &now) == 0 && same_settings(&now, &session->given))
		tcsetattr(session->master, TCSANOW, &session->before);
	session->unsettled = false;
}

/* A terminal that has hung up has no foreground, and gets none again. */
static bool in_foreground(struct session *session) {
	pid_t group = tcgetpgrp(session->outer);
	session->lost = session->lost || group < 0;
	return group == getpgrp();
}

/*
 * What comes out of the inner terminal needs nothing more; but other jobs write to the outer one too, and want their line
 * feeds to begin a line. So the outer one does what both would do, and nothing once the target has turned that off.
 */
static tcflag_t output_flags(const struct session *session) {
	struct termios inner = session->before;
	tcgetattr(session->master, &inner);
	return session->before.c_oflag & inner.c_oflag & ~REWRITING;
}

bool session_differs(const struct session *session) {
	return session->raw && session->master >= 0 && output_flags(session) != session->output;
}

void session_follow(struct session *session) {
	struct termios outer;
	if (tcgetattr(session->outer, &outer) < 0)
		return;
	session->output = outer.c_oflag = output_flags(session);
	tcsetattr(session->outer, TCSANOW, &outer);
}

bool session_returns_twice(const struct session *session) {
	const tcflag_t both = OPOST | ONLCR;
	return session->raw && (session->output & both) == both;
}

/*
 * SIGTTOU is blocked, so the settings can be changed from anywhere; they must not be, from the
 * background.
 */
void session_resume(struct session *session) {
	struct termios raw;
	if (session->outer < 0 || session->lost || session->raw || !in_foreground(session) ||
	    tcgetattr(session->outer, &session->before) < 0)
		return;
	settle(session);
	raw = session->before;
	cfmakeraw(&raw);
	session->output = raw.c_oflag = output_flags(session);
	session->raw = tcsetattr(session->outer, TCSADRAIN, &raw) == 0;
	session_copy_size(session->outer, session->master);
}

void session_suspend(struct session *session) {
	if (session->raw && in_foreground(session))
		tcsetattr(session->outer, TCSADRAIN, &session->before);
	session->raw = false;
}

bool session_in_background(const struct session *session) {
	return session->outer >= 0 && !session->lost && !session->raw;
}

void session_events(const struct session *session, struct pollfd events[static SESSION_EVENTS]) {
	bool waiting = session->size > session->sent;
	events[0] = (struct pollfd){.fd = session->raw && !waiting ? session->outer : -1, .events = POLLIN};
	events[1] = (struct pollfd){.fd = waiting ? session->master : -1, .events = POLLOUT};
}

/* What is typed may be a password. */
static void forget_keys(struct session *session) {
	sodium_memzero(session->keys, sizeof(session->keys));
	session->size = session->sent = 0;
}

static void take_keys(struct session *session) {
	ssize_t n = read(session->outer, session->keys, sizeof(session->keys));
	if (n > 0) {
		session->size = (size_t)n;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		session->lost = true;
		session->raw = false;
	}
}

static void hand_keys_on(struct session *session) {
	ssize_t n = write(session->master, session->keys + session->sent, session->size - session->sent);
	if (n > 0)
		session->sent += (size_t)n;
	if (session->sent == session->size || (n < 0 && errno != EAGAIN && errno != EINTR))
		forget_keys(session);
}

void session_move(struct session *session, const struct pollfd events[static SESSION_EVENTS]) {
	if (events[0].revents)
		take_keys(session);
	if (session->master < 0)
		forget_keys(session);
	if (session->size > session->sent)
		hand_keys_on(session);
}

void session_end(struct session *session) {
	session_suspend(session);
	forget_keys(session);
	cleanup_fd_(&session->outer);
	*session = SESSION_NONE;
}
