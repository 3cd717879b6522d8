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
 * into pieces and in whichever of the usual encodings they come (mask/encoding.h). Every occurrence
 * counts, overlapping ones too: each longest run of bytes that belong to one becomes one mark,
 * named after the one that begins first, of those the longest. All other bytes come out as they
 * went in, in their order.
 */

/* Shorter values, and shorter lines of values, are in every output by chance. */
#define MASK_SIZE_MIN 4

/*
 * What a stream holds back: the last so many bytes, until as many have followed, a time is over, or
 * it ends. The same for all secrets, or it would tell how long they are.
 */
#define MASK_HELD ((size_t)16 * 1024)

/* That time, in microseconds: at least this, and less than twice as long. */
#define MASK_PATIENCE 20000

/*
 * A longer value is looked for in pieces of this size, which overlap: in any encoding each is
 * shorter than what is held (six bytes for one in JSON), and nothing shorter is ever masked.
 */
#define MASK_PIECE ((size_t)2 * 1024)

/* What a stream takes at once. */
#define MASK_ROOM ((size_t)64 * 1024)

/* What is looked for. Never changes once it is made; any number of streams may share it. */
struct mask;

struct mask_value {
	const char *name;     /* copied */
	struct secret *value; /* taken over */
};

/*
 * Makes one of `count` values: each as a whole, or in pieces if it is long, without the line feeds at its end, and, if it has
 * several lines, each line without the blanks around it. Takes the values over, also on failure;
 * the array stays the caller's.
 */
int mask_new(struct mask_value *values, size_t count, struct mask **ret_mask, struct error *err);

/* Wipes; NULL is fine. */
void mask_free(struct mask *mask);

DEFINE_CLEANUP(mask, struct mask *, mask_free)
#define cleanup_mask __attribute__((cleanup(cleanup_mask_)))

struct mask_stream;

/* The mask must outlive it. */
int mask_stream_new(const struct mask *mask, struct mask_stream **ret_stream, struct error *err);

/* Where to put what comes next: *ret_room, at least MASK_ROOM, bytes of locked memory. */
unsigned char *mask_stream_room(struct mask_stream *stream, size_t *ret_room);

#define MASK_NEVER UINT64_MAX

/*
 * `size` bytes were put there, `now` microseconds after any moment. Appends to `out` what goes out
 * by their number. -ENOMEM: nothing more may be written from this stream.
 */
int mask_stream_filled(struct mask_stream *stream, size_t size, uint64_t now, struct buffer *out);

/* When mask_stream_release has something to do; MASK_NEVER: nothing is held. */
uint64_t mask_stream_due(const struct mask_stream *stream);

/* Appends what has been held for long enough; nothing before it is due. */
int mask_stream_release(struct mask_stream *stream, uint64_t now, struct buffer *out);

/* Nothing more will come, or not for long: appends all that is held. */
int mask_stream_end(struct mask_stream *stream, struct buffer *out);

void mask_stream_free(struct mask_stream *stream);

DEFINE_CLEANUP(mask_stream, struct mask_stream *, mask_stream_free)
#define cleanup_mask_stream __attribute__((cleanup(cleanup_mask_stream_)))

#endif
