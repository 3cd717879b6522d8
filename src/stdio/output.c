#include "stdio/output.h"

#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void output_init(struct output *output) {
	*output = (struct output){
		.streams = {{.from = -1, .to = -1}, {.from = -1, .to = -1}},
		.standard = {-1, -1, -1},
		.controlling = -1,
		.session = SESSION_NONE,
	};
}

static int descriptor(size_t stream) {
	return STDOUT_FILENO + (int)stream;
}

/* /dev/null, /dev/zero, /dev/full (Linux's devices.txt): nobody reads what is written there. */
static bool swallows(const struct stat *st) {
	unsigned int number = minor(st->st_rdev);
	return S_ISCHR(st->st_mode) && major(st->st_rdev) == 1 &&
	       (number == 3 || number == 5 || number == 7);
}

/*
 * 1: mask it. 0: do not. -errno: we could not look at it, and nothing that we do not know goes
 * unmasked.
 */
static int wanted(const struct policy *policy, bool plain, uint32_t relayed, int fd,
                  const struct stat *st) {
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return -errno;
	int terminal = fd_is_terminal(fd);
	if (terminal < 0 && terminal != -EIO)
		return terminal;
	bool usual = S_ISFIFO(st->st_mode) || S_ISREG(st->st_mode) || terminal != 0 ||
	             (relayed & 1U << fd);
	if ((flags & O_ACCMODE) == O_RDONLY || swallows(st) || (plain && !usual))
		return 0;
	return policy->mask == POLICY_MASK_ALWAYS || terminal <= 0;
}

/*
 * Not a file that was opened twice: each has an offset of its own, and one would overwrite the
 * other.
 */
static bool same_place(const struct stat *one, const struct stat *other) {
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
	       !S_ISREG(one->st_mode);
}

/*
 * Opens the destination again, because others share the caller's descriptor and its O_NONBLOCK. If
 * that is refused, we write no more at once than poll(2) has promised room for (pipe(7)).
 */
static int open_destination(struct output_stream *stream, int fd, const struct stat *st,
                            struct error *err) {
	char path[32];
	bool may_wait = !S_ISREG(st->st_mode);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	stream->at_once = SSIZE_MAX;
	if (S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode))
		stream->to = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (stream->to >= 0)
		return 0;
	stream->at_once = may_wait ? PIPE_BUF : SSIZE_MAX;
	stream->to = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return stream->to < 0 ? error_errno(err, errno, "cannot keep an output") : 0;
}

static int nonblocking_pipe(int *ret_from, int *ret_child, struct error *err) {
	int r = fd_pipe(ret_from, ret_child, err);
	if (r < 0)
		return r;
	if (fcntl(*ret_from, F_SETFL, O_NONBLOCK) < 0)
		return error_errno(err, errno, "cannot make a pipe");
	return 0;
}

static int wire(struct output *output, size_t index, const struct stat *st, struct error *err) {
	struct output_stream *stream = &output->streams[index];
	int fd = descriptor(index), *child = &output->standard[fd];
	int r = fd_is_terminal(fd);
	if (r < 0 && r != -EIO)
		return error_errno(err, r, "cannot look at an output");
	/* A terminal that has hung up has no settings to copy. */
	stream->terminal = r > 0;
	r = stream->terminal ? session_make_pair(fd, stream->masked, &stream->from, child, err)
	                     : nonblocking_pipe(&stream->from, child, err);
	return r < 0 ? r : open_destination(stream, fd, st, err);
}

/* Standard error goes where standard output goes. */
static int share(struct output *output, struct error *err) {
	int fd = fcntl(output->standard[STDOUT_FILENO], F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return error_errno(err, errno, "cannot share an output");
	output->standard[STDERR_FILENO] = fd;
	return 0;
}

/* Which of the target's terminals has taken the place of the one that controls us. */
static int controlling(const struct output *output) {
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (output->standard[fd] >= 0 && (output->place.on & 1U << fd))
			return fd;
	}
	return -1;
}

/* It becomes the target's controlling terminal, and standard input too if the caller's was one. */
static int wire_session(struct output *output, struct error *err) {
	const int fd = output->place.keys == SESSION_KEYS_SHARED ? -1 : controlling(output);
	output->controlling = fd;
	if (fd < 0 || output->place.keys != SESSION_KEYS_OURS)
		return 0;
	output->standard[STDIN_FILENO] = fcntl(output->standard[fd], F_DUPFD_CLOEXEC, 3);
	return output->standard[STDIN_FILENO] < 0
	               ? error_errno(err, errno, "cannot make a terminal")
	               : 0;
}

/*
 * Without masking, we replace the controlling terminal for one reason: nobody but the target would
 * use it, and it signals whole process groups.
 */
static bool to_be_carried(const struct output *output, int fd) {
	return output->place.keys == SESSION_KEYS_OURS && (output->place.on & 1U << fd);
}

int output_plan(const struct policy *policy, bool confined, bool plain, uint32_t relayed,
                struct output *output, struct error *err) {
	const bool masks = policy->mask != POLICY_MASK_NEVER && policy->secret_count > 0;
	struct stat st[2];
	if (!masks && !confined)
		return 0;
	int r = session_look(&output->place, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(output->streams); i++) {
		if (fstat(descriptor(i), &st[i]) < 0)
			return error_errno(err, errno, "cannot look at an output");
		int masked = masks ? wanted(policy, plain, relayed, descriptor(i), &st[i]) : 0;
		if (masked < 0)
			return error_errno(err, masked, "cannot look at an output");
		if (!masked && !(confined && to_be_carried(output, descriptor(i))))
			continue;
		bool shared = i == 1 && output->streams[0].from >= 0 && same_place(&st[0], &st[1]);
		output->streams[shared ? 0 : i].masked |= masked > 0;
		r = shared ? share(output, err) : wire(output, i, &st[i], err);
		if (r < 0)
			return r;
	}
	return wire_session(output, err);
}

uint32_t output_replaced(const struct output *output) {
	uint32_t replaced = 0;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		replaced |= output->standard[fd] >= 0 ? 1U << fd : 0;
	return replaced;
}

static void close_standard(struct output *output, size_t first) {
	for (size_t i = first; i < ARRAY_SIZE(output->standard); i++) {
		cleanup_fd_(&output->standard[i]);
		output->standard[i] = -1;
	}
}

/*
 * A target may close its terminal and open it again; while nobody has it open, the master would be
 * at its end.
 */
void output_launched(struct output *output) {
	close_standard(output, STDOUT_FILENO);
}

/* Of the target's controlling terminal. */
static struct output_stream *session_stream(struct output *output) {
	return &output->streams[output->controlling - STDOUT_FILENO];
}

int output_begin(struct output *output, struct mask *mask, pid_t init, struct error *err) {
	output->mask = mask;
	for (size_t i = 0; i < ARRAY_SIZE(output->streams); i++) {
		struct output_stream *stream = &output->streams[i];
		int r = stream->masked ? mask_stream_new(mask, &stream->stream, err) : 0;
		if (r < 0)
			return r;
	}
	if (output->controlling < 0)
		return 0;
	session_stream(output)->session = &output->session;
	return session_begin(output->controlling, session_stream(output)->from,
	                     output->place.keys == SESSION_KEYS_ON_DEMAND, init, &output->session,
	                     err);
}

static bool pending(const struct output_stream *stream) {
	return stream->written < stream->out.size;
}

static bool open_or_pending(const struct output_stream *stream) {
	return stream->from >= 0 || pending(stream);
}

bool output_carries(const struct output *output) {
	return open_or_pending(&output->streams[0]) || open_or_pending(&output->streams[1]);
}

bool output_masks(const struct output *output) {
	return output->streams[0].masked || output->streams[1].masked;
}

static void stream_events(const struct output_stream *stream, struct pollfd events[static 2]) {
	events[0] = (struct pollfd){.fd = pending(stream) ? -1 : stream->from, .events = POLLIN};
	/* With no event asked for, poll(2) still says when nobody reads any more. */
	events[1] = (struct pollfd){.fd = open_or_pending(stream) ? stream->to : -1,
	                            .events = pending(stream) ? POLLOUT : 0};
}

void output_events(const struct output *output, struct pollfd events[static OUTPUT_EVENTS]) {
	stream_events(&output->streams[0], events);
	stream_events(&output->streams[1], events + 2);
	session_events(&output->session, events + 4);
}

int output_patience(const struct output *output) {
	uint64_t due = MASK_NEVER;
	for (size_t i = 0; i < ARRAY_SIZE(output->streams); i++) {
		const struct output_stream *stream = &output->streams[i];
		if (stream->stream && stream->from >= 0 && !pending(stream) &&
		    mask_stream_due(stream->stream) < due)
			due = mask_stream_due(stream->stream);
	}
	if (due == MASK_NEVER)
		return session_patience(&output->session);
	const uint64_t now = clock_now();
	return due > now ? (int)((due - now + 999) / 1000) : 0;
}

static void close_stream(struct output_stream *stream) {
	cleanup_fd_(&stream->from);
	cleanup_fd_(&stream->to);
	stream->from = stream->to = -1;
	buffer_free(&stream->out);
	stream->written = 0;
}

/*
 * An error ends the stream, and the target gets SIGPIPE, as from the reader itself. It is normal
 * that a reader or a terminal goes away; we report every other error.
 */
static void fail(struct output_stream *stream, int error) {
	bool gone = error == EPIPE || (error == EIO && stream->terminal);
	if (!gone && !stream->error)
		stream->error = error;
	close_stream(stream);
}

static void write_out(struct output_stream *stream) {
	if (stream->session && pending(stream))
		session_await_turn(stream->session);
	while (pending(stream)) {
		size_t size = stream->out.size - stream->written;
		if (size > stream->at_once)
			size = stream->at_once;
		ssize_t n = write(stream->to, stream->out.bytes + stream->written, size);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			fail(stream, errno);
		if (n < 0)
			return;
		stream->written += (size_t)n;
		if (stream->at_once < SSIZE_MAX)
			break;
	}
	if (pending(stream))
		return;
	stream->out.size = stream->written = 0;
	/* The end was read before, and now everything is written. */
	if (stream->from < 0)
		close_stream(stream);
}

/* Removes the inner terminal's carriage returns, which the outer one adds again. */
static void take_returns_back(struct buffer *out) {
	size_t kept = 0;
	for (size_t i = 0; i < out->size; i++) {
		if (out->bytes[i] != '\r' || i + 1 == out->size || out->bytes[i + 1] != '\n')
			out->bytes[kept++] = out->bytes[i];
	}
	out->size = kept;
}

/* All of `out` is new: nothing is appended while something waits to be written. */
static void write_new(struct output_stream *stream) {
	if (stream->returned_twice)
		take_returns_back(&stream->out);
	write_out(stream);
}

/* Output that cannot be masked is not written. */
static int check(struct output_stream *stream, int r) {
	if (r < 0)
		fail(stream, -r);
	return r;
}

/* Appends everything that the mask still holds. */
static int end_mask(struct output_stream *stream) {
	return stream->stream ? mask_stream_end(stream->stream, &stream->out) : 0;
}

static int append(struct output_stream *stream, const unsigned char *bytes, size_t size) {
	if (stream->stream)
		return mask_stream_filled(stream->stream, size, clock_now(), &stream->out);
	buffer_append(&stream->out, bytes, size);
	return stream->out.failed ? -ENOMEM : 0;
}

/* 1: there was something. 0: nothing for now, or its end. */
static int read_in(struct output_stream *stream) {
	unsigned char unmasked[4096], *at = unmasked;
	size_t room = sizeof(unmasked);
	if (stream->stream)
		at = mask_stream_room(stream->stream, &room);
	ssize_t n = read(stream->from, at, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* EIO is how a terminal ends. */
	int r = n > 0 ? append(stream, at, (size_t)n) : end_mask(stream);
	if (r < 0)
		return check(stream, r);
	if (n <= 0) {
		cleanup_fd_(&stream->from);
		stream->from = -1;
	}
	write_new(stream);
	return n > 0;
}

static int release(struct output_stream *stream) {
	if (!stream->stream)
		return 0;
	int r = mask_stream_release(stream->stream, clock_now(), &stream->out);
	if (r < 0)
		return check(stream, r);
	write_new(stream);
	return 0;
}

static int move_stream(struct output_stream *stream, const struct pollfd events[static 2]) {
	int r = 0;
	if (events[1].revents)
		write_out(stream);
	if (events[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		close_stream(stream);
	if (stream->from >= 0 && events[0].revents && !pending(stream))
		r = read_in(stream);
	/* Only after reading, because what was read may be the rest of a secret. */
	if (r >= 0 && stream->from >= 0 && !pending(stream))
		r = release(stream);
	return r < 0 ? r : 0;
}

static int release_all(struct output_stream *stream) {
	if (stream->from < 0 || pending(stream))
		return 0;
	int r = end_mask(stream);
	if (r < 0)
		return check(stream, r);
	write_new(stream);
	return 0;
}

static int catch_up(struct output_stream *stream) {
	int r = 0;
	while (stream->from >= 0 && !pending(stream) && (r = read_in(stream)) > 0)
		continue;
	return r < 0 ? r : release_all(stream);
}

/* Changes the caller's terminal as the target's was changed, before writing more to it. */
static int follow_session(struct output *output, bool idle) {
	int r = 0;
	if (output->controlling < 0)
		return 0;
	session_heed(&output->session, idle);
	if (session_differs(&output->session)) {
		r = release_all(session_stream(output));
		session_follow(&output->session);
	}
	session_stream(output)->returned_twice = session_returns_twice(&output->session);
	return r;
}

static int move_streams(struct output *output, const struct pollfd events[static 4], bool idle) {
	int r = follow_session(output, idle);
	if (r < 0)
		return r;
	r = move_stream(&output->streams[0], events);
	return r < 0 ? r : move_stream(&output->streams[1], events + 2);
}

int output_move(struct output *output, const struct pollfd events[static OUTPUT_EVENTS]) {
	bool idle = true;
	for (size_t i = 0; i < OUTPUT_EVENTS; i++)
		idle = idle && !events[i].revents;
	int r = move_streams(output, events, idle);
	if (output->controlling >= 0 && session_stream(output)->from < 0)
		output->session.master = -1;
	session_move(&output->session, events + 4);
	return r;
}

void output_resize(const struct output *output) {
	for (size_t i = 0; i < ARRAY_SIZE(output->streams); i++) {
		const struct output_stream *stream = &output->streams[i];
		if (stream->from >= 0 && stream->terminal)
			session_copy_size(stream->to, stream->from);
	}
}

int output_catch_up(struct output *output) {
	int r = catch_up(&output->streams[0]);
	return r < 0 ? r : catch_up(&output->streams[1]);
}

int output_error(const struct output *output) {
	return output->streams[0].error ? output->streams[0].error : output->streams[1].error;
}

/*
 * Reads everything that is there. poll(2) would report no end, because we hold the other end of a
 * terminal ourselves, and perhaps somebody outside does too. True while the rest waits for its
 * reader.
 */
static bool finish_stream(struct output_stream *stream) {
	while (stream->from >= 0 && !pending(stream)) {
		if (read_in(stream) > 0 || stream->from < 0)
			continue;
		cleanup_fd_(&stream->from);
		stream->from = -1;
		if (check(stream, end_mask(stream)) == 0)
			write_new(stream);
	}
	return pending(stream);
}

bool output_finish(struct output *output) {
	bool first = finish_stream(&output->streams[0]),
	     second = finish_stream(&output->streams[1]);
	return first || second;
}

void output_free(struct output *output) {
	session_end(&output->session);
	close_standard(output, STDIN_FILENO);
	for (size_t i = 0; i < ARRAY_SIZE(output->streams); i++) {
		mask_stream_free(output->streams[i].stream);
		close_stream(&output->streams[i]);
	}
	mask_free(output->mask);
	output_init(output);
}
