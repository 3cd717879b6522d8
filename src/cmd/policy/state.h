#ifndef ENVSEAL_CMD_POLICY_STATE_H
#define ENVSEAL_CMD_POLICY_STATE_H

#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "util/error.h"
#include "vault/vault.h"

#include <stdbool.h>

/* Whether a policy is in force: its pin, and its approval or, for system policies, its grant. */

enum policy_pin_state {
	POLICY_PIN_PINNED,   /* there is a hash; not compared */
	POLICY_PIN_TRUSTED,  /* pin = "trusted" */
	POLICY_PIN_OK,       /* compared: the installed content is accepted */
	POLICY_PIN_UNPINNED, /* no hash anywhere */
	POLICY_PIN_MISSING,  /* no such command */
	POLICY_PIN_CHANGED,  /* compared: another content, or no longer trusted */
};

/* Hashes the command only with `verify`. `ret_why` explains the last three. */
enum policy_pin_state policy_pin_state(const struct policy_loaded *loaded, bool verify,
                                       struct error *ret_why);
const char *policy_pin_state_name(enum policy_pin_state state);

enum policy_approval_state {
	POLICY_APPROVED,
	POLICY_NOT_APPROVED,
	POLICY_APPROVAL_CHANGED,
	POLICY_APPROVAL_UNKNOWN, /* the vault is locked */
};

/* A vault, opened as far as possible without asking. */
struct policy_vault {
	struct vault *vault; /* NULL: none could be opened */
	bool unlocked;
	bool system;         /* the system's: there are no approvals, and it needs no key here */
	struct layers roots; /* for an ordinary user in system mode: the system's */
};

void policy_vault_open(const struct cmd_common *common, struct policy_vault *ret_vault);
void policy_vault_free(struct policy_vault *vault);
#define cleanup_policy_vault __attribute__((cleanup(policy_vault_free)))

enum policy_approval_state policy_approval_state(const struct policy_vault *vault,
                                                 const struct policy_loaded *loaded,
                                                 const char *profile, struct error *ret_why);
/*
 * Whether an ordinary user looks at a layer of the system's: grants count there instead of the
 * user's approval, and the secrets are in the system's vault.
 */
bool policy_is_roots(const struct policy_vault *vault, const char *layer);

/*
 * The file that system mode uses instead of a user's own policy; NULL: none, or no memory. The
 * caller frees.
 */
char *policy_roots_file(const struct policy_vault *vault, const char *name, const char *profile);

/* Tells a user who just wrote a policy that such a file exists. */
void policy_say_roots(const struct cmd_common *common, const char *name, const char *profile);

/*
 * For lists: "approved" and whether it is, or, where grants count, "allowed" and who may use it
 * (cmd/policy/grants.h); "only --user" for a user's own policy behind a system policy. The
 * caller frees `who`.
 */
struct policy_use {
	const char *title;
	char *who;
};
int policy_use(const struct policy_vault *vault, const struct layers *layers,
               const struct policy_loaded *loaded, const char *profile, struct policy_use *ret_use,
               struct error *err);

/* The heading of its column in lists. */
const char *policy_use_heading(const struct policy_vault *vault);

#endif
