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

#endif
