#ifndef ENVSEAL_TESTS_ESCAPE_WAYS_H
#define ENVSEAL_TESTS_ESCAPE_WAYS_H

/*
 * Ways out of a sandbox, as tables: a new way is one row. `stage.py` sets up the targets, tries
 * each way outside, where it must work, and inside, where it must not, and checks what arrived.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum {
	LOCKDOWN = 1 << 0, /* closed in lockdown */
	HARDENED = 1 << 1, /* closed in hardened as well */
	SEEN = 1 << 2,    /* the stage can see it arrive, and does not believe the way's own word */
	ROOT = 1 << 3,    /* outside it takes root */
	MAYBE = 1 << 4,   /* this kernel, file system or machine may lack it */
	MARK = 1 << 5,    /* its own word says nothing: only what the stage sees counts */
	NOWHERE = 1 << 6, /* works nowhere, and a tier relies on that */
	SURFACE = 1 << 7, /* left to the kernel by the profile "unrestricted" */
};

#define BOTH (LOCKDOWN | HARDENED)

struct way {
	const char *name;
	unsigned int flags;
	/* 0: out. Else a negative errno: what refused it. Runs in a process of its own. */
	int (*take)(const void *what);
	const void *what;
};

struct topic {
	const char *name;
	const struct way *ways;
	size_t count;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern const struct topic files_topic, sockets_topic, processes_topic, kernel_topic, calls_topic,
	descriptors_topic, terminal_topic;

/* Processes that mean to stay (outlive.c), by name. False: there is no such. */
bool outlive(const char *name);

/*
 * What lockdown does not close (residue.c), by name. `argument` is the program's own, in its argv.
 */
bool hold(const char *name, char *argument);

/* Of the stage: a path in its directory, a number or a text that it wrote to its file `facts`. */
const char *stage_path(const char *name);
const char *stage_text(const char *key);
long stage_number(const char *key);

/* What a system call's result says as a way's. */
int result(long returned);

/* Writes "LEAK" to a descriptor and closes it. */
int leak(int fd);

#endif
