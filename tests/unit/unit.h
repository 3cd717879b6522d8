#ifndef ENVSEAL_TESTS_UNIT_UNIT_H
#define ENVSEAL_TESTS_UNIT_UNIT_H

/* What every unit test includes: cmocka with the headers that it wants in front of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/cleanup.h"
#include "util/error.h"

#include <stdlib.h>

/* UNIT_FILTER=NAME runs only the tests of that name, in which "*" stands for anything. */
__attribute__((constructor)) static void filter_tests(void) {
	const char *pattern = getenv("UNIT_FILTER");
	if (pattern)
		cmocka_set_test_filter(pattern);
}

#endif
