#ifndef ENVSEAL_SANDBOX_INTERPRETER_H
#define ENVSEAL_SANDBOX_INTERPRETER_H

#include "util/error.h"

#include <limits.h>

/*
 * The dynamic loader that an ELF file names (PT_INTERP, elf(5)), which the kernel opens with
 * execute permission when it starts the file. 1 and the path, 0 where there is none (a static
 * program, a script), or a negative errno: a truncated or inconsistent header is refused.
 */
int interpreter_of(int fd, char ret_path[static PATH_MAX], struct error *err);

#endif
