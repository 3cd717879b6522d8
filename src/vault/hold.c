#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/journal.h"
#include "vault/slot_set.h"

/*
 * Whoever changes a vault must hold it: hold its lock, after the leftovers of killed writers were
 * removed.
 */

/* The journal comes first: it needs the staged files that are removed afterwards. */
static int clear_up(struct vault *vault, struct error *err) {
	int r = vault_check_current(vault, err);
	if (r < 0)
		return r;
	r = journal_follow(vault, err);
	if (r < 0)
		return r;
	r = slots_remove_next(vault, err);
	if (r < 0)
		return r;
	return writer_clean(&vault->writer, err);
}

int vault_hold(struct vault *vault, struct error *err) {
	if (vault->holds > 0) {
		vault->holds++;
		return 0;
	}
	int r = writer_lock(vault->dirfd, vault->directory, WRITER_PATIENCE_MS, &vault->writer,
	                    err);
	if (r < 0)
		return r;
	r = clear_up(vault, err);
	if (r < 0) {
		writer_end(&vault->writer);
		return r;
	}
	vault->holds = 1;
	return 0;
}

void vault_release(struct vault *vault) {
	if (vault && vault->holds > 0 && --vault->holds == 0)
		writer_end(&vault->writer);
}

int vault_write(struct vault *vault, int dirfd, const char *name, const void *bytes, size_t size,
                struct error *err) {
	int r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	return writer_write(&held->writer, dirfd, name, bytes, size, true, name, err);
}
