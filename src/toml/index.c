#include "toml/internal.h"

#include <string.h>

/*
 * The index over a table's keys: a crit-bit tree. A branch stands for the first bit in which the
 * keys below it differ, so a key is found in as many steps as it has bits, at the most, however
 * many keys there are and whoever chose them. A hash would need a secret seed for that.
 *
 * A key is read as 9 bits a byte: 1 for "there is a byte", then the byte from its highest bit; past
 * the end all bits are 0. So a key and its own prefix differ too, also where NULs follow.
 */

#define BITS_A_BYTE 9

static unsigned int bit_at(const struct toml_string *key, uint32_t position) {
	size_t byte = position / BITS_A_BYTE;
	unsigned int bit = position % BITS_A_BYTE;
	if (byte >= key->size)
		return 0;
	if (bit == 0)
		return 1;
	return ((unsigned char)key->bytes[byte] >> (8 - bit)) & 1;
}

/* False when the keys are equal. */
static bool first_difference(const struct toml_string *a, const struct toml_string *b, uint32_t *ret_position) {
	size_t shared = a->size < b->size ? a->size : b->size;
	size_t byte = 0;
	while (byte < shared && a->bytes[byte] == b->bytes[byte])
		byte++;
	if (byte == shared && a->size == b->size)
		return false;
	uint32_t position = (uint32_t)(byte * BITS_A_BYTE);
	if (byte < shared) {
		position++;
		while (bit_at(a, position) == bit_at(b, position))
			position++;
	}
	*ret_position = position;
	return true;
}

/* The entry that shares all tested bits with the key: the key's own, if it has one. */
static uint32_t nearest(const struct toml_table_store *store, const struct toml_string *key) {
	uint32_t at = store->index;
	while (!(at & TOML_LEAF)) {
		const struct toml_branch *branch = &store->branches[at];
		at = branch->child[bit_at(key, branch->position)];
	}
	return at & ~TOML_LEAF;
}

struct toml_entry *toml_table_find(const struct toml_value *table, const struct toml_string *key) {
	if (table->table.count == 0)
		return NULL;
	struct toml_entry *entry = &table->table.entries[nearest(toml_table_store(table), key)];
	if (entry->key.size != key->size || memcmp(entry->key.bytes, key->bytes, key->size) != 0)
		return NULL;
	return entry;
}

void toml_index_add(struct toml_table_store *store, uint32_t count) {
	uint32_t added = count - 1;
	if (added == 0) {
		store->index = TOML_LEAF;
		return;
	}
	const struct toml_string *key = &store->entries[added].key;
	uint32_t position = 0;
	first_difference(key, &store->entries[nearest(store, key)].key, &position);
	uint32_t *link = &store->index;
	while (!(*link & TOML_LEAF) && store->branches[*link].position < position)
		link = &store->branches[*link].child[bit_at(key, store->branches[*link].position)];
	struct toml_branch *branch = &store->branches[added];
	unsigned int side = bit_at(key, position);
	branch->position = position;
	branch->child[side] = added | TOML_LEAF;
	branch->child[!side] = *link;
	*link = added;
}
