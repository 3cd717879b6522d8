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
 * What a walk meets beside secrets. `stray`: an entry that is none, with its path, may be NULL. `leave`:
 * called behind each directory's entries, with what it is below and its name there, may be NULL.
 */
struct walk_also {
	void (*stray)(void *context, const char *path);
	void (*leave)(void *context, int dirfd, const char *name);
	void *context;
};

int walk_tree(const struct layout_tree *tree, const struct walk_also *also, struct walk_names *ret_names,
              struct error *err);

void walk_names_free(struct walk_names *names);
#define cleanup_walk_names __attribute__((cleanup(walk_names_free)))

#endif
