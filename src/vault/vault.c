#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/keys.h"
#include "vault/slots.h"
#include "vault/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int open_directory(const char *directory, struct vault **ret_vault, struct error *err) {
	cleanup_vault struct vault *vault = calloc(1, sizeof(*vault));
	if (!vault)
		return error_errno(err, ENOMEM, "'%s'", directory);
	vault->dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vault->dirfd < 0 && errno == ENOENT)
		return error_set(err, ENOENT, "no vault in '%s'; make one with: envseal init",
		                 directory);
	if (vault->dirfd < 0)
		return error_errno(err, errno, "cannot open the vault '%s'", directory);
	vault->directory = strdup(directory);
	if (!vault->directory)
		return error_errno(err, ENOMEM, "'%s'", directory);
	int r = tree_check(vault->dirfd, S_IFDIR, directory, NULL, err);
	if (r == 0)
		*ret_vault = steal_pointer(vault);
	return r;
}

int vault_open(const char *directory, struct vault **ret_vault, struct error *err) {
	cleanup_vault struct vault *vault = NULL;
	int r = open_directory(directory, &vault, err);
	if (r == 0)
		r = config_read(vault->dirfd, directory, &vault->config, err);
	if (r == 0)
		*ret_vault = steal_pointer(vault);
	return r;
}

static int no_slot(const char *directory, struct error *err) {
	return error_set(err, ENOKEY, "vault '%s' has no slot to open it with; restore '%s/'",
	                 directory, TREE_SLOTS);
}

static int read_key_file(const char *path, struct secret **ret_root, struct error *err) {
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "cannot open key file '%s'", path);
	return slot_key_read(fd, path, ret_root, err);
}

static int read_host_key(int slots, const char *directory, struct secret **ret_root,
                         struct error *err) {
	char path[TREE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" TREE_SLOTS "/" SLOT_KEY_FILE, directory);
	cleanup_fd int fd = -1;
	int r = tree_open_file(slots, SLOT_KEY_FILE, path, &fd, NULL, err);
	return r < 0 ? r : slot_key_read(fd, path, ret_root, err);
}

static int open_passphrase(int slots, const char *directory, const struct vault_unlock *how,
                           struct secret **ret_root, struct error *err) {
	char path[TREE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" TREE_SLOTS "/" SLOT_PASSPHRASE, directory);
	struct slot_sealed slot;
	int r = slot_passphrase_read(slots, path, &slot, err);
	if (r == -ENOENT)
		return no_slot(directory, err);
	if (r < 0)
		return r;
	if (!how->ask)
		return error_set(err, ENOKEY,
		                 "vault '%s' is locked with a passphrase and nobody may be "
		                 "asked; let ENVSEAL_KEY_FILE name a key file",
		                 directory);
	cleanup_secret struct secret *passphrase = NULL;
	r = how->ask(how->context, &passphrase, err);
	if (r < 0)
		return error_wrap(err, r, "vault '%s' is locked", directory);
	r = slot_passphrase_open(&slot, path, passphrase, ret_root, err);
	return r < 0 ? error_wrap(err, r, "vault '%s'", directory) : 0;
}

static int find_root(const struct vault *vault, const struct vault_unlock *how,
                     struct secret **ret_root, struct error *err) {
	if (how->key_file)
		return read_key_file(how->key_file, ret_root, err);
	char path[TREE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" TREE_SLOTS, vault->directory);
	cleanup_fd int slots = -1;
	int r = tree_open_directory(vault->dirfd, TREE_SLOTS, path, &slots, err);
	if (r == -ENOENT)
		return no_slot(vault->directory, err);
	if (r < 0)
		return r;
	/* Only a missing key file leads to the passphrase: a bad one is said, not gone around. */
	r = read_host_key(slots, vault->directory, ret_root, err);
	return r == -ENOENT ? open_passphrase(slots, vault->directory, how, ret_root, err) : r;
}

/*
 * vault.toml is what this root key made: its MAC, and the pair that comes from the key. An altered
 * public key would otherwise capture whatever is stored next.
 */
static int prove(const struct vault *vault, const struct secret *root, struct secret **ret_private,
                 struct error *err) {
	cleanup_secret struct secret *key = NULL;
	cleanup_secret struct secret *private_key = NULL;
	uint8_t public_key[VAULT_KEY_BYTES];
	uint8_t mac[CONFIG_MAC_BYTES];
	int r = key_derive(root, KEY_VAULT, &key, err);
	if (r == 0)
		r = key_pair(root, public_key, &private_key, err);
	if (r < 0)
		return r;
	config_mac(&vault->config, key, mac);
	if (sodium_memcmp(public_key, vault->config.public_key, sizeof(public_key)) != 0)
		return error_set(err, EBADMSG,
		                 "'%s/" TREE_CONFIG "' has another public key than the root "
		                 "key's: it was altered, or the key is another vault's; "
		                 "restore it from a backup and store again what was stored "
		                 "since",
		                 vault->directory);
	if (sodium_memcmp(mac, vault->config.mac, sizeof(mac)) != 0)
		return error_set(err, EBADMSG,
		                 "'%s/" TREE_CONFIG "' was altered since it was made; restore "
		                 "it from a backup",
		                 vault->directory);
	*ret_private = steal_pointer(private_key);
	return 0;
}

int vault_unlock(struct vault *vault, const struct vault_unlock *how, struct error *err) {
	cleanup_secret struct secret *root = NULL;
	cleanup_secret struct secret *private_key = NULL;
	int r = find_root(vault, how, &root, err);
	if (r == 0)
		r = prove(vault, root, &private_key, err);
	if (r < 0)
		return r;
	secret_free(vault->root);
	secret_free(vault->private_key);
	vault->root = steal_pointer(root);
	vault->private_key = steal_pointer(private_key);
	return 0;
}

bool vault_is_open(const struct vault *vault) {
	return vault->root != NULL;
}

int vault_has_slot(const struct vault *vault, enum vault_slot slot, struct error *err) {
	const char *file = slot == VAULT_SLOT_KEY_FILE ? SLOT_KEY_FILE : SLOT_PASSPHRASE;
	char path[TREE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" TREE_SLOTS, vault->directory);
	cleanup_fd int slots = -1, fd = -1;
	struct stat st;
	int r = tree_open_directory(vault->dirfd, TREE_SLOTS, path, &slots, err);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/" TREE_SLOTS "/%s", vault->directory, file);
	r = tree_open_file(slots, file, path, &fd, &st, err);
	if (r == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)))
		r = error_set(err, EPERM, "slot '%s' is open to others; run: chmod 600 '%s'", path, path);
	return r;
}

const char *vault_directory(const struct vault *vault) {
	return vault->directory;
}

const uint8_t *vault_public_key(const struct vault *vault) {
	return vault->config.public_key;
}

void vault_fingerprint(const uint8_t public_key[static VAULT_KEY_BYTES],
                       char ret_text[static VAULT_FINGERPRINT_SIZE]) {
	uint8_t digest[16];
	crypto_generichash(digest, sizeof(digest), public_key, VAULT_KEY_BYTES, NULL, 0);
	for (size_t i = 0; i < sizeof(digest); i += 2)
		snprintf(ret_text + i / 2 * 5, 6, "%02x%02x%s", digest[i], digest[i + 1],
		         i + 2 < sizeof(digest) ? "-" : "");
}

int vault_approval_key(const struct vault *vault, struct secret **ret_key, struct error *err) {
	if (!vault->root)
		return error_set(err, ENOKEY, "vault '%s' is locked", vault->directory);
	return key_derive(vault->root, KEY_APPROVAL, ret_key, err);
}

void vault_free(struct vault *vault) {
	if (!vault)
		return;
	secret_free(vault->root);
	secret_free(vault->private_key);
	if (vault->dirfd >= 0)
		close(vault->dirfd);
	free(vault->directory);
	free(vault);
}
