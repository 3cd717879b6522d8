#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int vault_list(const struct vault *vault, int (*each)(void *context, const char *name), void *context,
               struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct tree tree = vault_tree(vault, TREE_SECRETS);
	int r = walk_tree(&tree, NULL, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = each(context, names.items[i]);
	return r;
}

/* A killed `store` or `remove` leaves directories without anything in them. */
static void remove_if_empty(void *context, int dirfd, const char *name) {
	(void)context;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		fsync(dirfd);
}

static int prune(struct vault *vault, size_t *ret_count, struct error *err) {
	cleanup_walk_names struct walk_names previous = {0};
	cleanup_walk_names struct walk_names kept = {0};
	const struct walk_also empty = {.leave = remove_if_empty};
	const struct tree before = vault_tree(vault, TREE_PREVIOUS);
	const struct tree secrets = vault_tree(vault, TREE_SECRETS);
	int r = walk_tree(&before, NULL, &previous, err);
	for (size_t i = 0; r == 0 && i < previous.count; i++) {
		r = vault_drop(vault, TREE_PREVIOUS, previous.items[i], err);
		*ret_count += r == 0;
	}
	walk_names_free(&previous);
	if (r == 0)
		r = walk_tree(&before, &empty, &previous, err);
	return r < 0 ? r : walk_tree(&secrets, &empty, &kept, err);
}

int vault_prune(struct vault *vault, size_t *ret_count, struct error *err) {
	size_t count = 0;
	int r = vault_hold(vault, err);
	if (r < 0)
		return r;
	r = prune(vault, &count, err);
	vault_release(vault);
	if (r == 0)
		*ret_count = count;
	return r;
}

struct verification {
	const struct vault *vault;
	void (*finding)(void *context, const char *text);
	void *context;
	size_t secrets;
};

static void found_stray(void *context, const char *path) {
	const struct verification *verification = context;
	struct error text;
	error_set(&text, EEXIST, "'%s' is no secret's file; remove it", path);
	verification->finding(verification->context, text.text);
}

static void verify_one(struct verification *verification, const char *top, const char *name) {
	const struct vault *vault = verification->vault;
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	cleanup_secret struct secret *value = NULL;
	struct error err;
	int r = vault_read_sealed(vault, top, name, &sealed, &err);
	if (r == 0)
		r = vault_open_sealed(vault, name, SEAL_ANY_TIME, &sealed, &value, &err);
	verification->secrets++;
	if (r < 0 && top[0] == TREE_PREVIOUS[0])
		error_wrap(&err, r, "the value before");
	if (r < 0)
		verification->finding(verification->context, err.text);
}

static int verify_tree(struct verification *verification, const char *top, struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct walk_also strays = {.stray = found_stray, .context = verification};
	const struct tree tree = vault_tree(verification->vault, top);
	int r = walk_tree(&tree, &strays, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		verify_one(verification, top, names.items[i]);
	return r;
}

static void verify_slots(const struct verification *verification) {
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		struct vault_slot_info info;
		struct error err;
		int r = vault_slot_inspect(verification->vault, slot, &info, &err);
		if (r < 0)
			verification->finding(verification->context, err.text);
	}
}

/* Unlocking has proven vault.toml by its MAC already. */
int vault_verify(struct vault *vault, void (*finding)(void *context, const char *text), void *context,
                 size_t *ret_secrets, struct error *err) {
	struct verification verification = {vault, finding, context, 0};
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	verify_slots(&verification);
	r = verify_tree(&verification, TREE_SECRETS, err);
	if (r == 0)
		r = verify_tree(&verification, TREE_PREVIOUS, err);
	if (r == 0)
		*ret_secrets = verification.secrets;
	return r;
}
