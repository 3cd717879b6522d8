#include "cmd/policy_walk.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* Deeper than any tree of programs; a link in a circle ends there. */
#define DEPTH_MAX 64

struct walk {
	const char *layer;
	size_t layer_index;
	size_t root; /* length of "LAYER/policies" */
	struct policy_files *files;
	struct error *err;
};

/* Splits "/usr/bin/gh@work.toml" into its parts; a name without ".toml" stays NULL. */
static int name_file(const struct walk *walk, struct policy_file *file) {
	static const char suffix[] = ".toml";
	const char *path = file->file + walk->root;
	size_t length = strlen(path);
	if (length <= strlen(suffix) || strcmp(path + length - strlen(suffix), suffix) != 0)
		return 0;
	file->name = strndup(path, length - strlen(suffix));
	char *at = file->name ? strrchr(path_base(file->name), '@') : NULL;
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

static int add(struct walk *walk, const char *path) {
	struct policy_files *files = walk->files;
	struct policy_file *items = reallocarray(files->items, files->count + 1, sizeof(*items));
	if (!items)
		return error_errno(walk->err, ENOMEM, "'%s'", path);
	files->items = items;
	struct policy_file *file = &items[files->count++];
	*file = (struct policy_file){
		.layer = walk->layer, .layer_index = walk->layer_index, .file = strdup(path)};
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

static int walk_entry(struct walk *walk, const char *directory, const char *name,
                      unsigned int depth) {
	struct stat st;
	cleanup_free char *path = path_join(directory, name);
	if (!path)
		return error_errno(walk->err, ENOMEM, "'%s'", directory);
	/* Left-overs of an interrupted write, and editors' files. */
	if (name[0] == '.')
		return 0;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
		return walk_directory(walk, path, depth + 1);
	if (is_signature(path))
		return 0;
	return add(walk, path);
}

static int walk_directory(struct walk *walk, const char *path, unsigned int depth) {
	cleanup_dir DIR *dir = opendir(path);
	if (!dir && errno == ENOENT && depth == 0)
		return 0;
	if (!dir)
		return error_errno(walk->err, errno, "'%s'", path);
	errno = 0;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		int r = walk_entry(walk, path, entry->d_name, depth);
		if (r < 0)
			return r;
		errno = 0;
	}
	return errno ? error_errno(walk->err, errno, "'%s'", path) : 0;
}

static int compare_text(const char *a, const char *b) {
	return strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *left, const void *right) {
	const struct policy_file *a = left;
	const struct policy_file *b = right;
	int order = compare_text(a->name, b->name);
	if (order == 0)
		order = compare_text(a->profile, b->profile);
	return order ? order
	             : (a->layer_index > b->layer_index) - (a->layer_index < b->layer_index);
}

int policy_files_collect(const struct layers *layers, struct policy_files *ret_files,
                         struct error *err) {
	cleanup_policy_files struct policy_files files = {0};
	for (size_t i = 0; i < layers->count; i++) {
		cleanup_free char *root = path_join(layers->paths[i], "policies");
		if (!root)
			return error_errno(err, ENOMEM, "'%s'", layers->paths[i]);
		struct walk walk = {layers->paths[i], i, strlen(root), &files, err};
		int r = walk_directory(&walk, root, 0);
		if (r < 0)
			return r;
	}
	if (files.count > 0)
		qsort(files.items, files.count, sizeof(*files.items), compare);
	*ret_files = files;
	files = (struct policy_files){0};
	return 0;
}

void policy_files_free(struct policy_files *files) {
	for (size_t i = 0; i < files->count; i++)
		free_file(&files->items[i]);
	free(files->items);
	*files = (struct policy_files){0};
}

/* Puts "name@profile" together again. */
static int join_profile(struct policy_file *file, struct error *err) {
	char *name = NULL;
	if (asprintf(&name, "%s@%s", file->name, file->profile) < 0)
		return error_errno(err, ENOMEM, "'%s'", file->file);
	free(file->name);
	free(file->profile);
	file->name = name;
	file->profile = NULL;
	return 0;
}

static int load(const struct layers *layers, const struct policy_file *file,
                struct policy_loaded *ret_loaded, struct error *err) {
	const char *const names[] = {file->name};
	return policy_load(layers, names, 1, file->profile, ret_loaded, err);
}

/* In its own layer alone: whether the file is good in itself. */
static int load_alone(const struct layers *layers, struct policy_file *file, struct error *err) {
	char *path = (char *)file->layer;
	const struct layers own = {
		.paths = &path,
		.count = 1,
		.grants = layers->grants > 0,
		.signatures = file->layer_index < 32 ? layers->signatures >> file->layer_index & 1 : 0,
		.keys = layers->keys,
	};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	int r = load(&own, file, &loaded, err);
	if (r != -EBADMSG || !file->profile)
		return r;
	struct error joined_err;
	struct policy_file joined = {.layer = file->layer, .file = file->file};
	joined.name = strdup(file->name);
	joined.profile = strdup(file->profile);
	if (joined.name && joined.profile && join_profile(&joined, &joined_err) == 0 &&
	    load(&own, &joined, &loaded, &joined_err) == 0)
		r = join_profile(file, err);
	free(joined.name);
	free(joined.profile);
	return r;
}

/* -EACCES alone does not say: a file that may not be read gives it too. */
static bool is_mask(const struct policy_file *file) {
	struct stat st;
	return stat(file->file, &st) == 0 && (S_ISCHR(st.st_mode) || st.st_size == 0);
}

enum policy_file_state policy_file_load(const struct layers *layers, struct policy_file *file,
                                        struct policy_loaded *ret_loaded, struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	if (!file->name) {
		error_set(err, EINVAL, "%s: is never read: a policy's name ends in .toml",
		          file->file);
		return POLICY_FILE_BAD;
	}
	int r = load_alone(layers, file, err);
	if (r < 0)
		return r == -EACCES && is_mask(file) ? POLICY_FILE_MASK : POLICY_FILE_BAD;
	r = load(layers, file, &loaded, err);
	if (r == -EACCES || (r == 0 && strcmp(loaded.found.file, file->file) != 0))
		return POLICY_FILE_SHADOWED;
	/* An earlier layer's file is at fault, and is reported with that file. */
	if (r < 0)
		return POLICY_FILE_BAD;
	*ret_loaded = loaded;
	loaded = (struct policy_loaded){0};
	return POLICY_FILE_ACTIVE;
}
