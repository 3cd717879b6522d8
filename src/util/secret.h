#ifndef ENVSEAL_UTIL_SECRET_H
#define ENVSEAL_UTIL_SECRET_H

#include "util/cleanup.h"
#include "util/error.h"

#include <stddef.h>

/*
 * The one type for keys, passphrases and plaintext: guarded, locked, undumped memory from
 * sodium_malloc(3), wiped when freed. A lock that the kernel refuses (RLIMIT_MEMLOCK) is an error
 * here, though libsodium would carry on without it.
 *
 * `size` may be made smaller by whoever fills it; the whole allocation is wiped all the same.
 */
struct secret {
	unsigned char *bytes;
	size_t size;
};

/* The largest single secret: a 1 MiB value, its header and its sealing overhead fit. */
#define SECRET_SIZE_MAX ((size_t)4 * 1024 * 1024)

/*
 * Allocates `size` (1 to SECRET_SIZE_MAX) zeroed bytes. The caller frees with secret_free.
 * -EINVAL: size out of range. -ENOMEM: no memory, or it cannot be locked.
 */
int secret_new(size_t size, struct secret **ret_secret, struct error *err);

/* As secret_new, filled with a copy of `size` bytes. */
int secret_from_bytes(const void *bytes, size_t size, struct secret **ret_secret,
                      struct error *err);

/*
 * Reads a descriptor to its end into secret memory with read(2), so that no stdio buffer keeps a
 * copy. -EFBIG when there are more than `max` bytes; zero bytes give a secret of size 0.
 */
int secret_read_fd(int fd, size_t max, struct secret **ret_secret, struct error *err);

/*
 * Locks the part of the stack that later calls will use, so that what computations leave there is
 * not swapped out. Call it once, early in main. Where it fails, secret_new fails.
 */
void secret_lock_stack(void);

/*
 * Wipes and frees; NULL is fine. Also wipes the stack below the caller: libsodium cleans up its
 * states, but not each buffer that a result passed through.
 */
void secret_free(struct secret *secret);

DEFINE_CLEANUP(secret, struct secret *, secret_free)
#define cleanup_secret __attribute__((cleanup(cleanup_secret_)))

#endif
