#ifndef ENVSEAL_MASK_MASK_H
#define ENVSEAL_MASK_MASK_H

#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Masking: replaces secrets in a stream of bytes by "[envseal:NAME]", however the stream is cut
 * into pieces and in each of the usual encodings (mask/encoding.h). Overlapping occurrences count
 * as well: each longest run of bytes that belong to one becomes one mark, named after the
 * occurrence that begins first, and of those the longest. All other bytes pass unchanged, in order.
 */

/* Shorter values, and shorter lines of values, appear in any output by chance. */
#define MASK_SIZE_MIN 4

/*
 * A stream holds back its last MASK_HELD bytes until as many have followed, a time has passed, or
 * the stream ends. The number is the same for all secrets, since it would otherwise tell their
 * length.
 */
#define MASK_HELD ((size_t)16 * 1024)

/* That time in microseconds: at least this, and less than twice this. */
#define MASK_PATIENCE 20000

/*
 * Longer values are searched for in overlapping pieces of this size. In any encoding a piece is
 * shorter than MASK_HELD (six bytes for one in JSON), and no part of a piece is masked on its own.
 */
#define MASK_PIECE ((size_t)2 * 1024)

/* What a stream takes at once. */
#define MASK_ROOM ((size_t)64 * 1024)

/* The patterns that are searched for. Immutable once made; any number of streams may share it. */
struct mask;

struct mask_value {
	const char *name;     /* copied */
	struct secret *value; /* taken over */
};

/*
 * Makes a mask of `count` values. Each is a pattern as a whole, or in pieces if it is long, without
 * line feeds at its end. Each line of a value with several lines is a pattern too, without the
 * blanks around it. Takes over the values, also on failure; the array stays the caller's.
 */
int mask_new(struct mask_value *values, size_t count, struct mask **ret_mask, struct error *err);

/* Wipes; NULL is fine. */
void mask_free(struct mask *mask);

DEFINE_CLEANUP(mask, struct mask *, mask_free)
#define cleanup_mask __attribute__((cleanup(cleanup_mask_)))

struct mask_stream;

/* The mask must outlive it. */
int mask_stream_new(const struct mask *mask, struct mask_stream **ret_stream, struct error *err);

/* Where the caller puts the next input: *ret_room, at least MASK_ROOM, bytes of locked memory. */
unsigned char *mask_stream_room(struct mask_stream *stream, size_t *ret_room);

#define MASK_NEVER UINT64_MAX

/*
 * Takes `size` bytes that were put there, at the time `now` in microseconds. Appends to `out` the
 * bytes that are released because of their number. -ENOMEM: nothing more may be written from this
 * stream.
 */
int mask_stream_filled(struct mask_stream *stream, size_t size, uint64_t now, struct buffer *out);

/* The time for mask_stream_release; MASK_NEVER: nothing is held. */
uint64_t mask_stream_due(const struct mask_stream *stream);

/* Appends the bytes whose time has passed. */
int mask_stream_release(struct mask_stream *stream, uint64_t now, struct buffer *out);

/* The stream has ended, or pauses for long: appends all bytes that are held. */
int mask_stream_end(struct mask_stream *stream, struct buffer *out);

void mask_stream_free(struct mask_stream *stream);

DEFINE_CLEANUP(mask_stream, struct mask_stream *, mask_stream_free)
#define cleanup_mask_stream __attribute__((cleanup(cleanup_mask_stream_)))

#endif
