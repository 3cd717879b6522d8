#include "mask/mask.h"

#include "mask/index.h"
#include "mask/pattern.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOTHING UINT64_MAX

/* Places are numbers of bytes since the stream began. */

/*
 * A pattern that has matched so far; at most one a pattern: what could begin inside it follows from
 * it.
 */
struct candidate {
	const struct pattern *pattern;
	struct progress progress;
	uint64_t start;
	bool long_enough; /* longer than MASK_HELD_MAX: masked as it goes */
};

/* Bytes that are masked, and not yet written. */
struct interval {
	uint64_t start, end;
	const struct pattern *pattern; /* the one that it is named after, */
	uint64_t pattern_end;          /* and where that ends */
	bool marked;                   /* its mark has been written: it has only to end */
};

struct candidates {
	struct candidate *items;
	size_t count, room;
};

struct intervals {
	struct interval *items;
	size_t count, room;
};

struct mask_stream {
	const struct mask *mask;
	struct secret *text;
	size_t size;      /* bytes in it */
	uint64_t origin;  /* the place of its first byte */
	uint64_t written; /* all before that are out, or masked */
	uint64_t masked;  /* where the last mask that was written ends */
	struct candidates candidates;
	struct intervals intervals;
	bool failed;
};

/* Room for what is held, for a window that lies across, and for what comes. */
#define TEXT_SIZE (MASK_HELD_MAX + WINDOW + MASK_ROOM)

int mask_stream_new(const struct mask *mask, struct mask_stream **ret_stream, struct error *err) {
	cleanup_mask_stream struct mask_stream *stream = calloc(1, sizeof(*stream));
	if (!stream)
		return error_errno(err, ENOMEM, "cannot mask the output");
	int r = secret_new(TEXT_SIZE, &stream->text, err);
	if (r < 0)
		return r;
	stream->mask = mask;
	*ret_stream = steal_pointer(stream);
	return 0;
}

void mask_stream_free(struct mask_stream *stream) {
	if (!stream)
		return;
	secret_free(stream->text);
	free(stream->candidates.items);
	free(stream->intervals.items);
	free(stream);
}

static uint64_t least(uint64_t a, uint64_t b) {
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b) {
	return a > b ? a : b;
}

static const unsigned char *text_at(const struct mask_stream *stream, uint64_t place) {
	return stream->text->bytes + (place - stream->origin);
}

static uint64_t text_end(const struct mask_stream *stream) {
	return stream->origin + stream->size;
}

/* Room for one more; NULL, for good, when there is none. */
static void *grow(struct mask_stream *stream, void *items, size_t count, size_t *room, size_t size) {
	if (count < *room)
		return items;
	size_t larger = *room ? *room * 2 : 16;
	void *moved = reallocarray(items, larger, size);
	if (moved)
		*room = larger;
	else
		stream->failed = true;
	return moved;
}

/*
 * The mark is named after what begins first, of those the longest, of those the first of the
 * policy.
 */
static bool keeps_its_name(const struct interval *last, const struct interval *new) {
	if (last->marked || last->start != new->start)
		return last->marked || last->start < new->start;
	return last->pattern_end > new->pattern_end ||
	       (last->pattern_end == new->pattern_end && last->pattern < new->pattern);
}

/* Takes what it overlaps into itself. */
static void mark(struct mask_stream *stream, const struct pattern *pattern, uint64_t start, uint64_t end) {
	struct intervals *all = &stream->intervals;
	struct interval new = {
		.start = most(start, stream->written),
		.end = end,
		.pattern = pattern,
		.pattern_end = end,
		.marked = start < stream->masked && stream->masked == stream->written,
	};
	/* All of it is out as a mask already. */
	if (new.start >= new.end)
		return;
	while (all->count && all->items[all->count - 1].end > new.start) {
		const struct interval *last = &all->items[all->count - 1];
		if (keeps_its_name(last, &new)) {
			new.start = last->start;
			new.pattern = last->pattern;
			new.pattern_end = last->pattern_end;
			new.marked = last->marked;
		}
		new.end = most(new.end, last->end);
		all->count--;
	}
	struct interval *items = grow(stream, all->items, all->count, &all->room, sizeof(*items));
	if (!items)
		return;
	all->items = items;
	all->items[all->count++] = new;
}

static bool is_break(unsigned char c) {
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* The place `distance` bytes of the pattern further on, over the breaks between them. */
static uint64_t move_on(const struct mask_stream *stream, const struct candidate *candidate, size_t distance) {
	uint64_t place = candidate->start;
	if (!encoding_has_breaks(candidate->pattern->text.encoding))
		return place + distance;
	/* What is no longer there has been masked: any place in it will do. */
	if (place < stream->origin)
		return least(place + distance, stream->origin);
	for (; distance > 0 || is_break(*text_at(stream, place)); place++)
		distance -= !is_break(*text_at(stream, place));
	return place;
}

/* The window must be in one piece, or it would not have been found there in the first place. */
static bool in_one_piece(const struct mask_stream *stream, const struct candidate *candidate) {
	if (!encoding_has_breaks(candidate->pattern->text.encoding) || candidate->start < stream->origin)
		return true;
	for (uint64_t i = 0; i < WINDOW; i++) {
		if (is_break(*text_at(stream, candidate->start + i)))
			return false;
	}
	return true;
}

/*
 * After a match, or after `byte` did not fit: the next start that still can be one. Less than a
 * window is none: it will be found by its window.
 */
static bool fall_back(const struct mask_stream *stream, struct candidate *candidate, int byte) {
	do {
		size_t distance = progress_fall_back(&candidate->pattern->text, &candidate->progress, byte);
		if (candidate->progress.next.offset < WINDOW)
			return false;
		candidate->start = move_on(stream, candidate, distance);
		/* From now on without the byte: it has been taken. */
		byte = -1;
	} while (!in_one_piece(stream, candidate));
	return true;
}

/* Takes the byte at `place`; false when there is nothing left to hope for. */
static bool step(struct mask_stream *stream, struct candidate *candidate, uint64_t place) {
	const struct encoded *text = &candidate->pattern->text;
	const unsigned char byte = *text_at(stream, place);
	if (progress_take(text, &candidate->progress, byte)) {
		if (!progress_complete(text, &candidate->progress))
			return true;
		mark(stream, candidate->pattern, candidate->start, place + 1);
		candidate->long_enough = false;
		return fall_back(stream, candidate, -1);
	}
	if (encoding_has_breaks(text->encoding) && is_break(byte))
		return true;
	if (candidate->long_enough)
		mark(stream, candidate->pattern, candidate->start, place);
	candidate->long_enough = false;
	return fall_back(stream, candidate, byte);
}

static void step_all(struct mask_stream *stream, uint64_t place) {
	struct candidates *all = &stream->candidates;
	size_t kept = 0;
	for (size_t i = 0; i < all->count; i++) {
		if (step(stream, &all->items[i], place))
			all->items[kept++] = all->items[i];
	}
	all->count = kept;
}

static bool is_candidate(const struct mask_stream *stream, const struct pattern *pattern) {
	for (size_t i = 0; i < stream->candidates.count; i++) {
		if (stream->candidates.items[i].pattern == pattern)
			return true;
	}
	return false;
}

static void start(struct mask_stream *stream, const struct pattern *pattern, uint64_t place) {
	struct candidates *all = &stream->candidates;
	struct candidate new = {.pattern = pattern, .start = place};
	cursor_seek(&pattern->text, &new.progress.next, WINDOW);
	if (progress_complete(&pattern->text, &new.progress)) {
		mark(stream, pattern, place, place + WINDOW);
		return;
	}
	struct candidate *items = grow(stream, all->items, all->count, &all->room, sizeof(*items));
	if (!items)
		return;
	all->items = items;
	all->items[all->count++] = new;
}

static void start_all(struct mask_stream *stream, uint64_t place) {
	size_t count;
	const struct window *found = mask_index_find(stream->mask, window_at(text_at(stream, place)), &count);
	/* Those that were there before: what starts here is new. */
	for (size_t i = 0; i < count; i++) {
		const struct pattern *pattern = &stream->mask->patterns[found[i].pattern];
		if (!is_candidate(stream, pattern))
			start(stream, pattern, place);
	}
}

/*
 * From the first byte that no candidate has seen. With each, the window that it ends is looked at.
 */
static void search(struct mask_stream *stream, size_t from) {
	const unsigned char *bytes = stream->text->bytes;
	const size_t size = stream->size;
	size_t at = from < WINDOW - 1 ? 0 : from - (WINDOW - 1); /* of the window */
	while (at + WINDOW <= size && !stream->failed) {
		if (stream->candidates.count == 0)
			at = mask_index_scan(stream->mask, bytes, at, size);
		if (at + WINDOW > size)
			break;
		step_all(stream, stream->origin + at + WINDOW - 1);
		if (window_possible(stream->mask, window_at(bytes + at)))
			start_all(stream, stream->origin + at);
		at++;
	}
}

/* Where the bytes begin that may yet become a match by their beginning alone. */
static uint64_t short_start(const struct mask_stream *stream) {
	size_t longest = stream->size < WINDOW - 1 ? stream->size : WINDOW - 1;
	for (size_t size = longest; size > 0; size--) {
		const unsigned char *bytes = stream->text->bytes + stream->size - size;
		if (mask_index_begins(stream->mask, bytes, size))
			return text_end(stream) - size;
	}
	return NOTHING;
}

/* Where what is uncertain begins, for windows that are whole. */
static uint64_t candidates_start(struct mask_stream *stream) {
	const uint64_t end = text_end(stream);
	uint64_t first = NOTHING;
	for (size_t i = 0; i < stream->candidates.count; i++) {
		struct candidate *candidate = &stream->candidates.items[i];
		if (end - candidate->start >= MASK_HELD_MAX)
			candidate->long_enough = true;
		if (candidate->long_enough)
			mark(stream, candidate->pattern, candidate->start, end);
		else
			first = least(first, candidate->start);
	}
	return first;
}

static void write_plain(struct mask_stream *stream, struct buffer *out, uint64_t until) {
	if (until <= stream->written)
		return;
	buffer_append(out, text_at(stream, stream->written), (size_t)(until - stream->written));
	stream->written = until;
}

static void write_until(struct mask_stream *stream, struct buffer *out, uint64_t until) {
	struct intervals *all = &stream->intervals;
	size_t done = 0;
	while (done < all->count && all->items[done].start < until) {
		struct interval *interval = &all->items[done];
		write_plain(stream, out, interval->start);
		if (!interval->marked)
			buffer_format(out, "[envseal:%s]", interval->pattern->name);
		interval->marked = true;
		stream->written = stream->masked = least(interval->end, until);
		if (interval->end > until)
			break;
		done++;
	}
	if (done)
		memmove(all->items, all->items + done, (all->count - done) * sizeof(*all->items));
	all->count -= done;
	write_plain(stream, out, until);
}

/* Forgets what is out, but for the bytes that a window may yet begin with. */
static void forget(struct mask_stream *stream, uint64_t needed) {
	uint64_t end = text_end(stream);
	uint64_t from = least(least(needed, stream->written), end - least(stream->size, WINDOW - 1));
	size_t gone = (size_t)(from - stream->origin);
	memmove(stream->text->bytes, stream->text->bytes + gone, stream->size - gone);
	stream->size -= gone;
	stream->origin = from;
}

static int result(struct mask_stream *stream, const struct buffer *out) {
	stream->failed = stream->failed || out->failed;
	return stream->failed ? -ENOMEM : 0;
}

unsigned char *mask_stream_room(struct mask_stream *stream, size_t *ret_room) {
	*ret_room = TEXT_SIZE - stream->size;
	return stream->text->bytes + stream->size;
}

int mask_stream_filled(struct mask_stream *stream, size_t size, struct buffer *out) {
	size_t from = stream->size;
	stream->size += size;
	search(stream, from);
	uint64_t uncertain = candidates_start(stream);
	/* Not a byte is let go that somebody asked to be masked. */
	if (stream->failed)
		return -ENOMEM;
	write_until(stream, out, least(least(uncertain, short_start(stream)), text_end(stream)));
	forget(stream, uncertain);
	return result(stream, out);
}

int mask_stream_show(struct mask_stream *stream, struct buffer *out) {
	if (stream->failed)
		return -ENOMEM;
	write_until(stream, out, least(candidates_start(stream), text_end(stream)));
	return result(stream, out);
}

bool mask_stream_may_show(const struct mask_stream *stream) {
	if (stream->written >= text_end(stream))
		return false;
	for (size_t i = 0; i < stream->candidates.count; i++) {
		if (stream->candidates.items[i].start <= stream->written)
			return false;
	}
	return true;
}

int mask_stream_end(struct mask_stream *stream, struct buffer *out) {
	if (stream->failed)
		return -ENOMEM;
	write_until(stream, out, text_end(stream));
	stream->candidates.count = 0;
	forget(stream, NOTHING);
	return result(stream, out);
}
