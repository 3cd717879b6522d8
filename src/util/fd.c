#include "util/fd.h"

#include "util/cleanup.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <unistd.h>

int fd_read_all(int fd, size_t max, struct buffer *ret_bytes) {
	cleanup_buffer struct buffer bytes = BUFFER_INIT;
	char chunk[16384];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		if ((size_t)n > max - bytes.size)
			return -EFBIG;
		buffer_append(&bytes, chunk, (size_t)n);
	}
	buffer_append(&bytes, "", 0);
	if (bytes.failed)
		return -ENOMEM;
	*ret_bytes = bytes;
	bytes = BUFFER_INIT;
	return 0;
}

int fd_read_full(int fd, void *bytes, size_t size) {
	char *at = bytes;
	while (size > 0) {
		ssize_t n = read(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int fd_write_full(int fd, const void *bytes, size_t size) {
	const char *at = bytes;
	while (size > 0) {
		ssize_t n = write(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int fd_copy(int from, int to) {
	off_t offset = 0;
	for (;;) {
		if (offset > FD_COPY_MAX)
			return -EFBIG;
		ssize_t n = sendfile(to, from, &offset, (size_t)1 << 26);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
	}
}

int fd_reserve_standard(void) {
	for (;;) {
		int fd = open("/dev/null", O_RDWR | O_NOCTTY);
		if (fd < 0)
			return -errno;
		if (fd > STDERR_FILENO) {
			close(fd);
			return 0;
		}
	}
}

int fd_null(int fd) {
	cleanup_fd int null = open("/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return null < 0 || dup2(null, fd) < 0 ? -errno : 0;
}

int fd_set_cloexec(int fd, bool on) {
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0 ? -errno : 0;
}

int fd_parse(const char *text, int *ret_fd) {
	char *end = NULL;
	errno = 0;
	long fd = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || fd > INT_MAX)
		return -EINVAL;
	if (fcntl((int)fd, F_GETFD) < 0)
		return -errno;
	*ret_fd = (int)fd;
	return 0;
}

int fd_pipe(int *ret_read, int *ret_write, struct error *err) {
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "cannot make a pipe");
	*ret_read = ends[0];
	*ret_write = ends[1];
	return 0;
}

/* fcntl(2) has these two errors where the limit is below FD_HIGH. */
int fd_raise(int *fd, bool cloexec) {
	int high = fcntl(*fd, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, FD_HIGH);
	if (high < 0)
		return errno == EMFILE || errno == EINVAL ? 0 : -errno;
	close(*fd);
	*fd = high;
	return 0;
}

/*
 * Replaces close_range(2): visits each open descriptor from `first` on. Counting up to the limit
 * would not do: descriptors above a limit that was lowered later stay open, and the caller sets the
 * limit. Skips the directory's own descriptor.
 */
static int each_open(int first, int (*act)(int fd, const int *kept, size_t count), const int *kept,
                     size_t count) {
	cleanup_dir DIR *dir = opendir("/proc/self/fd");
	if (!dir)
		return -errno;
	struct dirent *entry;
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		char *end = NULL;
		long fd = strtol(entry->d_name, &end, 10);
		if (*end != '\0' || fd < first || fd == dirfd(dir))
			continue;
		int r = act((int)fd, kept, count);
		if (r < 0)
			return r;
	}
	return -errno;
}

static int mark_cloexec(int fd, const int *kept, size_t count) {
	(void)kept;
	(void)count;
	return fd_set_cloexec(fd, true);
}

/* Linux before 5.11 lacks CLOSE_RANGE_CLOEXEC. */
int fd_cloexec_from(int first) {
	if (sys_close_range((unsigned int)first, ~0U, SYS_CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL)
		return -errno;
	return each_open(first, mark_cloexec, NULL, 0);
}

static int close_unless_kept(int fd, const int *kept, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (kept[i] == fd)
			return 0;
	}
	close(fd);
	return 0;
}

/* Closes the ranges between the kept descriptors. */
void fd_close_others(int first, const int *kept, size_t count) {
	for (;;) {
		unsigned int next = ~0U;
		for (size_t i = 0; i < count; i++) {
			if (kept[i] >= first && (unsigned int)kept[i] < next)
				next = (unsigned int)kept[i];
		}
		if ((int)next != first &&
		    sys_close_range((unsigned int)first, next == ~0U ? next : next - 1, 0) < 0)
			break;
		if (next == ~0U)
			return;
		first = (int)next + 1;
	}
	/* Linux before 5.9. Without /proc: all numbers up to the limit. */
	if (each_open(first, close_unless_kept, kept, count) == 0)
		return;
	for (int fd = first; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
		close_unless_kept(fd, kept, count);
}

int fd_sealed(const char *name, const void *bytes, size_t size, int *ret_fd) {
	cleanup_fd int fd = sys_memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int r = fd_write_full(fd, bytes, size);
	if (r < 0)
		return r;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int fd_is_terminal(int fd) {
	if (isatty(fd))
		return 1;
	return errno == ENOTTY || errno == EINVAL ? 0 : -errno;
}
