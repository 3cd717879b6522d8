#include "toml/internal.h"

#include <stdalign.h>
#include <stdlib.h>

/* The fuzz targets set this to 0: each allocation then has guards of its own. */
#ifndef TOML_ARENA_CHUNK
#define TOML_ARENA_CHUNK ((size_t)16 * 1024)
#endif

struct toml_chunk {
	struct toml_chunk *next;
	size_t room;
	size_t used;
	alignas(max_align_t) char bytes[];
};

static struct toml_chunk *add_chunk(struct toml_arena *arena, size_t room) {
	struct toml_chunk *chunk = malloc(sizeof(*chunk) + room);
	if (!chunk)
		return NULL;
	*chunk = (struct toml_chunk){.next = arena->chunks, .room = room};
	arena->chunks = chunk;
	return chunk;
}

void *toml_arena_alloc(struct toml_arena *arena, size_t size) {
	size_t aligned = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct toml_chunk *chunk = arena->chunks;
	if (!chunk || chunk->room - chunk->used < aligned)
		chunk = add_chunk(arena, aligned > TOML_ARENA_CHUNK ? size : TOML_ARENA_CHUNK);
	if (!chunk)
		return NULL;
	void *bytes = chunk->bytes + chunk->used;
	chunk->used = chunk->room - chunk->used < aligned ? chunk->room : chunk->used + aligned;
	return bytes;
}

void toml_arena_free(struct toml_arena *arena) {
	while (arena->chunks) {
		struct toml_chunk *next = arena->chunks->next;
		free(arena->chunks);
		arena->chunks = next;
	}
}
