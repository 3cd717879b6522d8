#ifndef ENVSEAL_RUN_UNLOCKING_H
#define ENVSEAL_RUN_UNLOCKING_H

#include "util/error.h"
#include "vault/vault.h"

#include <stdbool.h>

/* How a vault is unlocked for this caller: what its environment names, and how it can be asked. */
struct unlocking {
	struct vault_unlock how; /* points into this struct, which outlives the vault */
	struct vault_keep keep;
	char *credential;
	char *const *environment;
	int passphrase_fd; /* read once instead of asking; -1: none */
};

/*
 * ENVSEAL_KEY_FILE and CREDENTIALS_DIRECTORY of `environment`, the key that `envseal unlock` keeps,
 * then the passphrase: from `passphrase_fd` (-1: none), else from /dev/tty, else, where there is no
 * terminal, from pinentry; not at all with `no_input`. -EINVAL: a variable is not an absolute path.
 */
int unlocking_prepare(struct unlocking *unlocking, char *const environment[], int passphrase_fd,
                      bool no_input, struct error *err);
void unlocking_free(struct unlocking *unlocking);

/* The error where a passphrase is needed and nobody can be asked for it. */
int unlocking_nobody_to_ask(struct error *err);

/* The number of an open descriptor, as --passphrase-fd gives it. -EINVAL: not one. */
int unlocking_parse_fd(const char *text, int *ret_fd, struct error *err);

/*
 * The same where a program is started afterwards. It finds neither the descriptor nor, in place of
 * 0, 1 or 2, anything but /dev/null, whether the passphrase is needed or not.
 */
int unlocking_take_fd(const char *text, int *ret_fd, struct error *err);

#endif
