#include "cmd/cmd.h"

#include <ctype.h>
#include <stdarg.h>

/* The verb that runs; usage errors show its usage. */
static struct {
	const char *program;
	const struct cmd *verb;
} current;

void cmd_print(FILE *to, const char *text) {
	for (; *text; text++)
		putc_unlocked(iscntrl((unsigned char)*text) ? '?' : *text, to);
}

static void print_usage(FILE *to) {
	if (!current.verb)
		return;
	fprintf(to, "usage: %s %s%s%s\n", current.program, current.verb->name,
	        current.verb->usage[0] ? " " : "", current.verb->usage);
}

/* In one write: whoever watches the terminal must not take half a message for a prompt. */
__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args) {
	char text[2048];
	vsnprintf(text, sizeof(text), format, args);
	for (char *c = text; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
	fprintf(stderr, "envseal: %s\n", text);
}

void cmd_say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

int cmd_fail(const char *format, ...) {
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
	return CMD_FAILED;
}

int cmd_usage_error(const char *format, ...) {
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
	print_usage(stderr);
	return CMD_USAGE;
}

void cmd_enter(const char *program, const struct cmd *verb) {
	current.program = program;
	current.verb = verb;
}

void cmd_print_help(FILE *to) {
	print_usage(to);
	fprintf(to, "%s\n\n", current.verb->help);
}
