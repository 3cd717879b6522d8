#include "vault/walk.h"

#include "util/cleanup.h"
#include "vault/names.h"
#include "vault/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void walk_names_free(struct walk_names *names) {
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct walk_names){0};
}

static int names_add(struct walk_names *names, const char *name) {
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

/* One directory of the walk. `name` is the prefix of its entries' names. */
struct level {
	const struct layout_tree *tree;
	const struct walk_also *also;
	const char *name;
	struct walk_names *names;
};

static void path_of(const struct level *level, const char *entry,
                    char ret_path[static LAYOUT_PATH_MAX]) {
	snprintf(ret_path, LAYOUT_PATH_MAX, "%s/%s/%s%s%s", level->tree->directory,
	         level->tree->top, level->name, level->name[0] ? "/" : "", entry);
}

static int collect(int dirfd, const struct level *level, struct error *err);

static int collect_below(int dirfd, const char *entry, const char *name, const struct level *level,
                         struct error *err) {
	char path[LAYOUT_PATH_MAX];
	int fd = -1;
	path_of(level, entry, path);
	int r = layout_open_directory(dirfd, entry, path, &fd, err);
	if (r == -ENOENT)
		return 0; /* removed meanwhile */
	if (r < 0)
		return r;
	const struct level below = {level->tree, level->also, name, level->names};
	r = collect(fd, &below, err);
	if (r < 0)
		return r;
	if (level->also->leave)
		level->also->leave(level->also->context, dirfd, entry);
	return 0;
}

static int stray(const char *entry, const struct level *level) {
	char path[LAYOUT_PATH_MAX];
	path_of(level, entry, path);
	if (level->also->stray)
		level->also->stray(level->also->context, path);
	return 0;
}

/* readdir(3) mostly knows the type; fstatat(2) would cost a system call for each entry. */
static mode_t type_of(int dirfd, const struct dirent *entry) {
	struct stat st;
	if (entry->d_type == DT_REG || entry->d_type == DT_DIR)
		return entry->d_type == DT_REG ? S_IFREG : S_IFDIR;
	if (entry->d_type != DT_UNKNOWN)
		return 0;
	return fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0
	                                                                   : st.st_mode & S_IFMT;
}

/* Files that cannot be a secret's are stray: leftovers, links, notes. */
static int collect_entry(int dirfd, const struct dirent *entry, const struct level *level,
                         struct error *err) {
	char name[VAULT_NAME_MAX + sizeof(NAMES_SUFFIX)];
	struct error ignored;
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	mode_t type = type_of(dirfd, entry);
	int length = snprintf(name, sizeof(name), "%s%s%s", level->name, level->name[0] ? "/" : "",
	                      entry->d_name);
	if (length < 0 || (size_t)length >= sizeof(name) || type == 0)
		return stray(entry->d_name, level);
	if (type == S_IFREG)
		name[names_of_file(name)] = '\0';
	if (vault_name_check(name, &ignored) < 0)
		return stray(entry->d_name, level);
	if (type == S_IFDIR)
		return collect_below(dirfd, entry->d_name, name, level, err);
	return names_add(level->names, name) < 0
	               ? error_errno(err, ENOMEM, "'%s'", level->tree->directory)
	               : 0;
}

/* Owns `dirfd`. The depth is bounded by the length of a name. */
static int collect(int dirfd, const struct level *level, struct error *err) {
	cleanup_dir DIR *dir = fdopendir(dirfd);
	if (!dir) {
		close(dirfd);
		return error_errno(err, ENOMEM, "'%s'", level->tree->directory);
	}
	for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
		int r = collect_entry(dirfd, entry, level, err);
		if (r < 0)
			return r;
	}
	if (errno != 0)
		return error_errno(err, errno, "cannot list '%s/%s/%s'", level->tree->directory,
		                   level->tree->top, level->name);
	return 0;
}

static int by_bytes(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int walk_tree(const struct layout_tree *tree, const struct walk_also *also,
              struct walk_names *ret_names, struct error *err) {
	static const struct walk_also nothing = {0};
	char path[LAYOUT_PATH_MAX];
	cleanup_walk_names struct walk_names names = {0};
	int fd = -1;
	snprintf(path, sizeof(path), "%s/%s", tree->directory, tree->top);
	const struct level top = {tree, also ? also : &nothing, "", &names};
	int r = layout_open_directory(tree->dirfd, tree->top, path, &fd, err);
	if (r >= 0)
		r = collect(fd, &top, err);
	if (r < 0 && r != -ENOENT)
		return r;
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_bytes);
	*ret_names = names;
	names = (struct walk_names){0};
	return 0;
}
