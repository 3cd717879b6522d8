#include "stdio/session.h"

#include "stdio/readers.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13: no path to the other side is needed */
#endif

/*
 * Settings that change printed bytes, into capitals or from tabs to blanks, so that masking would
 * not find a secret any more. The inner terminal does without them if it is masked, the outer one
 * while it is raw.
 */
#define REWRITING ((tcflag_t)(OLCUC | OCRNL | TABDLY))

/* How often to ask whether we are in the foreground again, and whether the target wants keys. */
#define BACKGROUND_MS 250
#define DEMAND_MS 100

void session_copy_size(int from, int to) {
	struct winsize size;
	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

int session_make_pair(int like, bool masked, int *ret_master, int *ret_slave, struct error *err) {
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
	settings.c_oflag &= masked ? ~REWRITING : ~(tcflag_t)0;
	if (tcsetattr(slave, TCSANOW, &settings) < 0)
		return error_errno(err, errno, "cannot set up a terminal to mask its output");
	session_copy_size(like, slave);
	*ret_master = steal_fd(&master);
	*ret_slave = steal_fd(&slave);
	return 0;
}

/* 1 when that terminal controls us, 0 when it does not, -errno. */
static int controls_us(int terminal) {
	const pid_t own = getsid(0), its = tcgetsid(terminal);
	/* ENOTTY: it controls no session, or another one. */
	if (own < 0 || (its < 0 && errno != ENOTTY && errno != EIO))
		return -errno;
	return its == own;
}

/* A terminal that has hung up controls nobody. */
static int look_at(int fd, struct session_place *place) {
	int r = fd_is_terminal(fd);
	if (r <= 0)
		return r == -EIO ? 0 : r;
	place->terminals |= 1U << fd;
	r = controls_us(fd);
	place->on |= r > 0 ? 1U << fd : 0;
	return r < 0 ? r : 0;
}

/* Whether standard output leads to another process, as in a pipeline. */
static int goes_on(void) {
	struct stat st;
	if (fstat(STDOUT_FILENO, &st) < 0)
		return -errno;
	return S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
}

static int find_keys(struct session_place *place) {
	const uint32_t input = 1U << STDIN_FILENO;
	place->keys = SESSION_KEYS_SHARED;
	if (!(place->on & ~input))
		return 0;
	if (!(place->on & input)) {
		place->keys = SESSION_KEYS_ON_DEMAND;
		return 0;
	}
	int r = goes_on();
	if (r < 0)
		return r;
	place->keys = r ? SESSION_KEYS_SHARED : SESSION_KEYS_OURS;
	return 0;
}

static int look_around(struct session_place *place) {
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int r = look_at(fd, place);
		if (r < 0)
			return r;
	}
	return find_keys(place);
}

int session_look(struct session_place *ret_place, struct error *err) {
	struct session_place place = {0};
	int r = look_around(&place);
	if (r < 0)
		return error_errno(err, r, "cannot look at the terminal");
	*ret_place = place;
	return 0;
}

int session_shared(const struct session_place *place, uint32_t replaced, bool device,
                   bool *ret_shared, struct error *err) {
	*ret_shared = place->terminals & ~replaced;
	if (*ret_shared || !device)
		return 0;
	cleanup_fd int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	*ret_shared = tty >= 0;
	/* ENXIO: the session has none. */
	if (tty >= 0 || errno == ENXIO || errno == ENOENT || errno == EACCES)
		return 0;
	return error_errno(err, errno, "cannot look at the terminal");
}

int session_lead(int terminal) {
	return setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0 ? -errno : 0;
}

/*
 * Reading must not wait: where others read keys too, they may take what poll(2) saw. We do not use
 * the caller's descriptor, whose flags others share, and which may be open only for writing.
 */
static int open_outer(int terminal) {
	int fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 ? fd : fcntl(terminal, F_DUPFD_CLOEXEC, 3);
}

/*
 * Another program may have set the outer terminal up for single keys, which the target did not ask
 * for.
 */
static int make_ordinary(int master) {
	struct termios settings;
	if (tcgetattr(master, &settings) < 0)
		return -errno;
	settings.c_iflag |= ICRNL;
	settings.c_oflag |= OPOST | ONLCR;
	settings.c_lflag |= ICANON | ECHO | ECHOE | ECHOK | ISIG | IEXTEN;
	return tcsetattr(master, TCSANOW, &settings) < 0 ? -errno : 0;
}

int session_begin(int outer, int master, bool on_demand, pid_t init, struct session *ret_session,
                  struct error *err) {
	int r = on_demand ? make_ordinary(master) : 0;
	if (r < 0)
		return error_errno(err, r, "cannot set up a terminal");
	int own = open_outer(outer);
	if (own < 0)
		return error_errno(err, errno, "cannot keep the terminal");
	*ret_session = SESSION_NONE;
	ret_session->outer = own;
	ret_session->master = master;
	ret_session->on_demand = on_demand;
	ret_session->init = init;
	session_resume(ret_session);
	ret_session->unsettled = !ret_session->raw && tcgetattr(master, &ret_session->given) == 0;
	return 0;
}

static bool same_settings(const struct termios *a, const struct termios *b) {
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

/*
 * A pair made in the background copied what a shell sets up for its own line editing: no echo, no
 * line ends. Once we are in the foreground, the outer terminal has the settings for programs.
 */
static void settle(struct session *session) {
	struct termios now;
	if (session->unsettled && tcgetattr(session->master, &now) == 0 &&
	    same_settings(&now, &session->given))
		tcsetattr(session->master, TCSANOW, &session->before);
	session->unsettled = false;
}

/* A terminal that has hung up never has a foreground again. */
static bool in_foreground(struct session *session) {
	pid_t group = tcgetpgrp(session->outer);
	session->lost = session->lost || group < 0;
	return group == getpgrp();
}

/*
 * The inner terminal has already processed the target's output, but other jobs write to the outer
 * one too and expect that a line feed begins a line. So the outer one processes output as both
 * terminals would, and not at all once the target has turned that off. With keys on demand, other
 * programs in our process group also need the signals of the stop and interrupt keys, so the outer
 * one sends them if the inner one would.
 */
static struct termios raw_settings(const struct session *session) {
	struct termios inner = session->before, raw = session->before;
	tcgetattr(session->master, &inner);
	cfmakeraw(&raw);
	raw.c_oflag = session->before.c_oflag & inner.c_oflag & ~REWRITING;
	raw.c_lflag |= session->on_demand ? inner.c_lflag & ISIG : 0;
	return raw;
}

bool session_differs(const struct session *session) {
	if (!session->raw || session->master < 0)
		return false;
	const struct termios raw = raw_settings(session);
	return raw.c_oflag != session->output || (raw.c_lflag & ISIG) != session->signals;
}

static int make_raw(struct session *session, int when) {
	const struct termios raw = raw_settings(session);
	session->output = raw.c_oflag;
	session->signals = raw.c_lflag & ISIG;
	return tcsetattr(session->outer, when, &raw);
}

void session_follow(struct session *session) {
	make_raw(session, TCSANOW);
}

bool session_returns_twice(const struct session *session) {
	const tcflag_t both = OPOST | ONLCR;
	return session->raw && (session->output & both) == both;
}

/* The terminal edits and echoes lines, as a shell sets it up for the programs that it starts. */
static bool ordinary(const struct termios *settings) {
	const tcflag_t both = ICANON | ECHO;
	return (settings->c_lflag & both) == both;
}

static bool somebody_reads(const struct session *session) {
	unsigned int number;
	return session->master >= 0 && ioctl(session->master, TIOCGPTN, &number) == 0 &&
	       readers_wait(session->init, number);
}

/*
 * A program that turns line editing or echo off will read keys next. To see a program that reads
 * whole lines we have to look through /proc, which takes long, so we look only when idle.
 */
static bool keys_wanted(const struct session *session, bool idle) {
	struct termios inner;
	if (!session->on_demand || (tcgetattr(session->master, &inner) == 0 && !ordinary(&inner)))
		return true;
	return idle ? somebody_reads(session) : session->raw;
}

/*
 * SIGTTOU is blocked, so the kernel would let us change the settings from the background;
 * session_resume checks that we are not there. If another program of our pipeline is reading keys,
 * it has changed the settings, and we must not.
 */
static void take_terminal(struct session *session) {
	if (tcgetattr(session->outer, &session->before) < 0 ||
	    (session->on_demand && !ordinary(&session->before)))
		return;
	settle(session);
	session->raw = make_raw(session, TCSADRAIN) == 0;
	session_copy_size(session->outer, session->master);
}

static bool waits_for_terminal(const struct session *session) {
	return session->outer >= 0 && !session->lost && !session->raw;
}

void session_resume(struct session *session) {
	session->halted = false;
	if (waits_for_terminal(session) && in_foreground(session) && keys_wanted(session, true))
		take_terminal(session);
}

/*
 * As the kernel stops a job that reads from its terminal in the background. Only once: the target
 * may ignore it.
 */
static void halt_reader(struct session *session) {
	if (!session->halted && somebody_reads(session))
		session->halted = session_raise(session, SIGTSTP);
}

void session_heed(struct session *session, bool idle) {
	if (session->raw && !keys_wanted(session, idle))
		session_suspend(session);
	if (!waits_for_terminal(session) || (!idle && !session->on_demand))
		return;
	if (!in_foreground(session) && idle)
		halt_reader(session);
	else if (idle || keys_wanted(session, false))
		session_resume(session);
}

/* Whether the outer terminal is set up to stop the jobs that write to it from the background. */
static bool stops_writers(const struct session *session) {
	struct termios outer;
	return tcgetattr(session->outer, &outer) == 0 && (outer.c_lflag & TOSTOP);
}

void session_await_turn(struct session *session) {
	while (waits_for_terminal(session) && !in_foreground(session) && stops_writers(session))
		raise(SIGSTOP);
}

bool session_raise(const struct session *session, int signal_number) {
	const pid_t group = session->master < 0 ? -1 : tcgetpgrp(session->master);
	return group > 0 && group != session->init &&
	       ioctl(session->master, TIOCSIG, signal_number) == 0;
}

void session_suspend(struct session *session) {
	if (session->raw && in_foreground(session))
		tcsetattr(session->outer, TCSADRAIN, &session->before);
	session->raw = false;
}

int session_patience(const struct session *session) {
	if (session->outer < 0 || session->lost)
		return -1;
	if (session->on_demand)
		return DEMAND_MS;
	return session->raw ? -1 : BACKGROUND_MS;
}

void session_events(const struct session *session, struct pollfd events[static SESSION_EVENTS]) {
	bool waiting = session->size > session->sent;
	events[0] = (struct pollfd){.fd = session->raw && !waiting ? session->outer : -1,
	                            .events = POLLIN};
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
	ssize_t n = write(session->master, session->keys + session->sent,
	                  session->size - session->sent);
	if (n > 0)
		session->sent += (size_t)n;
	if (session->sent == session->size || (n < 0 && errno != EAGAIN && errno != EINTR))
		forget_keys(session);
}

void session_move(struct session *session, const struct pollfd events[static SESSION_EVENTS]) {
	if (events[0].revents && session->raw)
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
