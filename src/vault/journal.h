#ifndef ENVSEAL_VAULT_JOURNAL_H
#define ENVSEAL_VAULT_JOURNAL_H

#include "util/buffer.h"
#include "util/error.h"
#include "vault/seal.h"
#include "vault/vault.h"
#include "vault/writer.h"

/*
 * What has to happen whole though it is more than one file: the file `journal` lists the steps, and from
 * the moment it is there they will be done, by the process that wrote it or by the next one that writes.
 * Each step may be done again, and names the content that it is about: in a copy of the vault, where
 * its files may be missing or cut off, it does nothing.
 */
struct journal {
	struct buffer text;
};

#define JOURNAL_INIT ((struct journal){BUFFER_INIT})
void journal_free(struct journal *journal);
#define cleanup_journal __attribute__((cleanup(journal_free)))

/*
 * Puts a staged file, whose content is given, in the place of `name`. Removes `name`, if it still has the
 * content that is given and `kept` is there.
 */
void journal_put(struct journal *journal, const char *name, const struct staged *staged,
                 const struct seal_bytes *content);
void journal_drop(struct journal *journal, const char *name, const char *kept,
                  const struct seal_bytes *content);

/*
 * Writes the steps down and does them. The vault must be held. When a step fails, the steps before it
 * are undone and the error is returned.
 */
int journal_commit(struct vault *vault, struct journal *journal, struct error *err);

/* Does what a killed process had written down. The vault must be held. -EBADMSG: damaged. */
int journal_follow(struct vault *vault, struct error *err);

#endif
