#include "cmd/policy/walk.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* Deeper than any tree of programs. */
#define DEPTH_MAX 64

struct walk {
	const char *layer;
	size_t layer_index;
	size_t root;        /* length of "LAYER/policies" */
	const char *suffix; /* of the files' names; "" for none */
	bool profiles;      /* "@NAME" in front of the suffix is a profile */
	struct policy_files *files;
	struct error *err;
	struct {
		dev_t dev;
		ino_t ino;
	} above[DEPTH_MAX + 1];
};

/* Splits "/usr/bin/gh@work.toml" into its parts; a name without the suffix stays NULL. */
static int name_file(const struct walk *walk, struct policy_file *file) {
	const char *path = file->file + walk->root;
	size_t length = strlen(path), suffix = strlen(walk->suffix);
	if (length <= suffix || strcmp(path + length - suffix, walk->suffix) != 0)
		return 0;
	file->name = strndup(path, length - suffix);
	char *at = file->name && walk->profiles ? strrchr(path_base(file->name), '@') : NULL;
	if (!file->name)
		return -ENOMEM;
	if (!at || at[1] == '\0' || at == path_base(file->name))
		return 0;
	file->profile = strdup(at + 1);
	*at = '\0';
	return file->profile ? 0 : -ENOMEM;
}

static void free_file(struct policy_file *file) {
	free(file->file);
	free(file->name);
	free(file->profile);
}

static int grow(struct policy_files *files) {
	if (files->count < files->room)
		return 0;
	size_t room = files->room ? files->room * 2 : 64;
	struct policy_file *items = reallocarray(files->items, room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	files->items = items;
	files->room = room;
	return 0;
}

static int add(struct walk *walk, const char *path, int problem) {
	struct policy_files *files = walk->files;
	if (grow(files) < 0)
		return error_errno(walk->err, ENOMEM, "'%s'", path);
	struct policy_file *file = &files->items[files->count++];
	*file = (struct policy_file){.layer = walk->layer,
	                             .layer_index = walk->layer_index,
	                             .file = strdup(path),
	                             .problem = problem};
	files->problems |= problem != 0;
	int r = file->file ? name_file(walk, file) : -ENOMEM;
	return r < 0 ? error_errno(walk->err, r, "'%s'", path) : 0;
}

/* "gh.toml.minisig" beside "gh.toml" belongs to it; alone it is a file that nothing reads. */
static bool is_signature(const char *path) {
	static const char suffix[] = ".minisig";
	size_t length = strlen(path);
	if (length <= strlen(suffix) || strcmp(path + length - strlen(suffix), suffix) != 0)
		return false;
	cleanup_free char *of = strndup(path, length - strlen(suffix));
	return of && access(of, F_OK) == 0;
}

static int walk_directory(struct walk *walk, const char *path, unsigned int depth);

/* Whether the directory is one of those above it. */
static bool leads_back(const struct walk *walk, const struct stat *st, unsigned int depth) {
	for (unsigned int i = 0; i <= depth; i++) {
		if (walk->above[i].dev == st->st_dev && walk->above[i].ino == st->st_ino)
			return true;
	}
	return false;
}

static bool has_suffix(const struct walk *walk, const char *name) {
	size_t length = strlen(name), suffix = strlen(walk->suffix);
	return suffix > 0 && length > suffix && strcmp(name + length - suffix, walk->suffix) == 0;
}

static int enter(struct walk *walk, const char *path, const struct stat *st, unsigned int depth) {
	if (leads_back(walk, st, depth) || depth == DEPTH_MAX)
		return add(walk, path, -ELOOP);
	/* A directory in the place of a policy; its files are read nevertheless. */
	if (has_suffix(walk, path)) {
		int r = add(walk, path, -EISDIR);
		if (r < 0)
			return r;
	}
	return walk_directory(walk, path, depth + 1);
}

static int walk_entry(struct walk *walk, const char *directory, const struct dirent *entry,
                      unsigned int depth) {
	struct stat st;
	/* Remains of interrupted writes, and editors' files. */
	if (entry->d_name[0] == '.')
		return 0;
	cleanup_free char *path = path_join(directory, entry->d_name);
	if (!path)
		return error_errno(walk->err, ENOMEM, "'%s'", directory);
	bool plain = entry->d_type == DT_REG;
	if (!plain && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return enter(walk, path, &st, depth);
	return is_signature(path) ? 0 : add(walk, path, 0);
}

static int walk_directory(struct walk *walk, const char *path, unsigned int depth) {
	struct stat st;
	cleanup_dir DIR *dir = opendir(path);
	if (!dir && errno == ENOENT && depth == 0)
		return 0;
	if (!dir || fstat(dirfd(dir), &st) < 0)
		return add(walk, path, -errno);
	walk->above[depth].dev = st.st_dev;
	walk->above[depth].ino = st.st_ino;
	errno = 0;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		int r = walk_entry(walk, path, entry, depth);
		if (r < 0)
			return r;
		errno = 0;
	}
	return errno ? add(walk, path, -errno) : 0;
}

static int compare_text(const char *a, const char *b) {
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_names(const struct policy_file *a, const struct policy_file *b) {
	int order = compare_text(a->name, b->name);
	return order ? order : compare_text(a->profile, b->profile);
}

static int compare(const void *left, const void *right) {
	const struct policy_file *a = left;
	const struct policy_file *b = right;
	int order = compare_names(a, b);
	if (order == 0)
		order = (a->layer_index > b->layer_index) - (a->layer_index < b->layer_index);
	return order ? order : strcmp(a->file, b->file);
}

static int collect(const struct layers *layers, size_t count, const char *tree, struct walk *walk) {
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *root = path_join(layers->paths[i], tree);
		if (!root)
			return error_errno(walk->err, ENOMEM, "'%s'", layers->paths[i]);
		walk->layer = layers->paths[i];
		walk->layer_index = i;
		walk->root = strlen(root);
		int r = walk_directory(walk, root, 0);
		if (r < 0)
			return r;
	}
	struct policy_files *files = walk->files;
	if (files->count > 0)
		qsort(files->items, files->count, sizeof(*files->items), compare);
	return 0;
}

int policy_set_collect(const struct layers *layers, struct policy_set *ret_set, struct error *err) {
	cleanup_policy_set struct policy_set set = {.layers = layers};
	struct walk policies = {
		.suffix = ".toml", .profiles = true, .files = &set.policies, .err = err};
	struct walk pins = {.suffix = "", .files = &set.pins, .err = err};
	struct walk grants = {.suffix = "", .profiles = true, .files = &set.grants, .err = err};
	int r = collect(layers, layers->count, "policies", &policies);
	if (r < 0)
		return r;
	r = collect(layers, layers->count, "pins", &pins);
	if (r < 0)
		return r;
	r = collect(layers, layers->grants, "access", &grants);
	if (r < 0)
		return r;
	*ret_set = set;
	set = (struct policy_set){0};
	return 0;
}

static void free_files(struct policy_files *files) {
	for (size_t i = 0; i < files->count; i++)
		free_file(&files->items[i]);
	free(files->items);
}

void policy_set_free(struct policy_set *set) {
	free_files(&set->policies);
	free_files(&set->pins);
	free_files(&set->grants);
	trust_memory_free(&set->memory);
	*set = (struct policy_set){0};
}

/* The first entry that does not come before that name and profile. */
static size_t lower_bound(const struct policy_files *files, const char *name, const char *profile) {
	const struct policy_file wanted = {.name = (char *)name, .profile = (char *)profile};
	size_t low = 0, high = files->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_names(&files->items[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_for(const struct policy_file *file, const char *name, const char *profile) {
	return file->name && strcmp(file->name, name) == 0 &&
	       compare_text(file->profile, profile) == 0;
}

bool policy_set_has(const struct policy_set *set, const char *name, const char *profile) {
	const struct policy_files *files = &set->policies;
	size_t i = lower_bound(files, name, profile);
	if (i == files->count)
		return false;
	if (!profile)
		return files->items[i].name && strcmp(files->items[i].name, name) == 0;
	return is_for(&files->items[i], name, profile);
}

static void mark(const struct policy_files *files, const char *name, const char *profile,
                 bool *near) {
	for (size_t i = lower_bound(files, name, profile);
	     i < files->count && is_for(&files->items[i], name, profile); i++)
		near[files->items[i].layer_index] = true;
}

/*
 * A layer that requires signatures keeps that bit at another index; only the first 32 layers
 * have bits.
 */
static uint32_t signature_bit(const struct layers *layers, size_t index) {
	return index < 32 ? layers->signatures >> index & 1 : 0;
}

int policy_set_near(struct policy_set *set, const struct policy_file *file, struct layers *ret_near,
                    struct error *err) {
	const struct layers *layers = set->layers;
	cleanup_free bool *near = calloc(layers->count + 1, sizeof(*near));
	/* "gh@work" may be a profile of gh or a command with that name. */
	cleanup_free char *joined = policy_full_name(file->name, file->profile);
	cleanup_free char **paths = calloc(layers->count + 1, sizeof(*paths));
	if (!near || !joined || !paths)
		return error_errno(err, ENOMEM, "'%s'", file->file);
	mark(&set->policies, file->name, file->profile, near);
	mark(&set->pins, file->name, NULL, near);
	mark(&set->pins, joined, NULL, near);
	mark(&set->grants, file->name, file->profile, near);
	bool all = set->policies.problems || set->pins.problems || set->grants.problems;
	struct layers found = {.memory = &set->memory, .keys = layers->keys};
	for (size_t i = 0; i < layers->count; i++) {
		if (i > 0 && !all && !near[i])
			continue;
		found.signatures |= signature_bit(layers, i) << found.count;
		paths[found.count++] = layers->paths[i];
		found.grants += i < layers->grants;
	}
	found.paths = steal_pointer(paths);
	*ret_near = found;
	return 0;
}

static int load(const struct layers *layers, const struct policy_file *file,
                struct policy_loaded *ret_loaded, struct error *err) {
	const char *const names[] = {file->name};
	return policy_load(layers, names, 1, file->profile, ret_loaded, err);
}

const char *policy_file_profile(const struct policy_file *file) {
	return file->at_in_name ? NULL : file->profile;
}

/* The same for a command whose own name contains '@'. */
static int load_either(const struct layers *layers, struct policy_file *file,
                       struct policy_loaded *ret_loaded, struct error *err) {
	struct error joined_err;
	int r = load(layers, file, ret_loaded, err);
	if (r != -EBADMSG || !file->profile)
		return r;
	cleanup_free char *name = policy_full_name(file->name, file->profile);
	const struct policy_file joined = {.layer = file->layer, .file = file->file, .name = name};
	if (!name || load(layers, &joined, ret_loaded, &joined_err) < 0)
		return r;
	file->at_in_name = true;
	return 0;
}

/* -EACCES is not enough: an unreadable file gives it too. */
static bool is_mask(const struct policy_file *file) {
	struct stat st;
	return stat(file->file, &st) == 0 && (S_ISCHR(st.st_mode) || st.st_size == 0);
}

/* Loads the file from its own layer alone, to tell whether it is valid. */
static enum policy_file_state load_shadowed(const struct policy_set *set, struct policy_file *file,
                                            const char *winner, struct error *err) {
	char *path = (char *)file->layer;
	const struct layers own = {
		.paths = &path,
		.count = 1,
		.grants = set->layers->grants > 0,
		.signatures = signature_bit(set->layers, file->layer_index),
		.keys = set->layers->keys,
	};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	int r = load_either(&own, file, &loaded, err);
	if (r < 0 && !(r == -EACCES && is_mask(file)))
		return POLICY_FILE_BAD;
	error_set(err, EEXIST, "'%s' comes first, so this file does not count", winner);
	return POLICY_FILE_SHADOWED;
}

static enum policy_file_state load_first(struct policy_set *set, struct policy_file *file,
                                         struct policy_loaded *ret_loaded, struct error *err) {
	struct layers near = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	if (policy_set_near(set, file, &near, err) < 0)
		return POLICY_FILE_BAD;
	int r = load_either(&near, file, &loaded, err);
	free(near.paths);
	if (r < 0)
		return r == -EACCES && is_mask(file) ? POLICY_FILE_MASK : POLICY_FILE_BAD;
	*ret_loaded = loaded;
	loaded = (struct policy_loaded){0};
	return POLICY_FILE_ACTIVE;
}

static void describe_problem(const struct policy_file *file, struct error *err) {
	if (file->problem == -EISDIR)
		error_set(err, EISDIR, "'%s' is a directory; a regular file belongs there",
		          file->file);
	else
		error_errno(err, file->problem, "'%s' cannot be read", file->file);
}

enum policy_file_state policy_file_load(struct policy_set *set, struct policy_file *file,
                                        struct policy_loaded *ret_loaded, struct error *err) {
	const struct policy_files *files = &set->policies;
	if (file->problem) {
		describe_problem(file, err);
		return POLICY_FILE_BAD;
	}
	if (!file->name) {
		error_set(err, EINVAL, "%s: is never read, because a policy's name ends in .toml",
		          file->file);
		return POLICY_FILE_BAD;
	}
	const struct policy_file *winner = file;
	/* Entries of one name are adjacent, one for each layer. */
	while (winner > files->items && is_for(winner - 1, file->name, file->profile))
		winner--;
	if (winner != file)
		return load_shadowed(set, file, winner->file, err);
	return load_first(set, file, ret_loaded, err);
}
