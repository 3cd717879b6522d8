#ifndef ENVSEAL_VAULT_NAMES_H
#define ENVSEAL_VAULT_NAMES_H

#include <limits.h>
#include <stddef.h>

/*
 * The files of names: "github/token" is secrets/github/token.sealed. A segment has at most 248
 * bytes and does not end in ".sealed" (vault_name_check), so that its file name fits into NAME_MAX
 * and no directory looks like a file.
 */

#define NAMES_SUFFIX ".sealed"
#define NAMES_SEGMENT_MAX (NAME_MAX - 7)

/* The file of a checked name's last segment. */
void names_file(const char *segment, char ret_file[static NAME_MAX + 1]);

/* The length of `file` without the suffix; 0 when it has no suffix, or nothing before it. */
size_t names_of_file(const char *file);

#endif
