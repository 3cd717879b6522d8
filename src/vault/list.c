#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int vault_each(const struct vault *vault, const char *top, vault_act *act, size_t *count,
               struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct layout_tree tree = vault_tree(vault, top);
	int r = walk_tree(&tree, NULL, &names, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++) {
		r = act(vault, top, names.items[i], err);
		if (r < 0)
			return r;
		++*count;
	}
	return 0;
}

int vault_list(const struct vault *vault, int (*each)(void *context, const char *name),
               void *context, struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct layout_tree tree = vault_tree(vault, LAYOUT_SECRETS);
	int r = walk_tree(&tree, NULL, &names, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++) {
		r = each(context, names.items[i]);
		if (r != 0)
			return r;
	}
	return 0;
}

/* A killed `store` or `remove` can leave empty directories. */
static void remove_if_empty(void *context, int dirfd, const char *name) {
	(void)context;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		fsync(dirfd);
}

static int drop_empty_directories(const struct vault *vault, const char *top, struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct walk_also empty = {.leave = remove_if_empty};
	const struct layout_tree tree = vault_tree(vault, top);
	return walk_tree(&tree, &empty, &names, err);
}

static int prune(struct vault *vault, size_t *count, struct error *err) {
	int r = vault_each(vault, LAYOUT_PREVIOUS, vault_drop, count, err);
	if (r < 0)
		return r;
	r = drop_empty_directories(vault, LAYOUT_PREVIOUS, err);
	if (r < 0)
		return r;
	return drop_empty_directories(vault, LAYOUT_SECRETS, err);
}

int vault_prune(struct vault *vault, size_t *ret_count, struct error *err) {
	size_t count = 0;
	int r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	r = prune(held, &count, err);
	if (r < 0)
		return r;
	*ret_count = count;
	return 0;
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
	error_set(&text, EEXIST, "'%s' is not a secret's file; remove it", path);
	verification->finding(verification->context, text.text);
}

static void verify_one(struct verification *verification, const char *top, const char *name) {
	struct error err;
	verification->secrets++;
	int r = vault_check_opens(verification->vault, top, name, &err);
	if (r >= 0)
		return;
	if (strcmp(top, LAYOUT_PREVIOUS) == 0)
		error_wrap(&err, r, "previous value");
	verification->finding(verification->context, err.text);
}

static int verify_tree(struct verification *verification, const char *top, struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct walk_also strays = {.stray = found_stray, .context = verification};
	const struct layout_tree tree = vault_tree(verification->vault, top);
	int r = walk_tree(&tree, &strays, &names, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++)
		verify_one(verification, top, names.items[i]);
	return 0;
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

/* Unlocking has verified the MAC of vault.toml. */
int vault_verify(struct vault *vault, void (*finding)(void *context, const char *text),
                 void *context, size_t *ret_secrets, struct error *err) {
	struct verification verification = {vault, finding, context, 0};
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	verify_slots(&verification);
	r = verify_tree(&verification, LAYOUT_SECRETS, err);
	if (r < 0)
		return r;
	r = verify_tree(&verification, LAYOUT_PREVIOUS, err);
	if (r < 0)
		return r;
	*ret_secrets = verification.secrets;
	return 0;
}
