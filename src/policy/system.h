#ifndef ENVSEAL_POLICY_SYSTEM_H
#define ENVSEAL_POLICY_SYSTEM_H

#include "util/error.h"
#include "util/trust.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * System mode: one vault for the whole machine, which ordinary users use without reading it. It is
 * set up where system.toml exists (doc/formats/system.md).
 */

/* Where its parts are, as configured. */
#define SYSTEM_LAYER ENVSEAL_SYSCONFDIR "/envseal"
#define SYSTEM_FILE SYSTEM_LAYER "/system.toml"
#define SYSTEM_TRUSTED_KEYS SYSTEM_LAYER "/trusted-keys.d"
#define SYSTEM_PUBLIC_KEYS SYSTEM_LAYER "/vault.pub"
#define SYSTEM_VAULT ENVSEAL_LOCALSTATEDIR "/lib/envseal/vault"
#define SYSTEM_KEEP "/run/envseal/unlocked" /* `envseal unlock`: a tmpfs, by the vault's id */

/* What root decided of system mode. Neither id is 0. */
struct system {
	uid_t service_uid; /* owns the vault, and the user namespaces of hardened and lockdown */
	gid_t run_gid;     /* what programs run with; owns nothing and opens nothing */
	uint32_t require_signature; /* of layers_for_system, a bit each: what it has counts only
	                               when signed */
};

/*
 * Reads `path` (SYSTEM_FILE, but for tests), reached by a trusted walk; `trust` is TRUST_ROOT for
 * it.
 *   -ENOENT   there is none: system mode is not set up
 *   -EPERM    not root's, or writable by others
 *   -EBADMSG  not TOML, an unknown or missing key, a wrong type, an id out of range or no layer
 */
int system_read(const char *path, const struct trust *trust, struct system *ret_system,
                struct error *err);

#endif
