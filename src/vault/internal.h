#ifndef ENVSEAL_VAULT_INTERNAL_H
#define ENVSEAL_VAULT_INTERNAL_H

#include "util/secret.h"
#include "vault/config.h"
#include "vault/vault.h"

/* What the files of this module share of an open vault. */
struct vault {
	char *directory;
	int dirfd;
	struct config config;          /* proven once `root` is set */
	struct secret *root;           /* NULL while locked */
	struct secret *private_key;    /* X25519, belongs to config.public_key; NULL while locked */
};

#endif
