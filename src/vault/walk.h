#ifndef ENVSEAL_VAULT_WALK_H
#define ENVSEAL_VAULT_WALK_H

#include "util/error.h"
#include "vault/layout.h"

#include <stddef.h>

/* Every secret's name in a tree of the vault, sorted by bytes. */
struct walk_names {
	char **items;
	size_t count;
	size_t room;
};

/*
 * Called during a walk; both may be NULL. `stray`: for each entry that is not a secret, with its
 * path. `leave`: after all entries of a directory, with the directory above it and its name there.
 */
struct walk_also {
	void (*stray)(void *context, const char *path);
	void (*leave)(void *context, int dirfd, const char *name);
	void *context;
};

int walk_tree(const struct layout_tree *tree, const struct walk_also *also,
              struct walk_names *ret_names, struct error *err);

void walk_names_free(struct walk_names *names);
#define cleanup_walk_names __attribute__((cleanup(walk_names_free)))

#endif
