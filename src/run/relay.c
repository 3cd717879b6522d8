#include "run/relay.h"

#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_ONCE ((size_t)1 << 20)

bool relay_wanted(void) {
	struct stat st;
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	if (flags < 0 || fstat(STDIN_FILENO, &st) < 0)
		return false;
	return S_ISFIFO(st.st_mode) && (flags & O_ACCMODE) == O_RDONLY;
}

void relay_events(const struct relay *relay, struct pollfd events[static 2]) {
	bool open = relay->to >= 0;
	events[0] = (struct pollfd){.fd = open && !relay->full ? STDIN_FILENO : -1, .events = POLLIN};
	/* With no event asked for, poll(2) still says when the last reader has gone. */
	events[1] = (struct pollfd){.fd = relay->to, .events = relay->full ? POLLOUT : 0};
}

static void finish(struct relay *relay) {
	close(relay->to);
	relay->to = -1;
	/* Whoever writes to us is to get SIGPIPE, as from the target itself. */
	fd_null(STDIN_FILENO);
}

void relay_move(struct relay *relay, const struct pollfd events[static 2]) {
	if (relay->to < 0 || (!events[0].revents && !events[1].revents))
		return;
	if (events[1].revents & POLLERR) {
		finish(relay);
		return;
	}
	ssize_t n = splice(STDIN_FILENO, NULL, relay->to, NULL, AT_ONCE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	bool again = n < 0 && (errno == EAGAIN || errno == EINTR);
	if (n == 0 || (n < 0 && !again))
		finish(relay);
	/* EAGAIN with input at hand: the other side is full. */
	else
		relay->full = n < 0 && errno == EAGAIN && !relay->full && events[0].revents;
}
