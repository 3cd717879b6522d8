#include "vault/vault.h"

#include "vault/config.h"
#include "vault/keys.h"
#include "vault/slots.h"
#include "vault/layout.h"
#include "vault/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* A vault that is being created: its directories are open, its lock is held. */
struct site {
	const char *directory;
	int dirfd;
	struct writer writer;
	int slots;
	int secrets;
};

static void site_close(struct site *site) {
	int fds[] = {site->secrets, site->slots, site->dirfd};
	writer_end(&site->writer);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		cleanup_fd_(&fds[i]);
}

static int refuse_existing(const struct site *site, struct error *err) {
	struct stat st;
	if (fstatat(site->dirfd, LAYOUT_CONFIG, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return error_set(err, EEXIST,
		                 "'%s' already contains a vault; use it, or move it away",
		                 site->directory);
	if (errno != ENOENT)
		return error_errno(err, errno, "'%s/" LAYOUT_CONFIG "'", site->directory);
	return 0;
}

/* With a new root key, no existing secret could ever be opened again. */
static int refuse_secrets(const struct site *site, struct error *err) {
	if (unlinkat(site->dirfd, LAYOUT_SECRETS, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return error_errno(err, errno, "'%s/" LAYOUT_SECRETS "'", site->directory);
	return error_set(err, ENOTEMPTY,
	                 "'%s' holds secrets but no " LAYOUT_CONFIG "; restore that file "
	                 "from a backup, or move the directory away",
	                 site->directory);
}

static int make_below(const struct site *site, const char *name, int *ret_fd, struct error *err) {
	char path[LAYOUT_PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", site->directory, name);
	return layout_make_directory(site->dirfd, name, path, ret_fd, err);
}

static int prepare(struct site *site, struct error *err) {
	int r = layout_make_site(site->directory, err);
	if (r < 0)
		return r;
	site->dirfd = open(site->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (site->dirfd < 0)
		return error_errno(err, errno, "'%s'", site->directory);
	r = layout_check(site->dirfd, S_IFDIR, site->directory, NULL, err);
	if (r < 0)
		return r;
	r = layout_settle(site->dirfd, site->directory, err);
	if (r < 0)
		return r;
	r = writer_lock(site->dirfd, site->directory, WRITER_PATIENCE_MS, &site->writer, err);
	if (r < 0)
		return r;
	r = refuse_existing(site, err);
	if (r < 0)
		return r;
	r = refuse_secrets(site, err);
	if (r < 0)
		return r;
	r = writer_clean(&site->writer, err);
	if (r < 0)
		return r;
	r = make_below(site, LAYOUT_SLOTS, &site->slots, err);
	if (r < 0)
		return r;
	return make_below(site, LAYOUT_SECRETS, &site->secrets, err);
}

static int write_slot(const struct site *site, enum vault_slot kind, const struct secret *root,
                      const struct secret *passphrase, struct error *err) {
	const struct vault_slot_new slot = {.slot = kind, .key = passphrase};
	char path[LAYOUT_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" LAYOUT_SLOTS "/%s", site->directory, slot_file(kind));
	/* Slots left by an interrupted attempt would be tried first and would not fit. */
	for (enum vault_slot left = 0; left < VAULT_SLOTS; left++)
		unlinkat(site->slots, slot_file(left), 0);
	return slot_write(&site->writer, site->slots, path, &slot, root, true, err);
}

static int make_config(const struct secret *root, struct config *ret_config, struct error *err) {
	struct config config = {.retiring = false};
	cleanup_secret struct secret *private_key = NULL;
	cleanup_secret struct secret *key = NULL;
	int r = key_pair(root, config.public_key, &private_key, err);
	if (r < 0)
		return r;
	r = key_derive(root, KEY_VAULT, &key, err);
	if (r < 0)
		return r;
	randombytes_buf(config.id, sizeof(config.id));
	config_mac(&config, key, config.mac);
	*ret_config = config;
	return 0;
}

static int fill(const struct site *site, enum vault_slot kind, const struct secret *passphrase,
                struct error *err) {
	cleanup_secret struct secret *root = NULL;
	struct config config;
	int r = key_new_root(&root, err);
	if (r < 0)
		return r;
	r = make_config(root, &config, err);
	if (r < 0)
		return r;
	r = write_slot(site, kind, root, passphrase, err);
	if (r < 0)
		return r;
	return config_write(&site->writer, site->dirfd, &config, false, err);
}

int vault_create(const char *directory, enum vault_slot slot, const struct secret *passphrase,
                 struct error *err) {
	if (directory[0] != '/')
		return error_set(err, EINVAL, "a vault's directory must be an absolute path");
	if (slot == VAULT_SLOT_PASSPHRASE &&
	    (!passphrase || passphrase->size == 0 || passphrase->size > VAULT_PASSPHRASE_MAX))
		return error_set(err, EINVAL, "a passphrase has 1 to %d bytes",
		                 VAULT_PASSPHRASE_MAX);
	__attribute__((cleanup(site_close))) struct site site = {.directory = directory,
	                                                         .dirfd = -1,
	                                                         .writer = WRITER_NONE,
	                                                         .slots = -1,
	                                                         .secrets = -1};
	int r = prepare(&site, err);
	if (r < 0)
		return r;
	return fill(&site, slot, passphrase, err);
}
