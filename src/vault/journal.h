#ifndef ENVSEAL_VAULT_JOURNAL_H
#define ENVSEAL_VAULT_JOURNAL_H

#include "util/buffer.h"
#include "util/error.h"
#include "vault/seal.h"
#include "vault/vault.h"
#include "vault/writer.h"

/*
 * Makes a change of several files atomic. The file `journal` lists the steps. Once it exists, they
 * will be done: by the process that wrote it, or by the next one that changes the vault. A step may
 * be done twice. It names the content that it is about, so that it has no effect in an incomplete
 * copy of the vault.
 */
struct journal {
	struct buffer text;
};

#define JOURNAL_INIT ((struct journal){BUFFER_INIT})
void journal_free(struct journal *journal);
#define cleanup_journal __attribute__((cleanup(journal_free)))

/*
 * put: moves a staged file with this content to the place of `name`. drop: removes `name` if it
 * still has this content and `kept` exists.
 */
void journal_put(struct journal *journal, const char *name, const struct staged *staged,
                 const struct seal_bytes *content);
void journal_drop(struct journal *journal, const char *name, const char *kept,
                  const struct seal_bytes *content);

/*
 * Writes the journal, then does the steps. The vault must be held. When a step fails, the steps
 * before it are undone and the error is returned.
 */
int journal_commit(struct vault *vault, struct journal *journal, struct error *err);

/*
 * Finishes the steps of a killed process. The vault must be held. -EBADMSG: the journal is damaged.
 */
int journal_follow(struct vault *vault, struct error *err);

#endif
