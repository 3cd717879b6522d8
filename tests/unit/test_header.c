#include "unit.h"

#include "pin/header.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <string.h>

/* Reads `text` as a script's start. */
static int read_text(const char *text, size_t size, struct script_header *header,
                     struct error *err) {
	cleanup_fd int fd = -1;
	assert_int_equal(fd_sealed("script", text, size, &fd), 0);
	return script_header_read(fd, "/some/script", header, err);
}

static void understood(void **state) {
	static const struct {
		const char *text, *interpreter, *name, *options[4];
	} cases[] = {
		{"#!/bin/sh\n", "/bin/sh", NULL, {NULL}},
		{"#! \t/bin/sh \t\nx", "/bin/sh", NULL, {NULL}},
		{"#!/bin/sh", "/bin/sh", NULL, {NULL}},
		{"#!/bin/sh -e -u \n", "/bin/sh", NULL, {"-e -u"}},
		{"#!/bin/sh '\"$\n", "/bin/sh", NULL, {"'\"$"}},
		{"#!/usr/bin/env python3\n", NULL, "python3", {NULL}},
		{"#!/usr/bin/env -S python3 -I -B\n", NULL, "python3", {"-I", "-B"}},
		{"#!/bin/env -Spython3 -I\n", NULL, "python3", {"-I"}},
		{"#!/usr/bin/env --split-string=python3 -I\n", NULL, "python3", {"-I"}},
		{"#!/usr/bin/env /opt/x\n", "/opt/x", NULL, {NULL}},
		{"#!/usr/bin/envseal-exec\n#!/usr/bin/python3 -I -B\n",
	         "/usr/bin/python3",
	         NULL,
	         {"-I", "-B"}},
		{"#!/usr/bin/envseal-exec --profile=prod\n#!/bin/sh\n", "/bin/sh", NULL, {NULL}},
		{"#!/usr/bin/env envseal-exec\n#!/usr/bin/env sh\n", NULL, "sh", {NULL}},
		{"#!/usr/bin/env -S envseal-exec --profile=prod\n#!/bin/sh\n",
	         "/bin/sh",
	         NULL,
	         {NULL}},
		{"#!/usr/bin/envseal-exec\n//#!/usr/bin/node\n", "/usr/bin/node", NULL, {NULL}},
		{"#!/usr/bin/envseal-exec\n--#! /usr/bin/lua -W\n", "/usr/bin/lua", NULL, {"-W"}},
		{"#!/usr/bin/envseal-exec\n#!/usr/bin/perl -w\n",
	         "/usr/bin/perl",
	         NULL,
	         {"-x", "-w"}},
		{"#!/usr/bin/perl -w\n", "/usr/bin/perl", NULL, {"-w"}},
		{"#!/usr/bin/envseal-exec\n;#!/usr/bin/guile -s\n", "/usr/bin/guile", NULL, {"-s"}},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_script_header struct script_header header = {0};
		struct error err = {0};
		int r = read_text(cases[i].text, strlen(cases[i].text), &header, &err);
		if (r != 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(header.interpreter != NULL, cases[i].interpreter != NULL);
		assert_int_equal(header.name != NULL, cases[i].name != NULL);
		if (header.interpreter)
			assert_string_equal(header.interpreter, cases[i].interpreter);
		if (header.name)
			assert_string_equal(header.name, cases[i].name);
		size_t n = 0;
		for (; cases[i].options[n]; n++) {
			assert_non_null(header.options[n]);
			assert_string_equal(header.options[n], cases[i].options[n]);
		}
		assert_null(header.options[n]);
	}
}

static char long_line[] =
	"#!/bin/sh ................................................................"
	"..............................................................................."
	"..............................................................................."
	"...............................\n";

static void refused(void **state) {
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "has no line"},
		{"#", "has no line"},
		{"#!", "has no line"},
		{"#! \n", "has no line"},
		{" #!/bin/sh\n", "has no line"},
		{"\177ELF", "control character"},
		{"echo\n", "has no line"},
		{"//#!/bin/sh\n", "has no line"},
		{"#!sh\n", "absolute path"},
		{"#!./sh\n", "absolute path"},
		{"#!/bin/../sh\n", "absolute path"},
		{"#!/bin/sh\r\n", "carriage return"},
		{"#!/bin/sh\33[2J\n", "control character"},
		{"#!/usr/bin/env\n", "env without a program"},
		{"#!/usr/bin/env -S\n", "env without a program"},
		{"#!/usr/bin/env sh -e\n", "more than a program"},
		{"#!/usr/bin/env -i sh\n", "more than a program"},
		{"#!/usr/bin/env -S -i sh\n", "more than a program"},
		{"#!/usr/bin/env -S A=b sh\n", "more than a program"},
		{"#!/usr/bin/env -S bin/sh\n", "more than a program"},
		{"#!/usr/bin/env -S sh \"-e\"\n", "quotes"},
		{"#!/usr/bin/env -S sh ${X}\n", "quotes"},
		{"#!/usr/bin/envseal-exec\n", "second line"},
		{"#!/usr/bin/envseal-exec", "second line"},
		{"#!/usr/bin/envseal-exec\n\n#!/bin/sh\n", "second line"},
		{"#!/usr/bin/envseal-exec\n#!/usr/bin/envseal-exec\n", "twice"},
		{"#!/usr/bin/envseal-exec\n#!/bin/sh\r\n", "carriage return"},
		{long_line, "more than 255"},
	};
	(void)state;
	assert_true(strlen(long_line) > 257);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct script_header header = {0};
		struct error err = {0};
		assert_int_equal(read_text(cases[i].text, strlen(cases[i].text), &header, &err),
		                 -ENOEXEC);
		if (!strstr(err.text, cases[i].why))
			fail_msg("case %zu: %s", i, err.text);
		assert_null(header.interpreter);
		assert_null(header.options);
	}
}

static void a_nul_ends_nothing_silently(void **state) {
	static const char text[] = "#!/bin/sh\0/evil\n";
	struct script_header header = {0};
	struct error err = {0};
	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1, &header, &err), -ENOEXEC);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understood),
		cmocka_unit_test(refused),
		cmocka_unit_test(a_nul_ends_nothing_silently),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
