#ifndef ENVSEAL_PIN_HEADER_H
#define ENVSEAL_PIN_HEADER_H

#include "util/error.h"

#include <stdlib.h>

/* What a script's first lines say about the program that reads it. */
struct script_header {
	char *interpreter; /* an absolute path; NULL when `name` is set */
	char *name;        /* env(1)'s argument: to be looked up on the secure path */
	char **options;    /* before the script; NULL at the end, never NULL itself */
};

/*
 * Reads the header of a script from an open file; `path` is for messages. The caller frees.
 *
 *   #!/bin/sh -e                  as the kernel takes it: all behind the path is one option
 *                                 (execve(2))
 *   #!/usr/bin/env NAME           NAME from the secure path, with -S also options, split at blanks
 *   #!/usr/bin/envseal-exec       the second line counts; it is split at blanks, and may stand
 *                                 behind
 *   #!/usr/bin/python3 -I         the comment marks //, -- and ; of languages without #; perl gets
 *                                 its -x
 *
 *   -ENOEXEC  no header, or one that is not understood; the text says what, and how to do without
 */
int script_header_read(int fd, const char *path, struct script_header *ret_header,
                       struct error *err);
void script_header_free(struct script_header *header);
#define cleanup_script_header __attribute__((cleanup(script_header_free)))

#endif
