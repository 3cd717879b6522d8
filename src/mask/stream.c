#include "mask/mask.h"

#include "mask/index.h"
#include "mask/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * When bytes are released depends on their number and on time, never on their content
 * (doc/decisions/masking.md). Matches are searched for only where bytes are about to be released,
 * in all that is there by then.
 *
 * Positions are numbers of bytes since the stream began.
 */
struct mask_stream {
	const struct mask *mask;
	struct secret *text;
	size_t size;       /* bytes in it */
	uint64_t origin;   /* the place of its first byte */
	uint64_t searched; /* no match begins before this position: MASK_HELD bytes have followed */
	uint64_t released; /* all before that is out, */
	uint64_t written;  /* or is masked, and then perhaps more */
	uint64_t masked;   /* where the last mark ends */
	uint64_t settled;  /* what is to be released, */
	uint64_t due;      /* and when */
	bool failed;
};

/* Keeps the time for moving held bytes to the front from showing in the speed. */
#define TEXT_SIZE (2 * MASK_ROOM)

int mask_stream_new(const struct mask *mask, struct mask_stream **ret_stream, struct error *err) {
	cleanup_mask_stream struct mask_stream *stream = calloc(1, sizeof(*stream));
	if (!stream)
		return error_errno(err, ENOMEM, "cannot mask the output");
	int r = secret_new(TEXT_SIZE, &stream->text, err);
	if (r < 0)
		return r;
	stream->mask = mask;
	stream->due = MASK_NEVER;
	*ret_stream = steal_pointer(stream);
	return 0;
}

void mask_stream_free(struct mask_stream *stream) {
	if (!stream)
		return;
	secret_free(stream->text);
	free(stream);
}

static uint64_t least(uint64_t a, uint64_t b) {
	return a < b ? a : b;
}

static const unsigned char *text_at(const struct mask_stream *stream, uint64_t place) {
	return stream->text->bytes + (place - stream->origin);
}

static uint64_t text_end(const struct mask_stream *stream) {
	return stream->origin + stream->size;
}

static void write_plain(struct mask_stream *stream, struct buffer *out, uint64_t until) {
	if (until <= stream->written)
		return;
	buffer_append(out, text_at(stream, stream->written), (size_t)(until - stream->written));
	stream->written = until;
}

/* A match of what may be out in part: of a mask that it overlaps it is a continuation. */
static void write_mark(struct mask_stream *stream, struct buffer *out, const char *name,
                       uint64_t start, uint64_t end) {
	if (end <= stream->written)
		return;
	bool continued = start < stream->masked && stream->masked == stream->written;
	write_plain(stream, out, start);
	if (!continued)
		buffer_format(out, "[envseal:%s]", name);
	stream->written = stream->masked = end;
}

/* The longest match that begins here, of those the first of the policy. */
static void look(struct mask_stream *stream, struct buffer *out, uint64_t place) {
	size_t count, longest = 0;
	const char *name = NULL;
	const unsigned char *at = text_at(stream, place);
	const struct window *found = mask_index_find(stream->mask, window_at(at), &count);
	for (size_t i = 0; i < count; i++) {
		const struct pattern *pattern = &stream->mask->patterns[found[i].pattern];
		size_t size = pattern_match(&pattern->text, at, (size_t)(text_end(stream) - place));
		if (size > longest) {
			longest = size;
			name = pattern->name;
		}
	}
	if (name)
		write_mark(stream, out, name, place, place + longest);
}

/*
 * What begins before `until` goes out. It is searched from where less than MASK_HELD bytes have
 * followed: what had not ended when its beginning went out may have by now.
 */
static void release(struct mask_stream *stream, struct buffer *out, uint64_t until) {
	const size_t size = (size_t)(least(until + WINDOW - 1, text_end(stream)) - stream->origin);
	size_t at = (size_t)(stream->searched - stream->origin);
	while ((at = mask_index_scan(stream->mask, stream->text->bytes, at, size)) + WINDOW <= size)
		look(stream, out, stream->origin + at++);
	write_plain(stream, out, until);
	stream->released = until;
}

static void forget(struct mask_stream *stream) {
	size_t gone = (size_t)(stream->searched - stream->origin);
	if (TEXT_SIZE - stream->size >= MASK_ROOM)
		return;
	memmove(stream->text->bytes, stream->text->bytes + gone, stream->size - gone);
	stream->size -= gone;
	stream->origin = stream->searched;
}

static int result(struct mask_stream *stream, const struct buffer *out) {
	stream->failed = stream->failed || out->failed;
	return stream->failed ? -ENOMEM : 0;
}

unsigned char *mask_stream_room(struct mask_stream *stream, size_t *ret_room) {
	*ret_room = TEXT_SIZE - stream->size;
	return stream->text->bytes + stream->size;
}

int mask_stream_filled(struct mask_stream *stream, size_t size, uint64_t now, struct buffer *out) {
	if (stream->failed)
		return -ENOMEM;
	stream->size += size;
	const uint64_t end = text_end(stream);
	if (end > stream->searched + MASK_HELD) {
		const uint64_t until = end - MASK_HELD;
		release(stream, out, until > stream->released ? until : stream->released);
		stream->searched = until;
		forget(stream);
	}
	if (stream->due == MASK_NEVER) {
		stream->settled = end;
		stream->due = now + MASK_PATIENCE;
	}
	return result(stream, out);
}

uint64_t mask_stream_due(const struct mask_stream *stream) {
	return stream->due;
}

int mask_stream_release(struct mask_stream *stream, uint64_t now, struct buffer *out) {
	const uint64_t end = text_end(stream);
	if (stream->failed)
		return -ENOMEM;
	if (now < stream->due)
		return 0;
	if (stream->settled > stream->released)
		release(stream, out, stream->settled);
	stream->due = stream->released < end ? now + MASK_PATIENCE : MASK_NEVER;
	stream->settled = end;
	return result(stream, out);
}

int mask_stream_end(struct mask_stream *stream, struct buffer *out) {
	if (stream->failed)
		return -ENOMEM;
	release(stream, out, text_end(stream));
	stream->due = MASK_NEVER;
	return result(stream, out);
}
