/*
 * Copies standard input to standard output through the matcher, like a run's supervisor, with COUNT
 * invented secrets of SIZE bytes. `make bench-mask` compares it with cat(1).
 */
#include "mask/mask.h"
#include "util/clock.h"
#include "util/fd.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct mask *invent(size_t count, size_t size) {
	struct error err;
	struct mask *mask = NULL;
	struct mask_value *values = calloc(count + 1, sizeof(*values));
	for (size_t i = 0; values && i < count; i++) {
		values[i].name = "bench/secret";
		if (secret_new(size, &values[i].value, &err) < 0)
			return NULL;
		randombytes_buf(values[i].value->bytes, size);
	}
	return values && mask_new(values, count, &mask, &err) == 0 ? mask : NULL;
}

int main(int argc, char **argv) {
	struct error err;
	struct mask_stream *stream = NULL;
	if (argc != 3 || sodium_init() < 0)
		return 2;
	struct mask *mask = invent((size_t)atol(argv[1]), (size_t)atol(argv[2]));
	if (!mask || mask_stream_new(mask, &stream, &err) < 0)
		return 1;
	struct buffer out = BUFFER_INIT;
	for (;;) {
		size_t room;
		unsigned char *at = mask_stream_room(stream, &room);
		ssize_t n = read(STDIN_FILENO, at, room);
		int r = n > 0 ? mask_stream_filled(stream, (size_t)n, clock_now(), &out)
		              : mask_stream_end(stream, &out);
		if (n < 0 || r < 0 || fd_write_full(STDOUT_FILENO, out.bytes, out.size) < 0)
			return 1;
		out.size = 0;
		if (n == 0)
			return 0;
	}
}
