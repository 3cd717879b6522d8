#include "util/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct buffer *buffer, size_t more) {
	if (buffer->failed || more > SIZE_MAX - buffer->size - 1)
		buffer->failed = true;
	if (buffer->failed)
		return false;
	size_t needed = buffer->size + more + 1;
	if (needed <= buffer->room)
		return true;
	size_t room = needed < 64 ? 64 : needed > SIZE_MAX / 2 ? needed : needed * 2;
	char *bytes = realloc(buffer->bytes, room);
	if (!bytes) {
		buffer->failed = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->room = room;
	return true;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size) {
	if (!reserve(buffer, size))
		return;
	if (size)
		memcpy(buffer->bytes + buffer->size, bytes, size);
	buffer->size += size;
	buffer->bytes[buffer->size] = '\0';
}

void buffer_string(struct buffer *buffer, const char *text) {
	buffer_append(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char c) {
	buffer_append(buffer, &c, 1);
}

void buffer_format(struct buffer *buffer, const char *format, ...) {
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !reserve(buffer, (size_t)length)) {
		buffer->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(buffer->bytes + buffer->size, (size_t)length + 1, format, args);
	va_end(args);
	buffer->size += (size_t)length;
}

char *buffer_steal(struct buffer *buffer) {
	buffer_append(buffer, "", 0);
	char *bytes = buffer->failed ? NULL : buffer->bytes;
	if (!bytes)
		free(buffer->bytes);
	*buffer = BUFFER_INIT;
	return bytes;
}

void buffer_free(struct buffer *buffer) {
	free(buffer->bytes);
	*buffer = BUFFER_INIT;
}
