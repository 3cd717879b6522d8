#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/journal.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Sealed files staged in tmp/, and the journal that will move them to their places. */
struct vault_batch {
	struct vault *vault; /* held until the batch is freed */
	struct journal journal;
};

int vault_batch_new(struct vault *vault, struct vault_batch **ret_batch, struct error *err) {
	struct vault_batch *batch = calloc(1, sizeof(*batch));
	if (!batch)
		return error_errno(err, ENOMEM, "'%s'", vault->directory);
	int r = vault_hold(vault, err);
	if (r < 0) {
		free(batch);
		return r;
	}
	*batch = (struct vault_batch){vault, JOURNAL_INIT};
	*ret_batch = batch;
	return 0;
}

void vault_batch_free(struct vault_batch *batch) {
	struct error ignored;
	if (!batch)
		return;
	/* No staged file is needed any more. */
	writer_clean(&batch->vault->writer, &ignored);
	vault_release(batch->vault);
	journal_free(&batch->journal);
	free(batch);
}

static int stage(struct vault_batch *batch, const char *name, const struct seal_bytes *sealed,
                 struct error *err) {
	struct staged staged;
	int r = writer_stage(&batch->vault->writer, sealed->bytes, sealed->size, name, &staged,
	                     err);
	if (r < 0)
		return r;
	journal_put(&batch->journal, name, &staged, sealed);
	return r;
}

/* Numbers the new file, and keeps the value that it replaces. */
static int prepare(struct vault *vault, const char *name, bool replace, uint32_t *ret_version,
                   struct error *err) {
	struct vault_info info = {.version = 0};
	struct error ignored;
	int r = vault_has(vault, name, err);
	*ret_version = 1;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (!replace)
		return error_set(err, EEXIST, "secret '%s' already exists; --force replaces it",
		                 name);
	if (vault_inspect(vault, name, &info, &ignored) == 0)
		*ret_version = info.version + 1;
	return vault_keep_previous(vault, name, err);
}

int vault_batch_put(struct vault_batch *batch, const char *name, const struct secret *value,
                    int64_t expires, bool replace, struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	struct seal_label label = {.created = time(NULL), .expires = expires};
	struct vault *vault = batch->vault;
	int r = vault_name_check(name, err);
	if (r < 0)
		return r;
	r = prepare(vault, name, replace, &label.version, err);
	if (r < 0)
		return r;
	r = seal_make(vault->now->config.public_key, name, &label, value, &sealed, err);
	if (r < 0)
		return r;
	return stage(batch, name, &sealed, err);
}

int vault_batch_commit(struct vault_batch *batch, struct error *err) {
	return journal_commit(batch->vault, &batch->journal, err);
}

/* The same value, times and number under another name. */
static int reseal(struct vault *vault, const char *name, const char *new_name,
                  const struct seal_bytes *old, struct seal_bytes *ret_new, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	struct seal_label label;
	int r = seal_label_read(name, old->bytes, old->size, &label, err);
	if (r < 0)
		return r;
	r = vault_open_sealed(vault, name, SEAL_ANY_TIME, old, &value, err);
	if (r < 0)
		return r;
	return seal_make(vault->now->config.public_key, new_name, &label, value, ret_new, err);
}

static int move(struct vault_batch *batch, const char *name, const char *new_name,
                struct error *err) {
	cleanup_seal_bytes struct seal_bytes old = {0};
	cleanup_seal_bytes struct seal_bytes new = {0};
	int r = vault_read_sealed(batch->vault, LAYOUT_SECRETS, name, &old, err);
	if (r < 0)
		return r;
	r = reseal(batch->vault, name, new_name, &old, &new, err);
	if (r < 0)
		return r;
	r = stage(batch, new_name, &new, err);
	if (r < 0)
		return r;
	journal_drop(&batch->journal, name, new_name, &old);
	return vault_batch_commit(batch, err);
}

int vault_rename(struct vault *vault, const char *name, const char *new_name, struct error *err) {
	cleanup_vault_batch struct vault_batch *batch = NULL;
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	r = vault_name_check(name, err);
	if (r < 0)
		return r;
	r = vault_name_check(new_name, err);
	if (r < 0)
		return r;
	r = vault_batch_new(vault, &batch, err);
	if (r < 0)
		return r;
	r = vault_has(vault, new_name, err);
	if (r >= 0)
		return error_set(err, EEXIST, "secret '%s' already exists; remove it first",
		                 new_name);
	if (r != -ENOENT)
		return r;
	return move(batch, name, new_name, err);
}
