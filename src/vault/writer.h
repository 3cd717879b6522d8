#ifndef ENVSEAL_VAULT_WRITER_H
#define ENVSEAL_VAULT_WRITER_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A writer holds the vault's lock and writes into tmp/ first; then one rename moves the file to its
 * place. Leftovers of a killed writer are therefore all in tmp/, and the next writer empties that.
 * Readers need to know none of this.
 */
struct writer {
	const char *directory; /* the vault's, for messages */
	int lock;              /* flock(2): released by the kernel when the process ends */
	int staging;
};

#define WRITER_NONE ((struct writer){.lock = -1, .staging = -1})

/*
 * Takes the lock. -EBUSY: another process held it for `patience_ms`. A limit, so that a stopped
 * process does not silently stop all later ones.
 */
#define WRITER_PATIENCE_MS 10000
int writer_lock(int dirfd, const char *directory, int patience_ms, struct writer *ret_writer,
                struct error *err);

/* Removes what an earlier writer left in tmp/. Its journal must have been followed before. */
int writer_clean(const struct writer *writer, struct error *err);

void writer_end(struct writer *writer);

/* A file in tmp/, completely written and synced. */
struct staged {
	char name[32];
};

int writer_stage(const struct writer *writer, const void *bytes, size_t size, const char *path,
                 struct staged *ret_staged, struct error *err);

/* Links a file that is in its place into tmp/. -ENOENT: there is none. */
int writer_stage_link(const struct writer *writer, int dirfd, const char *name, const char *path,
                      struct staged *ret_staged, struct error *err);

/*
 * Moves a staged file to its place, `name` below `dirfd`, and syncs that directory. When the sync
 * fails, the file that was there before is restored. -EEXIST: there is one and `replace` is false.
 * The staged name is gone afterwards, also after an error.
 */
int writer_publish(const struct writer *writer, const struct staged *staged, int dirfd,
                   const char *name, bool replace, const char *path, struct error *err);

/* Stages and publishes. */
int writer_write(const struct writer *writer, int dirfd, const char *name, const void *bytes,
                 size_t size, bool replace, const char *path, struct error *err);

/* Removes `name` below `dirfd`, and restores it when the sync fails. -ENOENT: there is none. */
int writer_remove(const struct writer *writer, int dirfd, const char *name, const char *path,
                  struct error *err);

#endif
