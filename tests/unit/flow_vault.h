#ifndef ENVSEAL_TESTS_UNIT_FLOW_VAULT_H
#define ENVSEAL_TESTS_UNIT_FLOW_VAULT_H

#include "vault/vault.h"

#include <stdbool.h>

/* The flows' vault: a is "old-a", once "older", and dir/b is "old-b"; a key in a file opens it. */
extern struct vault *vault;

/* Nobody to ask. */
extern const struct vault_unlock nobody;

void make_vault(void);
void open_vault(void);
void free_vault(void);
int store(const char *name, const char *text, bool replace, struct error *err);

/* Opened beside `vault`, and `name` unsealed there: what it may be is `text`. */
int open_another(const struct vault_unlock *how, const char *name, const char *text,
                 struct error *err);

/* `name` holds `text`; NULL: there is none. */
bool is(const char *name, const char *text);

/* Old or new; new when there was no error `r`. */
void either(int r, const char *name, const char *old, const char *new);

/*
 * As the next process finds it, and once somebody has written; `untouched` with the values that it
 * was made with.
 */
void is_whole(void);
void untouched(int r);

#endif
