#ifndef ENVSEAL_UTIL_CLOCK_H
#define ENVSEAL_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds of the monotonic clock. */
static inline uint64_t clock_now(void) {
	struct timespec time = {0};
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

#endif
