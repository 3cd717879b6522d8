#include "policy/approval.h"

#include "util/cleanup.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Binds the MAC to this use and encoding: another encoding would get another tag. */
#define DOMAIN "envseal approval 1"
#define MAC_BYTES 32
#define FILE_SIZE_MAX 256

/* What the file holds: "version 1", "generation N", "mac HEX", a line each. */
struct approval {
	uint64_t generation;
	unsigned char mac[MAC_BYTES];
};

static void add_part(crypto_generichash_state *state, const void *bytes, size_t size) {
	unsigned char length[8];
	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)size >> (8 * i));
	crypto_generichash_update(state, length, sizeof(length));
	if (size > 0)
		crypto_generichash_update(state, bytes, size);
}

/*
 * Keyed BLAKE2b over the parts, each after its length, so that different lists never encode alike.
 * An absent profile is the empty one, which no name can be. Pins are empty or framed.
 */
static int compute(const struct secret *key, const struct policy_found *found, const char *profile,
                   uint64_t generation, unsigned char ret_mac[static MAC_BYTES]) {
	crypto_generichash_state state;
	char number[24];
	snprintf(number, sizeof(number), "%" PRIu64, generation);
	const struct {
		const void *bytes;
		size_t size;
	} parts[] = {
		{DOMAIN, strlen(DOMAIN)},
		{found->name, strlen(found->name)},
		{profile, profile ? strlen(profile) : 0},
		{number, strlen(number)},
		{found->text.bytes, found->text.size},
		{found->pins.bytes, found->pins.size},
	};
	if (crypto_generichash_init(&state, key->bytes, key->size, MAC_BYTES) != 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		add_part(&state, parts[i].bytes, parts[i].size);
	int r = crypto_generichash_final(&state, ret_mac, MAC_BYTES) == 0 ? 0 : -EINVAL;
	sodium_memzero(&state, sizeof(state));
	return r;
}

/* Opens one directory, making it first with `make`. Never follows a link. */
static int enter(int dir, const char *name, bool make, int *ret_fd) {
	if (make && mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* The directory for the approval of a command: approvals/usr/bin in the vault. */
static int open_directory(const char *vault, const char *command, bool make, int *ret_fd) {
	cleanup_fd int dir = open(vault, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *path = NULL;
	if (dir < 0)
		return -errno;
	if (asprintf(&path, "approvals%.*s", (int)(path_base(command) - command), command) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	char *rest = path;
	for (char *name = strsep(&rest, "/"); name; name = strsep(&rest, "/")) {
		int next = -1;
		if (name[0] == '\0')
			continue;
		int r = enter(dir, name, make, &next);
		if (r < 0)
			return r;
		close(dir);
		dir = next;
	}
	*ret_fd = steal_fd(&dir);
	return 0;
}

static char *approval_name(const char *command, const char *profile) {
	char *name = NULL;
	if (asprintf(&name, "%s%s%s", path_base(command), profile ? "@" : "",
	             profile ? profile : "") < 0)
		return NULL;
	return name;
}

static size_t format(const struct approval *approval, char ret_text[static FILE_SIZE_MAX]) {
	char hex[MAC_BYTES * 2 + 1];
	sodium_bin2hex(hex, sizeof(hex), approval->mac, sizeof(approval->mac));
	int n = snprintf(ret_text, FILE_SIZE_MAX, "version 1\ngeneration %" PRIu64 "\nmac %s\n",
	                 approval->generation, hex);
	return (size_t)n;
}

/*
 * sscanf(3) accepts blanks and signs, so the text must equal what would be written for its result.
 */
static int parse(const struct buffer *text, struct approval *ret_approval) {
	struct approval approval = {0};
	char hex[MAC_BYTES * 2 + 1] = "";
	char canonical[FILE_SIZE_MAX];
	if (text->size == 0 || sscanf(text->bytes, "version 1\ngeneration %" SCNu64 "\nmac %64s",
	                              &approval.generation, hex) != 2)
		return -EBADMSG;
	if (sodium_hex2bin(approval.mac, sizeof(approval.mac), hex, strlen(hex), NULL, NULL,
	                   NULL) != 0)
		return -EBADMSG;
	size_t size = format(&approval, canonical);
	if (size != text->size || memcmp(canonical, text->bytes, size) != 0)
		return -EBADMSG;
	*ret_approval = approval;
	return 0;
}

static int read_approval(int dir, const char *name, struct approval *ret_approval) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	struct stat st;
	cleanup_fd int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	int r = fd_read_all(fd, FILE_SIZE_MAX, &text);
	if (r < 0)
		return r;
	return parse(&text, ret_approval);
}

/* The next generation. A file that cannot be read approves nothing, so it counts as none. */
static uint64_t next_generation(int dir, const char *name) {
	struct approval last = {0};
	if (read_approval(dir, name, &last) < 0 || last.generation == UINT64_MAX)
		return 1;
	return last.generation + 1;
}

static int write_held(struct vault *vault, const struct policy_found *found, const char *profile,
                      struct error *err) {
	cleanup_secret struct secret *key = NULL;
	cleanup_free char *name = approval_name(found->name, profile);
	cleanup_fd int dir = -1;
	char text[FILE_SIZE_MAX];
	if (!name)
		return error_errno(err, ENOMEM, "'%s'", found->name);
	int r = vault_approval_key(vault, false, &key, err);
	if (r < 0)
		return r;
	r = open_directory(vault_directory(vault), found->name, true, &dir);
	if (r < 0)
		return error_errno(err, r, "cannot make 'approvals%s' in '%s'", found->name,
		                   vault_directory(vault));
	struct approval approval = {.generation = next_generation(dir, name)};
	r = compute(key, found, profile, approval.generation, approval.mac);
	if (r < 0)
		return error_errno(err, r, "cannot approve '%s'", found->name);
	r = vault_write(vault, dir, name, text, format(&approval, text), err);
	if (r < 0)
		return error_wrap(err, r, "approval of '%s'", found->name);
	return 0;
}

int approval_write(struct vault *vault, const struct policy_found *found, const char *profile,
                   struct error *err) {
	int r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	return write_held(held, found, profile, err);
}

static int read_for(const char *vault, const char *command, const char *profile,
                    struct approval *ret_approval) {
	cleanup_free char *name = approval_name(command, profile);
	cleanup_fd int dir = -1;
	if (!name)
		return -ENOMEM;
	int r = open_directory(vault, command, false, &dir);
	if (r < 0)
		return r;
	return read_approval(dir, name, ret_approval);
}

static int check_with(const struct vault *vault, bool retired, const struct policy_found *found,
                      const char *profile, const struct approval *approval, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	unsigned char mac[MAC_BYTES];
	int r = vault_approval_key(vault, retired, &key, err);
	if (r < 0)
		return r;
	r = compute(key, found, profile, approval->generation, mac);
	if (r < 0)
		return error_errno(err, r, "approval of '%s'", found->name);
	return sodium_memcmp(mac, approval->mac, sizeof(mac)) == 0 ? 0 : -EKEYREJECTED;
}

int approval_check(const struct vault *vault, const struct policy_found *found, const char *profile,
                   struct error *err) {
	struct approval approval = {0};
	struct error ignored;
	int r = read_for(vault_directory(vault), found->name, profile, &approval);
	if (r == -ENOENT)
		return error_set(
			err, r,
			"'%s' was never approved; read it, then run: envseal policy approve %s",
			found->file, found->name);
	if (r < 0)
		return error_errno(err, r, "approval of '%s'", found->name);
	r = check_with(vault, false, found, profile, &approval, err);
	/* While the root key is changed, approvals under the old key stay valid. */
	if (r == -EKEYREJECTED && check_with(vault, true, found, profile, &approval, &ignored) == 0)
		return 0;
	if (r == -EKEYREJECTED)
		return error_set(
			err, EKEYREJECTED,
			"'%s' was approved, but it or its pins changed since; read them, then "
			"run: envseal policy approve %s",
			found->file, found->name);
	return r;
}

static int remove_from(const char *vault, const char *command, const char *name) {
	cleanup_fd int dir = -1;
	int r = open_directory(vault, command, false, &dir);
	if (r < 0)
		return r;
	return unlinkat(dir, name, 0) < 0 || fsync(dir) < 0 ? -errno : 0;
}

int approval_remove(const struct vault *vault, const char *command, const char *profile,
                    struct error *err) {
	cleanup_free char *name = approval_name(command, profile);
	if (!name)
		return error_errno(err, ENOMEM, "'%s'", command);
	int r = remove_from(vault_directory(vault), command, name);
	if (r < 0 && r != -ENOENT)
		return error_errno(err, r, "approval of '%s'", command);
	return 0;
}
