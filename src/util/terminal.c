#include "util/terminal.h"

#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Signals that could end the program while echo is off. They are delivered once it is restored. */
static const int held_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTOU};

static volatile sig_atomic_t interrupted;

static void note_signal(int number) {
	interrupted = number;
}

struct held {
	struct sigaction previous[ARRAY_SIZE(held_signals)];
};

static void hold(struct held *held) {
	struct sigaction action = {.sa_handler = note_signal}; /* no SA_RESTART: read must return */
	sigemptyset(&action.sa_mask);
	interrupted = 0;
	for (size_t i = 0; i < ARRAY_SIZE(held_signals); i++)
		sigaction(held_signals[i], &action, &held->previous[i]);
}

static void release(const struct held *held) {
	for (size_t i = 0; i < ARRAY_SIZE(held_signals); i++)
		sigaction(held_signals[i], &held->previous[i], NULL);
}

static int read_line(int tty, size_t max, struct secret *line, struct error *err) {
	line->size = 0;
	for (;;) {
		unsigned char *at = line->bytes + line->size;
		ssize_t n = interrupted ? -1 : read(tty, at, 1);
		if (n <= 0)
			return error_set(err, ECANCELED, "nothing was entered");
		if (*at == '\n')
			return 0;
		if (++line->size > max)
			return error_set(err, EFBIG, "the line is longer than %zu bytes", max);
	}
}

bool terminal_present(void) {
	cleanup_fd int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return tty >= 0;
}

static int ask_hidden(int tty, const struct termios *shown, const char *prompt, size_t max,
                      struct secret *line, struct error *err) {
	struct termios hidden = *shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hidden.c_lflag |= ICANON | ISIG;
	if (tcsetattr(tty, TCSAFLUSH, &hidden) < 0)
		return error_errno(err, errno, "cannot hide what is typed");
	fd_write_full(tty, prompt, strlen(prompt));
	int r = read_line(tty, max, line, err);
	fd_write_full(tty, "\n", 1);
	tcsetattr(tty, TCSAFLUSH, shown);
	return r;
}

int terminal_read_hidden(const char *prompt, size_t max, struct secret **ret_line,
                         struct error *err) {
	cleanup_secret struct secret *line = NULL;
	int r = secret_new(max + 1, &line, err);
	if (r < 0)
		return r;
	cleanup_fd int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios shown;
	if (tty < 0 || tcgetattr(tty, &shown) < 0)
		return error_set(err, ENXIO, "there is no terminal to ask on");
	struct held held;
	hold(&held);
	r = ask_hidden(tty, &shown, prompt, max, line, err);
	int signalled = interrupted;
	release(&held);
	if (signalled)
		raise(signalled);
	if (r < 0)
		return r;
	*ret_line = steal_pointer(line);
	return 0;
}
