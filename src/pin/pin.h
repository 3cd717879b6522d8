#ifndef ENVSEAL_PIN_PIN_H
#define ENVSEAL_PIN_PIN_H

#include "util/cleanup.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * The pin: a command is opened once, and hash, trust and execution all use that descriptor. The
 * path is never looked up again.
 */

#define PIN_DIGEST_BYTES 32
#define PIN_HASH_TEXT_MAX 96

enum pin_algorithm {
	PIN_BLAKE2B_256, /* what `b2sum -l 256` prints (RFC 7693) */
	PIN_SHA256,      /* what `sha256sum` prints (FIPS 180-4) */
};

/* One accepted content, written "algorithm:hex". */
struct pin_hash {
	enum pin_algorithm algorithm;
	uint8_t digest[PIN_DIGEST_BYTES];
};

/* "blake2b-256" and "sha256". NULL / -EINVAL for any other. */
const char *pin_algorithm_name(enum pin_algorithm algorithm);
int pin_algorithm_parse(const char *name, enum pin_algorithm *ret_algorithm);

/* Reads "algorithm:64 lower-case hex digits". -EINVAL. */
int pin_hash_parse(const char *text, struct pin_hash *ret_hash);
void pin_hash_format(const struct pin_hash *hash, char ret_text[static PIN_HASH_TEXT_MAX]);

/* Hashes all bytes of a regular file from offset 0 with pread(2); the offset does not move. */
int pin_hash_fd(int fd, enum pin_algorithm algorithm, struct pin_hash *ret_hash, struct error *err);

struct pin {
	char *path;     /* real path, for messages and for trusted scripts */
	int fd;         /* what is hashed and run; close-on-exec */
	struct stat st; /* of the file as opened */
	bool trusted;   /* root's, by root-only directories (util/trust.h) */
	bool copied;    /* fd is the sealed copy, the file itself is closed */
};

/*
 * Opens the command at `real_path`. No FIFO can hang it. The caller frees.
 *   -ENOENT -ENOTDIR ...  not found
 *   -EACCES -EISDIR       found but not executable
 */
int pin_open(const char *real_path, struct pin **ret_pin, struct error *err);

/*
 * Whether the file is trusted and nobody but root can make `name` lead to another file: every
 * directory and link on the way belongs to root. The owner of any other link could choose among all
 * trusted files.
 */
bool pin_is_trusted_as(const struct pin *pin, const char *name);

/*
 * Makes the bytes immutable. A trusted file is used as it is. Any other is copied into memory that
 * is sealed against writing; the copy is hashed and executed. `name` is the path by which the file
 * was found: on a mount that a user may have made, the file counts as trusted only when nobody else
 * can change where that name leads.
 */
int pin_settle(struct pin *pin, const char *name, struct error *err);

/* Copies a trusted file as well, for callers that cannot use its path. It stays trusted. */
int pin_copy(struct pin *pin, struct error *err);

/*
 * Whether the immutable bytes have one of `hashes`. -EBADMSG: none; the text has one expected hash
 * and the actual one.
 */
int pin_verify(const struct pin *pin, const struct pin_hash *hashes, size_t count,
               struct error *err);

/*
 * Whether the file begins with "#!". An unreadable file counts as a script, whose header is then
 * refused.
 */
bool pin_is_script(const struct pin *pin);

void pin_free(struct pin *pin);

DEFINE_CLEANUP(pin, struct pin *, pin_free)
#define cleanup_pin __attribute__((cleanup(cleanup_pin_)))

#endif
