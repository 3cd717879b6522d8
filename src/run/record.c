#include "run/record.h"

#include "util/cleanup.h"
#include "util/fd.h"
#include "util/json_line.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define PATIENCE_MS 2000

/*
 * O_NONBLOCK belongs to the open file, which others may share and do not expect to change. A pipe
 * can be opened again; where that is refused (another user's pipe), poll(2) has to do.
 */
static void make_patient(struct record *record) {
	char path[32];
	struct stat st;
	if (fstat(record->fd, &st) < 0)
		return;
	record->socket = S_ISSOCK(st.st_mode);
	if (!S_ISFIFO(st.st_mode))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", record->fd);
	int again = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (again < 0)
		return;
	close(record->fd);
	record->fd = again;
}

/*
 * The exec closed the caller's descriptors that had the close-on-exec flag. One that has it now is
 * ours, such as the mapper's socket.
 */
static bool from_caller_for_writing(int fd) {
	int flags = fcntl(fd, F_GETFL), mode = flags & O_ACCMODE, own = fcntl(fd, F_GETFD);
	return flags >= 0 && own >= 0 && !(own & FD_CLOEXEC) && !(flags & O_PATH) &&
	       (mode == O_WRONLY || mode == O_RDWR);
}

int record_open(int fd, struct record *ret_record, struct error *err) {
	struct record record = {.fd = fd};
	if (fd >= 0) {
		if (fd <= STDERR_FILENO)
			return error_set(
				err, EBADF,
				"--status-fd: 0, 1 and 2 are the command's own; use another");
		if (!from_caller_for_writing(fd))
			return error_set(err, EBADF,
			                 "--status-fd: descriptor %d is not open for writing", fd);
		int r = fd_set_cloexec(fd, true);
		if (r < 0)
			return error_errno(err, r, "--status-fd: descriptor %d", fd);
		make_patient(&record);
	}
	*ret_record = record;
	return 0;
}

static void begin(struct json_line *line, char *bytes, size_t room, const char *event,
                  const struct record_facts *facts, bool with_command) {
	json_line_begin(line, bytes, room);
	json_line_string(line, "event", event);
	json_line_string(line, "command", with_command ? facts->command : NULL);
	json_line_string(line, "tier", facts->tier);
	json_line_string(line, "mode", facts->mode);
	json_line_string(line, "limits_by", limits_by_name(facts->limits_by));
}

static void finish(struct json_line *line, const struct outcome *outcome) {
	if (!outcome)
		return;
	bool killed = outcome->ended_by > 0;
	json_line_integer(line, "status",
	                  (uint64_t)(outcome->signal ? 128 + outcome->signal : outcome->status));
	if (killed)
		json_line_integer(line, "signal", (uint64_t)outcome->ended_by);
	else
		json_line_null(line, "signal");
	json_line_seconds(line, "seconds", outcome->elapsed);
	json_line_seconds(line, "cpu", outcome->cpu);
	json_line_integer(line, "peak_memory", outcome->peak_memory);
	json_line_boolean(line, "timed_out", outcome->timed_out);
	json_line_boolean(line, "seccomp_killed", outcome->ended_by == SIGSYS);
}

/* A command whose name does not fit is left out, because half a name would be another one. */
static void add(struct record *record, const char *event, const struct record_facts *facts,
                const struct outcome *outcome) {
	char text[PIPE_BUF];
	if (record->fd < 0)
		return;
	for (int with_command = 1; with_command >= 0; with_command--) {
		struct json_line line;
		begin(&line, text, sizeof(text), event, facts, with_command);
		finish(&line, outcome);
		if (!json_line_end(&line) || line.size > sizeof(record->pending) - record->size)
			continue;
		memcpy(record->pending + record->size, text, line.size);
		record->size += line.size;
		break;
	}
	record_write(record);
}

void record_started(struct record *record, const struct record_facts *facts) {
	add(record, "started", facts, NULL);
}

void record_finished(struct record *record, const struct record_facts *facts,
                     const struct outcome *outcome) {
	add(record, "finished", facts, outcome);
}

struct pollfd record_events(const struct record *record) {
	return (struct pollfd){.fd = record->size ? record->fd : -1, .events = POLLOUT};
}

static ssize_t send_some(const struct record *record, size_t size) {
	if (record->socket)
		return send(record->fd, record->pending, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	struct pollfd ready = {.fd = record->fd, .events = POLLOUT};
	if (poll(&ready, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(record->fd, record->pending, size);
}

/* Line by line: two together may be more than a pipe takes in one piece. */
void record_write(struct record *record) {
	while (record->fd >= 0 && record->size) {
		const char *end = memchr(record->pending, '\n', record->size);
		size_t line = end ? (size_t)(end - record->pending) + 1 : record->size;
		ssize_t n = send_some(record, line);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			close(record->fd);
			*record = RECORD_NONE;
			return;
		}
		record->size -= (size_t)n;
		memmove(record->pending, record->pending + n, record->size);
	}
}

static int64_t now(void) {
	struct timespec time = {0};
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void record_close(struct record *record) {
	const int64_t until = now() + PATIENCE_MS;
	for (int64_t left = PATIENCE_MS; record->fd >= 0 && record->size && left > 0;
	     left = until - now()) {
		struct pollfd ready = record_events(record);
		poll(&ready, 1, (int)left);
		record_write(record);
	}
	if (record->fd >= 0)
		close(record->fd);
	*record = RECORD_NONE;
}
