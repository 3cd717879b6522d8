#ifndef ENVSEAL_CMD_VAULT_DOTENV_H
#define ENVSEAL_CMD_VAULT_DOTENV_H

#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Files of NAME=VALUE. envseal(1) describes the dialect: what programs agree on; what they read
 * in different ways is an error. An error never contains a part of a value.
 */
struct dotenv_entry {
	size_t line; /* of its first line, from 1 */
	const char *name;
	const struct secret *value; /* until the next entry */
};

/* `each` returns 0 to go on. `wrong` is called for each line that is wrong. */
struct dotenv_reader {
	int (*each)(void *context, const struct dotenv_entry *entry, struct error *err);
	void (*wrong)(void *context, size_t line, const char *what);
	void *context;
};

/* Reads the whole text. -EBADMSG: `wrong` was called. Else what `each` returned, or -ENOMEM. */
int dotenv_read(const struct secret *text, const struct dotenv_reader *reader, struct error *err);

/*
 * The same for "NAME=VALUE" records that each end in a NUL byte; the number of a record is its
 * line.
 */
int dotenv_read_records(const struct secret *text, const struct dotenv_reader *reader,
                        struct error *err);

#endif
