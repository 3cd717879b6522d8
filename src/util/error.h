#ifndef ENVSEAL_UTIL_ERROR_H
#define ENVSEAL_UTIL_ERROR_H

#include <stddef.h>

/*
 * The one error shape. A function that can fail returns 0 or a negative errno and writes what
 * happened into a struct error that its caller owns; a caller may put context in front of it. The
 * buffer is fixed so that "out of memory" can be reported without memory.
 *
 * Text is for people: lower case, no full stop, the subject quoted, then what to do. It names file,
 * line and key, never a secret or a rejected value. Control characters become '?', so a hostile
 * file name cannot drive a terminal.
 */
struct error {
	char text[1024];
};

/* Sets the text. `code` is an errno value of either sign; returns it negative. */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Like error_set, and adds ": " and what strerror says of `code`. */
int error_errno(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the text. Returns `code` as a negative errno. */
int error_wrap(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
