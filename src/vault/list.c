#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/names.h"
#include "vault/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct names {
	char **items;
	size_t count;
	size_t room;
};

static void names_free(struct names *names) {
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

static int names_add(struct names *names, const char *name) {
	if (names->count == names->room) {
		size_t room = names->room ? names->room * 2 : 64;
		char **items = reallocarray(names->items, room, sizeof(*items));
		if (!items)
			return -ENOMEM;
		names->items = items;
		names->room = room;
	}
	names->items[names->count] = strdup(name);
	return names->items[names->count++] ? 0 : -ENOMEM;
}

/* One directory of the walk; `name` is what its entries' names begin with. */
struct level {
	const char *vault;
	const char *name;
	struct names *names;
};

static int collect(int dirfd, const struct level *level, struct error *err);

static int collect_below(int dirfd, const char *entry, const char *name, const struct level *level,
                         struct error *err) {
	char path[TREE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" TREE_SECRETS "/%s", level->vault, name);
	int fd = -1;
	int r = tree_open_directory(dirfd, entry, path, &fd, err);
	if (r == -ENOENT)
		return 0; /* removed meanwhile */
	const struct level below = {level->vault, name, level->names};
	return r < 0 ? r : collect(fd, &below, err);
}

/* Whatever could not be a secret's file is not listed: left-overs, links, other people's notes. */
static int collect_entry(int dirfd, const char *entry, const struct level *level,
                         struct error *err) {
	char name[VAULT_NAME_MAX + sizeof(NAMES_SUFFIX)];
	struct error ignored;
	struct stat st;
	int length = snprintf(name, sizeof(name), "%s%s%s", level->name, level->name[0] ? "/" : "",
	                      entry);
	if (length < 0 || (size_t)length >= sizeof(name) || entry[0] == '.' ||
	    fstatat(dirfd, entry, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISREG(st.st_mode))
		name[names_of_file(name)] = '\0';
	if (vault_name_check(name, &ignored) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return collect_below(dirfd, entry, name, level, err);
	if (S_ISREG(st.st_mode) && names_add(level->names, name) < 0)
		return error_errno(err, ENOMEM, "'%s'", level->vault);
	return 0;
}

/* Owns `dirfd`. The depth is bounded by the length of a name. */
static int collect(int dirfd, const struct level *level, struct error *err) {
	cleanup_dir DIR *dir = fdopendir(dirfd);
	if (!dir) {
		close(dirfd);
		return error_errno(err, ENOMEM, "'%s'", level->vault);
	}
	int r = 0;
	errno = 0;
	for (struct dirent *entry; r == 0 && (entry = readdir(dir)); errno = 0)
		r = collect_entry(dirfd, entry->d_name, level, err);
	if (r == 0 && errno != 0)
		return error_errno(err, errno, "cannot list '%s/" TREE_SECRETS "/%s'", level->vault,
		                   level->name);
	return r;
}

static int by_bytes(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int vault_list(const struct vault *vault, int (*each)(void *context, const char *name),
               void *context, struct error *err) {
	char path[TREE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" TREE_SECRETS, vault->directory);
	__attribute__((cleanup(names_free))) struct names names = {0};
	int fd = -1;
	int r = tree_open_directory(vault->dirfd, TREE_SECRETS, path, &fd, err);
	if (r == -ENOENT)
		return 0;
	const struct level top = {vault->directory, "", &names};
	if (r == 0)
		r = collect(fd, &top, err);
	if (r < 0)
		return r;
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_bytes);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = each(context, names.items[i]);
	return r;
}
