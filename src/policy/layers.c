#include "policy/layers.h"

#include "policy/system.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* In the order of search. When the prefix is one of the two below it, that stands only once. */
static const char *const system_layers[] = {
	SYSTEM_LAYER,
	"/run/envseal",
	ENVSEAL_LOCALSTATEDIR "/lib/envseal",
	"/usr/local/lib/envseal",
	ENVSEAL_PREFIX "/lib/envseal",
	"/usr/lib/envseal",
};

/* The first layers are the administrator's. Vendors cannot grant the use of a policy. */
#define ADMINISTRATOR_LAYERS 3

static bool contains(const struct layers *layers, const char *path) {
	for (size_t i = 0; i < layers->count; i++) {
		if (strcmp(layers->paths[i], path) == 0)
			return true;
	}
	return false;
}

/* Takes over `path`; NULL means that its allocation failed. */
static int add(struct layers *layers, char *path, struct error *err) {
	cleanup_free char *owned = path;
	if (owned && contains(layers, owned))
		return 0;
	char **paths =
		owned ? reallocarray(layers->paths, layers->count + 1, sizeof(*paths)) : NULL;
	if (!paths)
		return error_errno(err, ENOMEM, "layers");
	layers->paths = paths;
	layers->paths[layers->count++] = steal_pointer(owned);
	return 0;
}

static int add_system(struct layers *layers, size_t count, struct error *err) {
	for (size_t i = 0; i < count; i++) {
		int r = add(layers, strdup(system_layers[i]), err);
		if (r < 0)
			return r;
	}
	return 0;
}

int layers_for_system(struct layers *ret_layers, struct error *err) {
	cleanup_layers struct layers layers = {0};
	int r = add_system(&layers, ADMINISTRATOR_LAYERS, err);
	if (r < 0)
		return r;
	layers.grants = layers.count;
	layers.keys = SYSTEM_TRUSTED_KEYS;
	r = add_system(&layers, ARRAY_SIZE(system_layers), err);
	if (r < 0)
		return r;
	*ret_layers = layers;
	layers = (struct layers){0};
	return 0;
}

static bool usable(const char *directory) {
	return directory && directory[0] == '/';
}

int layers_for_user(const char *config_home, const char *home, struct layers *ret_layers,
                    struct error *err) {
	cleanup_layers struct layers layers = {0};
	if (!usable(config_home) && !usable(home))
		return error_set(err, EINVAL,
		                 "neither XDG_CONFIG_HOME nor HOME is an absolute path; set one");
	const char *base = usable(config_home) ? config_home : home;
	const char *rest = usable(config_home) ? "envseal" : ".config/envseal";
	int r = add(&layers, path_join(base, rest), err);
	if (r < 0)
		return r;
	r = add_system(&layers, ARRAY_SIZE(system_layers), err);
	if (r < 0)
		return r;
	*ret_layers = layers;
	layers = (struct layers){0};
	return 0;
}

int layers_parse(const char *list, struct layers *ret_layers, struct error *err) {
	cleanup_layers struct layers layers = {0};
	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ":");
		cleanup_free char *path = strndup(at, length);
		if (!path)
			return error_errno(err, ENOMEM, "layers");
		if (!path_is_normal(path))
			return error_set(
				err, EINVAL,
				"a layer must be an absolute path without '.', '..' and doubled "
				"slashes");
		int r = add(&layers, steal_pointer(path), err);
		if (r < 0)
			return r;
		at += length;
		if (*at == '\0')
			break;
	}
	*ret_layers = layers;
	layers = (struct layers){0};
	return 0;
}

void layers_free(struct layers *layers) {
	for (size_t i = 0; i < layers->count; i++)
		free(layers->paths[i]);
	free(layers->paths);
	*layers = (struct layers){0};
}
