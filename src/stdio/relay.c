#include "stdio/relay.h"

#include "util/cleanup.h"
#include "util/fd.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_ONCE ((size_t)1 << 20)
#define BUFFER_SIZE ((size_t)64 * 1024)

static bool is_stream_socket(int fd) {
	int type = 0;
	socklen_t size = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/*
 * In the sandbox root has no rights over other users' files, so a file that only such rights open
 * counts as closed.
 */
static bool readable_without_rights(const struct stat *st) {
	return geteuid() != 0 || st->st_uid == 0 || (st->st_mode & S_IROTH);
}

/*
 * 1 when the file can be opened by its path; then the sandbox opens it again, which keeps it
 * seekable. 0 when it cannot.
 */
static int has_path(int fd, const struct stat *st) {
	char link[32], path[4096];
	struct stat found;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -errno;
	if (n == 0 || path[0] != '/' || !readable_without_rights(st))
		return 0;
	path[n] = '\0';
	cleanup_fd int again =
		open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (again < 0 && path_absent(errno))
		return 0;
	if (again < 0 || fstat(again, &found) < 0)
		return -errno;
	return found.st_dev == st->st_dev && found.st_ino == st->st_ino;
}

/* Whether the target could do more with a file than the descriptor was given for (relay.h). */
static bool gives_too_much(int flags, const struct stat *st, bool programs) {
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	return S_ISREG(st->st_mode) && writes && ((flags & O_APPEND) || !programs);
}

/* 1 when it is, 0 when it is not. */
static int wanted(int fd, bool paths, bool programs) {
	struct stat st;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (flags & O_PATH)
		return 0;
	if (S_ISSOCK(st.st_mode))
		return is_stream_socket(fd);
	if (gives_too_much(flags, &st, programs))
		return 1;
	if (fd != STDIN_FILENO || (flags & O_ACCMODE) != O_RDONLY)
		return 0;
	if (!S_ISREG(st.st_mode) || !paths)
		return S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode);
	int r = has_path(fd, &st);
	return r < 0 ? r : !r;
}

int relay_wanted(bool paths, bool programs, uint32_t *ret_wanted, struct error *err) {
	uint32_t all = 0;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int r = wanted(fd, paths, programs);
		if (r < 0)
			return error_errno(err, r, "cannot look at standard descriptor %d", fd);
		all |= r ? 1U << fd : 0;
	}
	*ret_wanted = all;
	return 0;
}

bool relay_error_joins_output(uint32_t relayed) {
	const uint32_t both = 1U << STDOUT_FILENO | 1U << STDERR_FILENO;
	struct stat output, error;
	return (relayed & both) == both && fstat(STDOUT_FILENO, &output) == 0 &&
	       fstat(STDERR_FILENO, &error) == 0 && output.st_dev == error.st_dev &&
	       output.st_ino == error.st_ino;
}

static bool is_input(const struct relay_stream *stream) {
	return stream->standard == STDIN_FILENO;
}

int relay_add(struct relay *relay, int standard, int end, struct error *err) {
	struct relay_stream stream = {.standard = standard, .from = standard, .to = end};
	cleanup_fd int own = end;
	if (fcntl(own, F_SETFL, O_NONBLOCK) < 0)
		return error_errno(err, errno, "cannot relay a standard descriptor");
	if (!is_input(&stream)) {
		struct stat st;
		if (fstat(standard, &st) < 0)
			return error_errno(err, errno, "cannot relay a standard descriptor");
		stream.socket = S_ISSOCK(st.st_mode);
		stream.from = end;
		stream.to = standard;
		stream.buffer = malloc(BUFFER_SIZE);
		if (!stream.buffer)
			return error_errno(err, ENOMEM, "cannot relay a standard descriptor");
	}
	steal_fd(&own);
	relay->streams[relay->count++] = stream;
	return 0;
}

bool relay_has(const struct relay *relay, int standard) {
	for (size_t i = 0; i < relay->count; i++) {
		if (relay->streams[i].standard == standard)
			return true;
	}
	return false;
}

/*
 * Closes our end, and puts /dev/null in place of the caller's, so that its other end sees that it
 * was closed. Our own messages still go to standard error.
 */
static void finish(struct relay_stream *stream) {
	close(is_input(stream) ? stream->to : stream->from);
	if (stream->standard != STDERR_FILENO)
		fd_null(stream->standard);
	stream->from = stream->to = -1;
	stream->start = stream->end = 0;
}

static void move_input(struct relay_stream *stream, const struct pollfd events[static 2]) {
	if (events[1].revents & POLLERR) {
		finish(stream);
		return;
	}
	ssize_t n = splice(stream->from, NULL, stream->to, NULL, AT_ONCE,
	                   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	bool again = n < 0 && (errno == EAGAIN || errno == EINTR);
	if (n == 0 || (n < 0 && !again))
		finish(stream);
	/* EAGAIN with input at hand: the other side is full. */
	else
		stream->full = n < 0 && errno == EAGAIN && !stream->full && events[0].revents;
}

/* True while there may be more. */
static bool fill(struct relay_stream *stream) {
	if (stream->start < stream->end)
		return true;
	ssize_t n = read(stream->from, stream->buffer, BUFFER_SIZE);
	stream->start = 0;
	stream->end = n > 0 ? (size_t)n : 0;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/*
 * The caller has the socket too: it must not become non-blocking, nor may we wait for it. A file
 * takes everything.
 */
static ssize_t pass_on(const struct relay_stream *stream) {
	const char *at = stream->buffer + stream->start;
	size_t size = stream->end - stream->start;
	return stream->socket ? send(stream->to, at, size, MSG_DONTWAIT | MSG_NOSIGNAL)
	                      : write(stream->to, at, size);
}

/* 1 while it continues, 0 when its reader has gone, -errno when a file could not be written. */
static int empty(struct relay_stream *stream) {
	if (stream->start == stream->end)
		return 1;
	ssize_t n = pass_on(stream);
	stream->full = n < 0 && errno == EAGAIN;
	if (n >= 0)
		stream->start += (size_t)n;
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return 1;
	return stream->socket ? 0 : -errno;
}

/* False when there was nothing to fill it with, or it could not be emptied: then it has ended. */
static bool flow(struct relay *relay, struct relay_stream *stream) {
	int r = fill(stream) ? empty(stream) : 0;
	if (r < 0)
		relay->error = r;
	if (r <= 0)
		finish(stream);
	return r > 0;
}

static void move_output(struct relay *relay, struct relay_stream *stream,
                        const struct pollfd events[static 2]) {
	if (!stream->full && (events[1].revents & (POLLERR | POLLHUP)))
		finish(stream);
	else
		flow(relay, stream);
}

void relay_events(const struct relay *relay, struct pollfd events[static RELAY_EVENTS]) {
	for (size_t i = 0; i < RELAY_MAX; i++) {
		const struct relay_stream *stream = &relay->streams[i];
		bool open = i < relay->count && stream->from >= 0;
		struct pollfd *pair = events + 2 * i;
		pair[0] = (struct pollfd){.fd = open && !stream->full ? stream->from : -1,
		                          .events = POLLIN};
		/* With no event asked for, poll(2) still says when the last reader has gone. */
		pair[1] = (struct pollfd){.fd = open ? stream->to : -1,
		                          .events = stream->full ? POLLOUT : 0};
	}
}

void relay_move(struct relay *relay, const struct pollfd events[static RELAY_EVENTS]) {
	for (size_t i = 0; i < relay->count; i++) {
		struct relay_stream *stream = &relay->streams[i];
		const struct pollfd *pair = events + 2 * i;
		if (stream->from < 0 || (!pair[0].revents && !pair[1].revents))
			continue;
		if (is_input(stream))
			move_input(stream, pair);
		else
			move_output(relay, stream, pair);
	}
}

/* Whether a stream still has output that cannot be written at once. */
static bool waits(struct relay *relay, struct relay_stream *stream) {
	while (!is_input(stream) && stream->from >= 0 && flow(relay, stream)) {
		if (stream->full)
			return true;
		if (stream->start == stream->end && stream->end == 0)
			return false;
	}
	return false;
}

bool relay_drain(struct relay *relay, struct pollfd events[static RELAY_EVENTS]) {
	bool left = false;
	for (size_t i = 0; i < relay->count; i++)
		left = waits(relay, &relay->streams[i]) || left;
	relay_events(relay, events);
	return left;
}

void relay_free(struct relay *relay) {
	for (size_t i = 0; i < relay->count; i++)
		free(relay->streams[i].buffer);
	*relay = (struct relay){0};
}
