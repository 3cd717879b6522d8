#ifndef ENVSEAL_TESTS_UNIT_SCRATCH_H
#define ENVSEAL_TESTS_UNIT_SCRATCH_H

/*
 * A directory of the test's own, mode 0755: setup and teardown of a test, or called by one's own.
 */

extern char scratch[64];

int scratch_make(void **state);

/* In memory where that can be, for those who make thousands of files. */
int scratch_make_in_memory(void);

/* With everything in it; not by rm(1): to fork is dear where valgrind or a sanitizer looks on. */
int scratch_remove(void **state);

/* A path in it, good for the next three calls. */
const char *at(const char *name);

/* The directories that lead to `path`. */
void make_parents(const char *path);

#endif
