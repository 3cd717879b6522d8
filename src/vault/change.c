#include "vault/internal.h"

/* Changes of a single secret's file. The vault must be held. */

int vault_keep_previous(const struct vault *vault, const char *name, struct error *err) {
	cleanup_place struct layout_place current = LAYOUT_PLACE_NONE, previous = LAYOUT_PLACE_NONE;
	struct staged staged;
	const struct layout_tree tree = vault_tree(vault, LAYOUT_PREVIOUS);
	int r = vault_find(vault, LAYOUT_SECRETS, name, &current, err);
	if (r < 0)
		return r;
	r = writer_stage_link(&vault->writer, current.fd, current.file, current.path, &staged, err);
	if (r < 0)
		return r;
	r = layout_find(&tree, name, true, &previous, err);
	if (r < 0)
		return r;
	return writer_publish(&vault->writer, &staged, previous.fd, previous.file, true,
	                      previous.path, err);
}

int vault_drop(const struct vault *vault, const char *top, const char *name, struct error *err) {
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	const struct layout_tree tree = vault_tree(vault, top);
	int r = layout_find(&tree, name, false, &place, err);
	if (r < 0)
		return r;
	r = writer_remove(&vault->writer, place.fd, place.file, place.path, err);
	if (r < 0)
		return r;
	layout_prune(&tree, name);
	return 0;
}
