#ifndef ENVSEAL_POLICY_LAYERS_H
#define ENVSEAL_POLICY_LAYERS_H

#include "util/error.h"
#include "util/trust.h"

#include <stddef.h>
#include <stdint.h>

/* Directories with up to three trees: policies/, pins/, access/. Searched in this order. */
struct layers {
	char **paths;
	size_t count;
	struct trust_memory *memory; /* borrowed, for commands that read thousands of files
	                                (util/trust.h); NULL: none */
	size_t grants;       /* how many of the first layers can have grants; 0: these are not the
	                        system's layers */
	uint32_t signatures; /* a bit for each of the first 32 layers: its files must be signed */
	const char *keys;    /* the directory of the keys that may sign */
};

/*
 * The system layers, for system mode. The administrator's three come first and have access/ trees;
 * the vendors' have policies and pins only. system.toml can require signatures in a layer
 * (policy/system.h).
 */
int layers_for_system(struct layers *ret_layers, struct error *err);

/*
 * The layers for user mode: the user's own first (`config_home`/envseal, or `home`/.config/envseal
 * when `config_home` is NULL, empty or relative), then the system layers. -EINVAL: neither is an
 * absolute path.
 */
int layers_for_user(const char *config_home, const char *home, struct layers *ret_layers,
                    struct error *err);

/* A colon-separated list of absolute, normal directories. -EINVAL. */
int layers_parse(const char *list, struct layers *ret_layers, struct error *err);

void layers_free(struct layers *layers);

#define cleanup_layers __attribute__((cleanup(layers_free)))

#endif
