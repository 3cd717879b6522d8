#ifndef ENVSEAL_VAULT_WRITER_H
#define ENVSEAL_VAULT_WRITER_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Whoever changes a vault holds its lock and writes into tmp/ first; a file then takes its place in one
 * rename. So whatever a killed writer leaves is in tmp/, and the next one empties that before it
 * begins: nothing has to be searched. Readers know nothing of all this.
 */
struct writer {
	const char *directory; /* the vault's, for messages */
	int lock;              /* flock(2): the kernel drops it when we die, however we die */
	int staging;
};

#define WRITER_NONE ((struct writer){.lock = -1, .staging = -1})

/*
 * Takes the lock. Waits `patience_ms` for another one; then -EBUSY, because a stopped process must not
 * stop every later one without a word.
 */
#define WRITER_PATIENCE_MS 10000
int writer_lock(int dirfd, const char *directory, int patience_ms, struct writer *ret_writer,
                struct error *err);

/* Throws away what an earlier writer left in tmp/. Not before its journal was followed. */
int writer_clean(const struct writer *writer, struct error *err);

void writer_end(struct writer *writer);

/* A file that waits in tmp/, whole and synced. */
struct staged {
	char name[32];
};

int writer_stage(const struct writer *writer, const void *bytes, size_t size, const char *path,
                 struct staged *ret_staged, struct error *err);

/* A second name in tmp/ for a file that is in place. -ENOENT: there is none. */
int writer_stage_link(const struct writer *writer, int dirfd, const char *name, const char *path,
                      struct staged *ret_staged, struct error *err);

/*
 * Puts a staged file in its place, `name` below `dirfd`, and syncs that directory. When it cannot be
 * synced, what was there before is put back. -EEXIST: there is one and `replace` is false. Staged no
 * more afterwards, whatever the outcome.
 */
int writer_publish(const struct writer *writer, const struct staged *staged, int dirfd, const char *name,
                   bool replace, const char *path, struct error *err);

/* Both. */
int writer_write(const struct writer *writer, int dirfd, const char *name, const void *bytes, size_t size,
                 bool replace, const char *path, struct error *err);

/* Removes `name` below `dirfd`, and puts it back when that cannot be synced. -ENOENT: there is none. */
int writer_remove(const struct writer *writer, int dirfd, const char *name, const char *path,
                  struct error *err);

#endif
