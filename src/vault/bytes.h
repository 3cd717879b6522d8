#ifndef ENVSEAL_VAULT_BYTES_H
#define ENVSEAL_VAULT_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Numbers in the vault's files are little-endian on every machine. */

static inline void bytes_put(unsigned char *at, size_t size, uint64_t value) {
	for (size_t i = 0; i < size; i++)
		at[i] = (unsigned char)(value >> (8 * i));
}

static inline uint64_t bytes_get(const unsigned char *at, size_t size) {
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

#endif
