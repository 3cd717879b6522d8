#include "vault/slots.c"

#include "fuzz.h"

/*
 * libFuzzer target of slots, each kind of them (the second byte). With an odd first byte magic and
 * checksum are put right, to get behind them: they have no key. What is taken has a cost that may
 * be paid, and no key opens it.
 */

/* A cheap kind: stretching a passphrase takes what it takes. */
static void try_open(const struct slot_sealed *slot) {
	static const uint8_t bytes[VAULT_KEY_BYTES] = {1, 2, 3};
	cleanup_secret struct secret *key = NULL;
	cleanup_secret struct secret *root = NULL;
	struct error err = {0};
	MUST(secret_from_bytes(bytes, sizeof(bytes), &key, &err) == 0);
	MUST(slot_open(slot, "file", key, &root, &err) == -EKEYREJECTED);
	MUST(!root && err.text[0] != '\0');
}

static void check_slot(const struct slot_sealed *slot) {
	const struct vault_cost cost = slot_cost(slot);
	size_t blob_size = 0;
	const unsigned char *blob = slot_blob(slot, &blob_size);
	MUST(cost.memory <= slot_cost_max.memory && cost.operations <= slot_cost_max.operations);
	MUST(blob + blob_size + CHECKSUM_SIZE == slot->bytes + slot->size);
	if (slot->slot != VAULT_SLOT_PASSPHRASE)
		try_open(slot);
	else
		MUST(cost.memory >= slot_cost_min.memory &&
		     cost.operations >= slot_cost_min.operations);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	if (size < 2 + SLOT_SIZE || size > 2 + SLOT_SIZE + SLOT_BLOB_MAX || sodium_init() < 0)
		return 0;
	struct slot_sealed slot = {.size = size - 2};
	slot.slot = VAULT_SLOT_PASSPHRASE + bytes[1] % (VAULT_SLOTS - VAULT_SLOT_PASSPHRASE);
	memcpy(slot.bytes, bytes + 2, slot.size);
	if (bytes[0] % 2) {
		memcpy(slot.bytes + AT_MAGIC, magic, sizeof(magic));
		checksum(slot.bytes, slot.size, slot.bytes + slot.size - CHECKSUM_SIZE);
	}
	if (check(&slot, "file", &err) == 0)
		check_slot(&slot);
	else
		MUST(strstr(err.text, "'file'"));
	return 0;
}
