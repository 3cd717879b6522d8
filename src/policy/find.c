#include "policy/find.h"

#include "policy/signature.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_SIZE_MAX ((size_t)1024 * 1024)
#define PINS_MAX 1024

/* The profile becomes part of a file's name, after an '@', so it must not contain a path. */
int policy_profile_check(const char *profile, struct error *err) {
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	if (!profile)
		return 0;
	if (profile[0] == '\0' || profile[0] == '.' || profile[strspn(profile, allowed)] != '\0')
		return error_set(err, EINVAL,
		                 "a profile is named with [A-Za-z0-9._-], not starting with a dot");
	return 0;
}

static char *path_of_policy(const char *layer, const char *name, const char *profile) {
	char *file = NULL;
	if (asprintf(&file, "%s/policies%s%s%s.toml", layer, name, profile ? "@" : "",
	             profile ? profile : "") < 0)
		return NULL;
	return file;
}

/*
 * Whether `file` is a link whose text is /dev/null. A trusted walk could not end at the device,
 * which everybody can write. The directory of the link must be trusted.
 */
static int is_mask(const char *file, const struct trust *trust, bool *ret_mask, struct error *err) {
	cleanup_fd int dir = -1;
	cleanup_free char *parent = strndup(file, (size_t)(path_base(file) - file));
	if (!parent)
		return error_errno(err, ENOMEM, "'%s'", file);
	int r = trust_open(parent, O_PATH | O_DIRECTORY, trust, &dir, err);
	if (r < 0)
		return r;
	char target[PATH_MAX];
	ssize_t length = readlinkat(dir, path_base(file), target, sizeof(target) - 1);
	target[length < 0 ? 0 : length] = '\0';
	*ret_mask = strcmp(target, "/dev/null") == 0;
	return 0;
}

static int masked(const char *file, struct error *err) {
	return error_set(err, EACCES,
	                 "'%s' masks this command; remove that file to let later layers decide",
	                 file);
}

/* A link to another file is followed, if the trusted walk gets there. */
static int open_file(const char *file, const struct trust *trust, int *ret_fd, struct error *err) {
	bool mask = false;
	int r = trust_open(file, O_RDONLY | O_NOFOLLOW, trust, ret_fd, err);
	if (r == -EACCES)
		return error_errno(
			err, r,
			"'%s' cannot be read by the user who runs the command, in system mode the "
			"service user (chmod a+r it, a+x the directories above)",
			file);
	if (r != -ELOOP)
		return r;
	r = is_mask(file, trust, &mask, err);
	if (r < 0)
		return r;
	return mask ? masked(file, err) : trust_open(file, O_RDONLY, trust, ret_fd, err);
}

static int check_regular(int fd, const char *file, struct error *err) {
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", file);
	if (S_ISDIR(st.st_mode))
		return error_set(err, EISDIR, "'%s' is a directory; a regular file belongs there",
		                 file);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EBADMSG, "'%s' is not a regular file; remove it", file);
	return 0;
}

static int read_file(const char *file, const struct trust *trust, struct buffer *ret_text,
                     struct error *err) {
	cleanup_fd int fd = -1;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	int r = open_file(file, trust, &fd, err);
	if (r < 0)
		return r;
	r = check_regular(fd, file, err);
	if (r < 0)
		return r;
	r = fd_read_all(fd, FILE_SIZE_MAX, &text);
	if (r == -EFBIG)
		return error_set(err, EFBIG, "'%s' is larger than 1 MiB", file);
	if (r < 0)
		return error_errno(err, r, "'%s'", file);
	*ret_text = text;
	text = BUFFER_INIT;
	return 0;
}

/* One line of a pin file, already without its newline; blank ones and comments add nothing. */
static int read_pin(char *line, const char *file, unsigned int number, struct policy_hashes *hashes,
                    struct error *err) {
	struct pin_hash hash;
	line += strspn(line, " \t");
	size_t length = strcspn(line, " \t\r");
	bool ends = line[length + strspn(line + length, " \t\r")] == '\0';
	if (line[0] == '\0' || line[0] == '#' || line[0] == '\r')
		return 0;
	line[length] = '\0';
	if (!ends || pin_hash_parse(line, &hash) < 0)
		return error_set(err, EBADMSG,
		                 "%s:%u: not a pin: 'blake2b-256:' or 'sha256:' and 64 lower-case "
		                 "hexadecimal digits",
		                 file, number);
	if (hashes->count == PINS_MAX)
		return error_set(err, EFBIG, "%s:%u: more than %d pins", file, number, PINS_MAX);
	struct pin_hash *items = reallocarray(hashes->items, hashes->count + 1, sizeof(*items));
	if (!items)
		return error_errno(err, ENOMEM, "'%s'", file);
	hashes->items = items;
	items[hashes->count++] = hash;
	return 0;
}

static int parse_pins(const struct buffer *text, const char *file, struct policy_hashes *hashes,
                      struct error *err) {
	unsigned int number = 0;
	size_t size = text->size;
	if (size > 0 && memchr(text->bytes, '\0', size))
		return error_set(err, EBADMSG, "'%s' contains a NUL byte", file);
	cleanup_free char *copy = strndup(size > 0 ? text->bytes : "", size);
	char *rest = copy;
	if (!copy)
		return error_errno(err, ENOMEM, "'%s'", file);
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		int r = read_pin(line, file, ++number, hashes, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* In a layer that must be signed, checks the signature. `file` is a path below the layer. */
static int check_signed(const struct layers *layers, size_t layer, const char *file,
                        const struct buffer *text, const struct trust *trust, char **ret_signer,
                        struct error *err) {
	if (layer >= 32 || (layers->signatures & UINT32_C(1) << layer) == 0)
		return 0;
	const struct signed_file signed_file = {
		.layer = layers->paths[layer],
		.place = file + strlen(layers->paths[layer]) + 1,
		.text = text,
	};
	return signature_check(&signed_file, layers->keys, trust, ret_signer, err);
}

/* Adds the length in front, so that bytes moved from one file to the next change the approval. */
static void frame(struct buffer *pins, const struct buffer *text) {
	unsigned char length[8];
	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((unsigned long long)text->size >> (8 * i));
	buffer_append(pins, length, sizeof(length));
	if (text->size > 0)
		buffer_append(pins, text->bytes, text->size);
}

static int add_pins(const struct layers *layers, size_t layer, const struct trust *trust,
                    struct policy_found *found, struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	cleanup_free char *file = NULL;
	if (asprintf(&file, "%s/pins%s", layers->paths[layer], found->name) < 0)
		file = NULL;
	if (!file)
		return error_errno(err, ENOMEM, "'%s'", found->name);
	int r = read_file(file, trust, &text, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = check_signed(layers, layer, file, &text, trust, NULL, err);
	if (r < 0)
		return r;
	frame(&found->pins, &text);
	return parse_pins(&text, file, &found->hashes, err);
}

static int read_pins(const struct layers *layers, const struct trust *trust,
                     struct policy_found *found, struct error *err) {
	for (size_t i = 0; i < layers->count; i++) {
		int r = add_pins(layers, i, trust, found, err);
		if (r < 0)
			return r;
	}
	return found->pins.failed ? error_errno(err, ENOMEM, "pins of '%s'", found->name) : 0;
}

/* -ENOENT: this layer has nothing under that name. */
static int try(const struct layers *layers, size_t layer, const char *name, const char *profile,
               const struct trust *trust, struct policy_found *found, struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	cleanup_free char *file = path_of_policy(layers->paths[layer], name, profile);
	if (!file)
		return error_errno(err, ENOMEM, "'%s'", name);
	int r = read_file(file, trust, &text, err);
	if (r < 0)
		return r;
	if (text.size == 0)
		return masked(file, err);
	r = check_signed(layers, layer, file, &text, trust, &found->signer, err);
	if (r < 0)
		return r;
	found->name = strdup(name);
	found->layer = strdup(layers->paths[layer]);
	found->file = steal_pointer(file);
	found->text = text;
	text = BUFFER_INIT;
	return found->name && found->layer ? 0 : error_errno(err, ENOMEM, "'%s'", name);
}

int policy_find_one(const struct layers *layers, size_t layer, const char *name,
                    const char *profile, const struct trust *trust, struct policy_found *ret_found,
                    struct error *err) {
	cleanup_policy_found struct policy_found found = {0};
	int r = try(layers, layer, name, profile, trust, &found, err);
	if (r < 0)
		return r;
	*ret_found = found;
	found = (struct policy_found){0};
	return 0;
}

static int search(const struct layers *layers, const char *const names[], size_t name_count,
                  const char *profile, const struct trust *trust, struct policy_found *found,
                  struct error *err) {
	for (size_t n = 0; n < name_count; n++) {
		if (!path_is_normal(names[n]) || names[n][1] == '\0')
			return error_set(err, EINVAL, "'%s' is not the absolute name of a command",
			                 names[n]);
		for (size_t i = 0; i < layers->count; i++) {
			int r = try(layers, i, names[n], profile, trust, found, err);
			if (r != -ENOENT)
				return r;
		}
	}
	const char *name = name_count > 0 ? names[0] : "";
	return error_set(
		err, ENOENT, "no policy for '%s'%s; make one with 'envseal policy new %s%s'", name,
		profile ? " in that profile" : "", name, profile ? " --profile PROFILE" : "");
}

int policy_find(const struct layers *layers, const char *const names[], size_t name_count,
                const char *profile, const struct trust *trust, struct policy_found *ret_found,
                struct error *err) {
	cleanup_policy_found struct policy_found found = {0};
	int r = policy_profile_check(profile, err);
	if (r < 0)
		return r;
	r = search(layers, names, name_count, profile, trust, &found, err);
	if (r < 0)
		return r;
	r = read_pins(layers, trust, &found, err);
	if (r < 0)
		return r;
	*ret_found = found;
	found = (struct policy_found){0};
	return 0;
}

void policy_found_free(struct policy_found *found) {
	free(found->name);
	free(found->layer);
	free(found->file);
	free(found->signer);
	buffer_free(&found->text);
	buffer_free(&found->pins);
	free(found->hashes.items);
	*found = (struct policy_found){0};
}
