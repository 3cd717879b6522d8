#include "util/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>

/* The error of locking the stack; 0: it is locked, or locking was not requested. */
static int stack_error;

static int cannot_lock(int code, struct error *err) {
	return error_errno(
		err, code,
		"cannot lock memory for a secret; raise the limit on locked memory (ulimit -l)");
}

/* More than any call into libsodium uses, which is a few kilobytes. */
#define STACK_WIPED ((size_t)16 * 1024)
#define STACK_LOCKED ((size_t)32 * 1024)

void secret_lock_stack(void) {
	volatile unsigned char below[STACK_LOCKED];
	/* The kernel lets a stack grow when it is touched, not when it is locked. */
	for (size_t at = sizeof(below); at > 0; at -= 4096)
		below[at - 1] = 0;
	/* One byte more, so that wherever the stack begins it is the same number of pages. */
	if (mlock((const void *)below, sizeof(below) + 1) != 0)
		stack_error = errno;
}

int secret_new(size_t size, struct secret **ret_secret, struct error *err) {
	if (size == 0 || size > SECRET_SIZE_MAX)
		return error_set(err, EINVAL, "a secret must have 1 to %zu bytes", SECRET_SIZE_MAX);
	if (stack_error)
		return cannot_lock(stack_error, err);
	struct secret *secret = calloc(1, sizeof(*secret));
	if (!secret)
		return error_errno(err, ENOMEM, "cannot allocate a secret");
	secret->bytes = sodium_malloc(size);
	if (!secret->bytes) {
		free(secret);
		return error_set(err, ENOMEM, "cannot allocate guarded memory");
	}
	/* sodium_malloc ignores a failed mlock, so lock again and check. */
	if (mlock(secret->bytes, size) != 0) {
		int saved = errno;
		secret->size = size;
		secret_free(secret);
		return cannot_lock(saved ? saved : ENOMEM, err);
	}
	memset(secret->bytes, 0, size);
	secret->size = size;
	*ret_secret = secret;
	return 0;
}

int secret_from_bytes(const void *bytes, size_t size, struct secret **ret_secret,
                      struct error *err) {
	int r = secret_new(size, ret_secret, err);
	if (r < 0)
		return r;
	memcpy((*ret_secret)->bytes, bytes, size);
	return 0;
}

static int grow(struct secret **secret, size_t room, struct error *err) {
	cleanup_secret struct secret *larger = NULL;
	int r = secret_new(room, &larger, err);
	if (r < 0)
		return r;
	memcpy(larger->bytes, (*secret)->bytes, (*secret)->size);
	larger->size = (*secret)->size;
	secret_free(*secret);
	*secret = steal_pointer(larger);
	return 0;
}

int secret_read_fd(int fd, size_t max, struct secret **ret_secret, struct error *err) {
	size_t room = max + 1 < 4096 ? max + 1 : 4096;
	cleanup_secret struct secret *secret = NULL;
	int r = secret_new(room, &secret, err);
	if (r < 0)
		return r;
	secret->size = 0;
	for (;;) {
		if (secret->size > max)
			return error_set(err, EFBIG, "more than %zu bytes", max);
		if (secret->size == room) {
			room = room * 4 < max + 1 ? room * 4 : max + 1;
			if ((r = grow(&secret, room, err)) < 0)
				return r;
		}
		ssize_t n = read(fd, secret->bytes + secret->size, room - secret->size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, errno, "cannot read");
		if (n == 0)
			break;
		secret->size += (size_t)n;
	}
	*ret_secret = steal_pointer(secret);
	return 0;
}

void secret_free(struct secret *secret) {
	if (!secret)
		return;
	sodium_stackzero(STACK_WIPED);
	sodium_free(secret->bytes);
	free(secret);
}
