#ifndef ENVSEAL_VAULT_NAMES_H
#define ENVSEAL_VAULT_NAMES_H

#include <limits.h>
#include <stddef.h>

/*
 * How names become files: "github/token" is secrets/github/token.sealed. So that the file of any
 * name fits into NAME_MAX, and no directory can be taken for a file, a segment has at most 248 bytes
 * and does not itself end in ".sealed" (vault_name_check).
 */

#define NAMES_SUFFIX ".sealed"
#define NAMES_SEGMENT_MAX (NAME_MAX - 7)

/* The file of a checked name's last segment. */
void names_file(const char *segment, char ret_file[static NAME_MAX + 1]);

/* The length of `file` without the suffix; 0 when it has none or is nothing else. */
size_t names_of_file(const char *file);

#endif
