/*
 * The matcher, with up to three values and an output, all from the input. However the output is
 * cut, the result is the same, and no value survives in it.
 */
#include "mask/mask.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(int condition, const char *what) {
	if (condition)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static struct buffer run(const struct mask *mask, const uint8_t *bytes, size_t size, size_t piece) {
	struct error err;
	struct buffer out = BUFFER_INIT;
	cleanup_mask_stream struct mask_stream *stream = NULL;
	require(mask_stream_new(mask, &stream, &err) == 0, "no stream");
	for (size_t at = 0; at < size; at += piece) {
		size_t room, next = size - at < piece ? size - at : piece;
		memcpy(mask_stream_room(stream, &room), bytes + at, next);
		require(mask_stream_filled(stream, next, 0, &out) == 0, "refused");
	}
	require(mask_stream_end(stream, &out) == 0, "refused at the end");
	buffer_append(&out, "", 0);
	return out;
}

/* A mark may spell a value, or a part of one: "[envseal:1]" with the value "seal". */
static int in_marks(const uint8_t *value, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if (memchr("[]:123envsal", value[i], 12))
			return 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const char *const names[] = {"1", "2", "3"};
	struct error err;
	struct mask_value values[3];
	size_t lengths[3], count = 0, at = 4;
	cleanup_mask struct mask *mask = NULL;
	if (sodium_init() < 0 || size < 128 || size > 65536)
		return 0;
	for (; count < 3 && data[count] % 32 > 0; count++) {
		lengths[count] = data[count] % 32;
		values[count].name = names[count];
		require(secret_from_bytes(data + at, lengths[count], &values[count].value, &err) ==
		                0,
		        "no memory");
		at += (size_t)data[count] % 32;
	}
	if (at >= size) {
		for (size_t i = 0; i < count; i++)
			secret_free(values[i].value);
		return 0;
	}
	require(mask_new(values, count, &mask, &err) == 0, "no mask");
	cleanup_buffer struct buffer whole = run(mask, data + at, size - at, size);
	cleanup_buffer struct buffer pieces = run(mask, data + at, size - at, 1 + data[3] % 16);
	require(whole.size == pieces.size && memcmp(whole.bytes, pieces.bytes, whole.size) == 0,
	        "another outcome in pieces");
	at = 4;
	for (size_t i = 0; i < count; at += lengths[i++]) {
		if (lengths[i] >= MASK_SIZE_MIN && !in_marks(data + at, lengths[i]))
			require(!memmem(whole.bytes, whole.size, data + at, lengths[i]),
			        "a value survived");
	}
	return 0;
}
