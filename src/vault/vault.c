#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int open_directory(const char *directory, struct vault **ret_vault, struct error *err) {
	cleanup_vault struct vault *vault = calloc(1, sizeof(*vault));
	if (!vault)
		return error_errno(err, ENOMEM, "'%s'", directory);
	vault->writer = WRITER_NONE;
	vault->dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vault->dirfd < 0 && errno == ENOENT)
		return error_set(err, ENOENT, "no vault in '%s'; make one with: envseal init",
		                 directory);
	if (vault->dirfd < 0)
		return error_errno(err, errno, "cannot open the vault '%s'", directory);
	vault->directory = strdup(directory);
	vault->now = calloc(1, sizeof(*vault->now));
	if (!vault->directory || !vault->now)
		return error_errno(err, ENOMEM, "'%s'", directory);
	int r = layout_check(vault->dirfd, S_IFDIR, directory, NULL, err);
	if (r < 0)
		return r;
	*ret_vault = steal_pointer(vault);
	return 0;
}

int vault_open(const char *directory, struct vault **ret_vault, struct error *err) {
	cleanup_vault struct vault *vault = NULL;
	int r = open_directory(directory, &vault, err);
	if (r < 0)
		return r;
	r = config_read(vault->dirfd, directory, &vault->now->config, err);
	if (r < 0)
		return r;
	*ret_vault = steal_pointer(vault);
	return 0;
}

bool vault_is_open(const struct vault *vault) {
	struct error ignored;
	return vault_is_unlocked(vault, &ignored) == 0;
}

const char *vault_directory(const struct vault *vault) {
	return vault->directory;
}

const uint8_t *vault_public_key(const struct vault *vault) {
	return vault->now->config.public_key;
}

bool vault_is_rotating(const struct vault *vault) {
	return vault->now->config.retiring;
}

void vault_fingerprint(const uint8_t public_key[static VAULT_KEY_BYTES],
                       char ret_text[static VAULT_FINGERPRINT_SIZE]) {
	uint8_t digest[16];
	crypto_generichash(digest, sizeof(digest), public_key, VAULT_KEY_BYTES, NULL, 0);
	key_text(digest, ret_text);
}

int vault_is_unlocked(const struct vault *vault, struct error *err) {
	if (!vault->now->keys.root)
		return error_set(err, ENOKEY, "vault '%s' is locked", vault->directory);
	return 0;
}

int vault_approval_key(const struct vault *vault, bool retired, struct secret **ret_key,
                       struct error *err) {
	const struct vault_keys *keys = retired ? &vault->now->retired : &vault->now->keys;
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	if (!keys->root)
		return error_set(err, ENOKEY, "the root key of vault '%s' is not being changed",
		                 vault->directory);
	return key_derive(keys->root, KEY_APPROVAL, ret_key, err);
}

int vault_check_current(const struct vault *vault, struct error *err) {
	struct config current;
	const struct config *known = &vault->now->config;
	int r = config_read(vault->dirfd, vault->directory, &current, err);
	if (r < 0)
		return r;
	if (memcmp(current.public_key, known->public_key, sizeof(current.public_key)) != 0 ||
	    current.retiring != known->retiring)
		return error_set(
			err, ESTALE,
			"the root key of vault '%s' was changed by another process; try again",
			vault->directory);
	return 0;
}

int vault_keep(const struct vault *vault, const struct vault_keep *keep, unsigned int seconds,
               struct error *err) {
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	return keep_put(keep, vault->now->config.id, vault->now->keys.root, seconds, err);
}

int vault_forget(const struct vault *vault, const struct vault_keep *keep, struct error *err) {
	int r = keep_drop(keep, vault->now->config.id, err);
	if (r == -ENOENT)
		return error_set(err, ENOENT, "no key of vault '%s' is kept", vault->directory);
	return r;
}

void vault_free(struct vault *vault) {
	if (!vault)
		return;
	if (vault->now) {
		keys_free(&vault->now->keys);
		keys_free(&vault->now->retired);
	}
	writer_end(&vault->writer);
	cleanup_fd_(&vault->dirfd);
	free(vault->now);
	free(vault->directory);
	free(vault);
}
