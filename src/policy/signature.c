#include "policy/signature.h"

#include "policy/minisign.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define KEYS_MAX 256
#define PINS "pins/"

/* One check: its input, and what has been found so far. */
struct check {
	const struct signed_file *file;
	const struct trust *trust;
	struct minisign_signature signature;
	bool known;   /* a key with the signature's id was there */
	char *signer; /* the key file that it is by */
};

static int no_signature(const struct signed_file *file, struct error *err) {
	return error_set(err, EKEYREJECTED,
	                 "'%s/%s' has no signature, and system.toml requires one in that layer; "
	                 "sign it: minisign -S -m FILE -t 'file:%s'",
	                 file->layer, file->place, file->place);
}

static int read_signature(struct check *check, struct buffer *text, struct error *err) {
	cleanup_free char *path = NULL;
	if (asprintf(&path, "%s/%s.minisig", check->file->layer, check->file->place) < 0)
		path = NULL;
	if (!path)
		return error_errno(err, ENOMEM, "'%s'", check->file->place);
	int r = trust_read(path, MINISIGN_SIGNATURE_MAX, check->trust, text, err);
	if (r == -ENOENT)
		return no_signature(check->file, err);
	if (r < 0)
		return r;
	r = minisign_signature_parse(text->size > 0 ? text->bytes : "", text->size,
	                             &check->signature, err);
	if (r < 0)
		return error_wrap(err, EKEYREJECTED, "'%s'", path);
	return 0;
}

/*
 * Only this field binds a signature to the file's name. Without it, the pins of one command would
 * be valid for another, and a policy for one profile in another.
 */
static bool names_file(const struct check *check) {
	const char *place = check->file->place;
	size_t length = strlen(place), size = 0;
	const char *name = minisign_field(&check->signature, "file", &size);
	if (!name || size > length || memcmp(place + length - size, name, size) != 0)
		return false;
	if (size == length)
		return true;
	return strncmp(place, PINS, strlen(PINS)) != 0 && place[length - size - 1] == '/';
}

static int check_name(const struct check *check, struct error *err) {
	if (names_file(check))
		return 0;
	return error_set(
		err, EKEYREJECTED,
		"'%s/%s.minisig' was made for another file, or does not say for which; sign "
		"with: minisign -S -m FILE -t 'file:%s'",
		check->file->layer, check->file->place, check->file->place);
}

static int read_key(const char *path, const struct trust *trust, struct minisign_key *ret_key,
                    struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	int r = trust_read(path, MINISIGN_KEY_MAX, trust, &text, err);
	if (r < 0)
		return r;
	r = minisign_key_parse(text.size > 0 ? text.bytes : "", text.size, ret_key, err);
	if (r < 0)
		return error_wrap(err, r, "'%s'", path);
	return 0;
}

/* Ids are not secret and can be copied, so each key with the right id is tried. */
static int try_key(struct check *check, const char *path, struct error *err) {
	struct minisign_key key;
	int r = read_key(path, check->trust, &key, err);
	if (r < 0 || memcmp(key.id, check->signature.id, sizeof(key.id)) != 0)
		return r;
	const struct buffer *text = check->file->text;
	check->known = true;
	r = minisign_verify(&key, &check->signature, text->size > 0 ? text->bytes : "", text->size,
	                    err);
	if (r == -EKEYREJECTED)
		return 0;
	if (r < 0)
		return r;
	check->signer = strdup(path);
	return check->signer ? 0 : error_errno(err, ENOMEM, "'%s'", path);
}

static bool is_key(const char *name) {
	size_t length = strlen(name);
	return name[0] != '.' && length > 4 && strcmp(name + length - 4, ".pub") == 0;
}

/*
 * Until one fits. A file that is not a key is an error, because the administrator believes that it
 * is a key.
 */
static int try_keys(struct check *check, const char *keys, struct error *err) {
	unsigned int count = 0;
	cleanup_fd int fd = -1;
	int r = trust_open(keys, O_RDONLY | O_DIRECTORY, check->trust, &fd, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	cleanup_dir DIR *dir = fdopendir(fd);
	if (!dir)
		return error_errno(err, errno, "'%s'", keys);
	steal_fd(&fd);
	for (struct dirent *entry; !check->signer && (entry = readdir(dir));) {
		if (!is_key(entry->d_name))
			continue;
		if (++count > KEYS_MAX)
			return error_set(err, EFBIG, "'%s' has more than %d keys", keys, KEYS_MAX);
		cleanup_free char *path = path_join(keys, entry->d_name);
		if (!path)
			return error_errno(err, ENOMEM, "'%s'", keys);
		r = try_key(check, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int not_by_any(const struct check *check, const char *keys, struct error *err) {
	char id[MINISIGN_ID_TEXT];
	const struct signed_file *file = check->file;
	minisign_id_format(check->signature.id, id);
	/* The reason is minisign_verify's text about the last key. */
	if (check->known)
		return error_wrap(err, EKEYREJECTED, "'%s/%s.minisig', by key %s", file->layer,
		                  file->place, id);
	return error_set(
		err, EKEYREJECTED,
		"'%s/%s.minisig' is by key %s, which is not in '%s'; put its .pub there if you "
		"trust it",
		file->layer, file->place, id, keys);
}

static int describe(const struct check *check, char **ret_signer, struct error *err) {
	if (!ret_signer)
		return 0;
	char *text = NULL;
	if (asprintf(&text, "%s: %.*s", check->signer, (int)check->signature.comment_size,
	             check->signature.comment) < 0)
		return error_errno(err, ENOMEM, "'%s'", check->signer);
	*ret_signer = text;
	return 0;
}

static int check_file(struct check *check, const char *keys, char **ret_signer, struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	int r = read_signature(check, &text, err);
	if (r < 0)
		return r;
	r = try_keys(check, keys, err);
	if (r < 0)
		return r;
	if (!check->signer)
		return not_by_any(check, keys, err);
	/* Last: only a comment that is signed is worth a message. */
	r = check_name(check, err);
	if (r < 0)
		return r;
	return describe(check, ret_signer, err);
}

int signature_check(const struct signed_file *file, const char *keys, const struct trust *trust,
                    char **ret_signer, struct error *err) {
	struct check check = {.file = file, .trust = trust};
	if (sodium_init() < 0)
		return error_set(err, ENOSYS, "cannot initialise libsodium");
	int r = check_file(&check, keys, ret_signer, err);
	free(check.signer);
	return r == -ENOENT ? -EKEYREJECTED : r;
}
