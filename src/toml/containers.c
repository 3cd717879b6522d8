#include "toml/internal.h"

#include <string.h>

/* Tables and arrays that grow while the text is read. */

struct toml_table_store *toml_table_store(const struct toml_value *table) {
	char *entries = (char *)table->table.entries;
	return (struct toml_table_store *)(void *)(entries -
	                                           offsetof(struct toml_table_store, entries));
}

struct toml_array_store *toml_array_store(const struct toml_value *array) {
	char *values = (char *)array->array.values;
	return (struct toml_array_store *)(void *)(values -
	                                           offsetof(struct toml_array_store, values));
}

static size_t grown(size_t room) {
	return room ? room * 2 : 1;
}

static struct toml_table_store *new_table_store(struct toml_arena *arena, size_t room) {
	struct toml_table_store *store =
		toml_arena_alloc(arena, sizeof(*store) + room * sizeof(struct toml_entry));
	if (store)
		store->room = room;
	return store;
}

static struct toml_array_store *new_array_store(struct toml_arena *arena, size_t room) {
	struct toml_array_store *store =
		toml_arena_alloc(arena, sizeof(*store) + room * sizeof(struct toml_value));
	if (store)
		store->room = room;
	return store;
}

bool toml_table_init(struct toml_arena *arena, enum toml_table_kind kind, struct toml_place place,
                     struct toml_value *ret_value) {
	struct toml_table_store *store = new_table_store(arena, 0);
	if (!store)
		return false;
	store->kind = kind;
	*ret_value = (struct toml_value){
		.type = TOML_TABLE, .place = place, .table.entries = store->entries};
	return true;
}

bool toml_array_init(struct toml_arena *arena, bool of_tables, struct toml_place place,
                     struct toml_value *ret_value) {
	struct toml_array_store *store = new_array_store(arena, 0);
	if (!store)
		return false;
	store->of_tables = of_tables;
	*ret_value = (struct toml_value){
		.type = TOML_ARRAY, .place = place, .array.values = store->values};
	return true;
}

static bool grow_table(struct toml_arena *arena, struct toml_value *table) {
	const struct toml_table_store *old = toml_table_store(table);
	struct toml_table_store *store = new_table_store(arena, grown(old->room));
	if (!store)
		return false;
	store->kind = old->kind;
	memcpy(store->entries, old->entries, old->room * sizeof(*store->entries));
	table->table.entries = store->entries;
	return true;
}

bool toml_table_add(struct toml_arena *arena, struct toml_value *table,
                    const struct toml_string *key, struct toml_place place,
                    struct toml_entry **ret_entry) {
	if (table->table.count == toml_table_store(table)->room && !grow_table(arena, table))
		return false;
	struct toml_entry *entry = &table->table.entries[table->table.count++];
	*entry = (struct toml_entry){
		.key = *key, .place = place, .value = {.type = TOML_BOOL, .place = place}};
	*ret_entry = entry;
	return true;
}

struct toml_entry *toml_table_find(const struct toml_value *table, const struct toml_string *key) {
	for (size_t i = 0; i < table->table.count; i++) {
		struct toml_entry *entry = &table->table.entries[i];
		if (entry->key.size == key->size &&
		    memcmp(entry->key.bytes, key->bytes, key->size) == 0)
			return entry;
	}
	return NULL;
}

static bool grow_array(struct toml_arena *arena, struct toml_value *array) {
	const struct toml_array_store *old = toml_array_store(array);
	struct toml_array_store *store = new_array_store(arena, grown(old->room));
	if (!store)
		return false;
	store->of_tables = old->of_tables;
	memcpy(store->values, old->values, old->room * sizeof(*store->values));
	array->array.values = store->values;
	return true;
}

bool toml_array_add(struct toml_arena *arena, struct toml_value *array,
                    const struct toml_value *value) {
	if (array->array.count == toml_array_store(array)->room && !grow_array(arena, array))
		return false;
	array->array.values[array->array.count++] = *value;
	return true;
}
