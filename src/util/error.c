#include "util/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* 0 would turn an error into success where no errno was set. */
static int negative(int code) {
	if (code == 0)
		return -EIO;
	return code > 0 ? -code : code;
}

/* C0, DEL, and C1 as UTF-8 writes it (0xc2 0x80 to 0x9f): U+009B begins sequences as ESC [ does. */
static void replace_controls(char *text) {
	for (; *text; text++) {
		const unsigned char c = (unsigned char)text[0], next = (unsigned char)text[1];
		if (c < 0x20 || c == 0x7f)
			*text = '?';
		else if (c == 0xc2 && next >= 0x80 && next <= 0x9f)
			text[0] = text[1] = '?';
	}
}

int error_set(struct error *err, int code, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	replace_controls(err->text);
	return negative(code);
}

int error_errno(struct error *err, int code, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(-negative(code)));
	replace_controls(err->text);
	return negative(code);
}

int error_wrap(struct error *err, int code, const char *format, ...) {
	struct error inner = *err;
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner.text);
	replace_controls(err->text);
	return negative(code);
}
