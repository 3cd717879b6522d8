#ifndef ENVSEAL_MASK_MASK_H
#define ENVSEAL_MASK_MASK_H

#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>
#include <stddef.h>

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
 * What a stream holds back at most. A run of this length that begins like a secret is masked as far
 * as it goes like it, whatever follows.
 */
#define MASK_HELD_MAX ((size_t)64 * 1024)

/* What a stream takes at once. */
#define MASK_ROOM ((size_t)64 * 1024)

/* What is looked for. Never changes once it is made; any number of streams may share it. */
struct mask;

struct mask_value {
	const char *name;     /* copied */
	struct secret *value; /* taken over */
};

/*
 * Makes one of `count` values: each as a whole, without the line feeds at its end, and, if it has
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

/*
 * `size` bytes were put there. Appends to `out` whatever is certain now. -ENOMEM: nothing more may
 * be written from this stream.
 */
int mask_stream_filled(struct mask_stream *stream, size_t size, struct buffer *out);

/*
 * Nothing has come for a while, and somebody looks on: lets up to three bytes go that begin like a
 * secret, or a key that was typed would only be seen with the next one. If the rest follows, it is
 * masked.
 */
int mask_stream_show(struct mask_stream *stream, struct buffer *out);

/* Whether that would show anything. */
bool mask_stream_may_show(const struct mask_stream *stream);

/* Nothing more will come: what was held back is not a secret. */
int mask_stream_end(struct mask_stream *stream, struct buffer *out);

void mask_stream_free(struct mask_stream *stream);

DEFINE_CLEANUP(mask_stream, struct mask_stream *, mask_stream_free)
#define cleanup_mask_stream __attribute__((cleanup(cleanup_mask_stream_)))

#endif
