#include "util/pinentry.h"

#include "util/fd.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* A line of the protocol has at most 1000 bytes and the newline. */
#define LINE_MAX_SIZE 1002

/* One conversation, over a socket: writing to a pipe without reader would raise SIGPIPE. */
struct talk {
	int fd;
	struct secret *line; /* the last line, without the newline; it may contain the answer */
};

static int cannot_ask(const char *program, struct error *err) {
	return error_set(err, ENXIO, "there is no terminal to ask on, and '%s' cannot ask either",
	                 program);
}

static int read_line(struct talk *talk, struct error *err) {
	for (talk->line->size = 0; talk->line->size < LINE_MAX_SIZE;) {
		unsigned char *at = talk->line->bytes + talk->line->size;
		ssize_t n = recv(talk->fd, at, 1, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(err, ENXIO, "pinentry ended without an answer");
		if (*at == '\n')
			return 0;
		talk->line->size++;
	}
	return error_set(err, EPROTO, "pinentry said more than its protocol allows");
}

static bool says(const struct talk *talk, const char *word) {
	size_t length = strlen(word);
	return talk->line->size >= length && memcmp(talk->line->bytes, word, length) == 0 &&
	       (talk->line->size == length || talk->line->bytes[length] == ' ');
}

static int hex_digit(unsigned char c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "D text", with "%", line feed and carriage return written as %25, %0A and %0D. */
static int take_data(const struct talk *talk, size_t max, struct secret *answer,
                     struct error *err) {
	const unsigned char *bytes = talk->line->bytes;
	for (size_t i = strlen("D "); i < talk->line->size; i++) {
		unsigned char c = bytes[i];
		if (c == '%') {
			int high = i + 2 < talk->line->size ? hex_digit(bytes[i + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(bytes[i + 2]);
			if (low < 0)
				return error_set(err, EPROTO, "pinentry's answer is not encoded");
			c = (unsigned char)(high << 4 | low);
			i += 2;
		}
		if (answer->size == max)
			return error_set(err, EFBIG, "more than %zu bytes were entered", max);
		answer->bytes[answer->size++] = c;
	}
	return 0;
}

/*
 * Reads until OK or ERR. Data lines are appended to `answer`; comments (#) and status lines (S) are
 * skipped.
 */
static int hear(struct talk *talk, size_t max, struct secret *answer, struct error *err) {
	for (;;) {
		int r = read_line(talk, err);
		if (r < 0 || says(talk, "OK"))
			return r;
		if (says(talk, "ERR"))
			return error_set(err, ECANCELED, "nothing was entered in pinentry");
		if (says(talk, "D") && answer && (r = take_data(talk, max, answer, err)) < 0)
			return r;
	}
}

static int tell(struct talk *talk, const char *verb, const char *text, size_t max,
                struct secret *answer, struct error *err) {
	char line[LINE_MAX_SIZE];
	int size = snprintf(line, sizeof(line), "%s%s%s\n", verb, text[0] ? " " : "", text);
	if (size < 0 || (size_t)size >= sizeof(line))
		return error_set(err, EPROTO, "the text for pinentry is too long");
	if (send(talk->fd, line, (size_t)size, MSG_NOSIGNAL) != size)
		return error_set(err, ENXIO, "pinentry ended without an answer");
	return hear(talk, max, answer, err);
}

static int converse(struct talk *talk, const char *description, const char *prompt, size_t max,
                    struct secret *answer, struct error *err) {
	int r = hear(talk, max, NULL, err);
	if (r < 0)
		return r;
	r = tell(talk, "SETDESC", description, max, NULL, err);
	if (r < 0)
		return r;
	r = tell(talk, "SETPROMPT", prompt, max, NULL, err);
	if (r < 0)
		return r;
	return tell(talk, "GETPIN", "", max, answer, err);
}

/* In the child. There is no secret in memory yet. */
static _Noreturn void become(const char *program, int fd, char *const environment[]) {
	char *const argv[] = {(char *)program, NULL};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(127);
	if (fd_cloexec_from(STDERR_FILENO + 1) < 0)
		_exit(127);
	execve(program, argv, environment);
	_exit(127);
}

static int ask(int fd, const char *description, const char *prompt, size_t max,
               struct secret **ret_answer, struct error *err) {
	cleanup_secret struct secret *line = NULL;
	cleanup_secret struct secret *answer = NULL;
	int r = secret_new(LINE_MAX_SIZE, &line, err);
	if (r < 0)
		return r;
	r = secret_new(max, &answer, err);
	if (r < 0)
		return r;
	struct talk talk = {fd, line};
	answer->size = 0;
	r = converse(&talk, description, prompt, max, answer, err);
	if (r < 0)
		return r;
	if (answer->size == 0)
		return error_set(err, ECANCELED, "nothing was entered in pinentry");
	*ret_answer = steal_pointer(answer);
	return 0;
}

int pinentry_ask(const char *program, const char *description, const char *prompt,
                 char *const environment[], size_t max, struct secret **ret_answer,
                 struct error *err) {
	int pair[2];
	if (access(program, X_OK) < 0)
		return cannot_ask(program, err);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(err, errno, "cannot talk to '%s'", program);
	cleanup_fd int ours = pair[0];
	cleanup_fd int theirs = pair[1];
	pid_t pid = fork();
	if (pid < 0)
		return error_errno(err, errno, "cannot start '%s'", program);
	if (pid == 0)
		become(program, theirs, environment);
	close(steal_fd(&theirs));
	int r = ask(ours, description, prompt, max, ret_answer, err);
	/* pinentry ends when its socket is closed. */
	close(steal_fd(&ours));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
