#include "cmd/policy/state.h"

#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/policy/grants.h"
#include "cmd/mode.h"
#include "pin/pin.h"
#include "policy/approval.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The policy's own hashes and those of the pin files, in one array. */
static int all_hashes(const struct policy_loaded *loaded, struct policy_hashes *ret_hashes) {
	const struct policy_hashes *own = &loaded->policy->hashes;
	const struct policy_hashes *pins = &loaded->found.hashes;
	struct pin_hash *items = calloc(own->count + pins->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	if (own->count > 0)
		memcpy(items, own->items, own->count * sizeof(*items));
	if (pins->count > 0)
		memcpy(items + own->count, pins->items, pins->count * sizeof(*items));
	*ret_hashes = (struct policy_hashes){.items = items, .count = own->count + pins->count};
	return 0;
}

static int verify_hashes(const struct policy_loaded *loaded, struct pin *pin, struct error *err) {
	int r = pin_settle(pin, loaded->policy->command, err);
	if (r < 0)
		return r;
	struct policy_hashes hashes = {0};
	r = all_hashes(loaded, &hashes);
	if (r < 0)
		return error_errno(err, r, "'%s'", pin->path);
	r = pin_verify(pin, hashes.items, hashes.count, err);
	free(hashes.items);
	return r;
}

static enum policy_pin_state verify_command(const struct policy_loaded *loaded,
                                            struct error *ret_why) {
	const char *command = loaded->policy->command;
	cleanup_pin struct pin *pin = NULL;
	cleanup_free char *real = realpath(command, NULL);
	if (!real) {
		error_errno(ret_why, errno, "'%s'", command);
		return POLICY_PIN_MISSING;
	}
	if (pin_open(real, &pin, ret_why) < 0)
		return POLICY_PIN_MISSING;
	if (!loaded->policy->pin_trusted)
		return verify_hashes(loaded, pin, ret_why) < 0 ? POLICY_PIN_CHANGED : POLICY_PIN_OK;
	if (pin_is_trusted_as(pin, command))
		return POLICY_PIN_OK;
	error_set(ret_why, EPERM,
	          "pin: users other than root can change '%s' or its target; pin it "
	          "by its hash",
	          command);
	return POLICY_PIN_CHANGED;
}

enum policy_pin_state policy_pin_state(const struct policy_loaded *loaded, bool verify,
                                       struct error *ret_why) {
	bool trusted = loaded->policy->pin_trusted;
	const char *command = loaded->policy->command;
	if (access(command, F_OK) < 0) {
		error_errno(ret_why, errno, "'%s'", command);
		return POLICY_PIN_MISSING;
	}
	if (!trusted && loaded->policy->hashes.count + loaded->found.hashes.count == 0) {
		error_set(ret_why, ENOENT, "'%s' is not pinned; run: envseal policy pin %s",
		          command, command);
		return POLICY_PIN_UNPINNED;
	}
	if (verify)
		return verify_command(loaded, ret_why);
	return trusted ? POLICY_PIN_TRUSTED : POLICY_PIN_PINNED;
}

const char *policy_pin_state_name(enum policy_pin_state state) {
	static const char *const names[] = {
		[POLICY_PIN_PINNED] = "pinned",   [POLICY_PIN_TRUSTED] = "trusted",
		[POLICY_PIN_OK] = "ok",           [POLICY_PIN_UNPINNED] = "unpinned",
		[POLICY_PIN_MISSING] = "missing", [POLICY_PIN_CHANGED] = "changed",
	};
	return names[state];
}

static void find_roots(const struct cmd_common *common, struct policy_vault *vault) {
	struct error ignored;
	if (mode_is_beside(common) && layers_for_system(&vault->roots, &ignored) < 0)
		vault->roots = (struct layers){0};
}

void policy_vault_open(const struct cmd_common *common, struct policy_vault *ret_vault) {
	struct error ignored;
	struct cmd_common quiet = *common;
	quiet.no_input = true;
	*ret_vault = (struct policy_vault){0};
	if (mode_find(common, &ret_vault->system, &ignored) < 0)
		return;
	ret_vault->unlocked = !ret_vault->system &&
	                      cmd_open_vault(&quiet, true, &ret_vault->vault, &ignored) == 0;
	if (!ret_vault->unlocked && cmd_open_vault(&quiet, false, &ret_vault->vault, &ignored) < 0)
		ret_vault->vault = NULL;
	find_roots(common, ret_vault);
}

void policy_vault_free(struct policy_vault *vault) {
	vault_free(vault->vault);
	layers_free(&vault->roots);
	*vault = (struct policy_vault){0};
}

enum policy_approval_state policy_approval_state(const struct policy_vault *vault,
                                                 const struct policy_loaded *loaded,
                                                 const char *profile, struct error *ret_why) {
	if (!vault->unlocked)
		return POLICY_APPROVAL_UNKNOWN;
	int r = approval_check(vault->vault, &loaded->found, profile, ret_why);
	if (r >= 0)
		return POLICY_APPROVED;
	return r == -ENOENT ? POLICY_NOT_APPROVED : POLICY_APPROVAL_CHANGED;
}

static const char *approval_name(enum policy_approval_state state) {
	static const char *const names[] = {
		[POLICY_APPROVED] = "yes",
		[POLICY_NOT_APPROVED] = "no",
		[POLICY_APPROVAL_CHANGED] = "changed",
		[POLICY_APPROVAL_UNKNOWN] = "?",
	};
	return names[state];
}

bool policy_is_roots(const struct policy_vault *vault, const char *layer) {
	for (size_t i = 0; i < vault->roots.count; i++) {
		if (strcmp(vault->roots.paths[i], layer) == 0)
			return true;
	}
	return false;
}

char *policy_roots_file(const struct policy_vault *vault, const char *name, const char *profile) {
	struct stat st;
	cleanup_free char *path = policy_path(name, profile);
	for (size_t i = 0; path && i < vault->roots.count; i++) {
		cleanup_free char *file = path_join(vault->roots.paths[i], path);
		if (file && lstat(file, &st) == 0)
			return steal_pointer(file);
	}
	return NULL;
}

void policy_say_roots(const struct cmd_common *common, const char *name, const char *profile) {
	cleanup_policy_vault struct policy_vault vault = {0};
	find_roots(common, &vault);
	cleanup_free char *file = policy_roots_file(&vault, name, profile);
	if (file)
		cmd_say("system mode uses root's '%s'; yours counts only with envseal-exec "
		        "--user",
		        file);
}

const char *policy_use_heading(const struct policy_vault *vault) {
	return vault->system || vault->roots.count > 0 ? "ALLOWED" : "APPROVED";
}

static int use_by_grant(const struct layers *layers, const struct policy_loaded *loaded,
                        const char *profile, struct policy_use *ret_use, struct error *err) {
	struct policy_use use = {.title = "allowed"};
	int r = grants_text(layers, loaded->found.name, profile, &use.who, err);
	if (r < 0)
		return r;
	*ret_use = use;
	return 0;
}

/* A grant that only root can read is no error for an ordinary user. */
static int unknown_use(struct policy_use *ret_use, const struct policy_loaded *loaded,
                       struct error *err) {
	char *who = strdup("?");
	if (!who)
		return error_errno(err, ENOMEM, "'%s'", loaded->found.name);
	*ret_use = (struct policy_use){.title = "allowed", .who = who};
	return 0;
}

int policy_use(const struct policy_vault *vault, const struct layers *layers,
               const struct policy_loaded *loaded, const char *profile, struct policy_use *ret_use,
               struct error *err) {
	struct error ignored;
	if (layers->grants > 0)
		return use_by_grant(layers, loaded, profile, ret_use, err);
	if (policy_is_roots(vault, loaded->found.layer))
		return use_by_grant(&vault->roots, loaded, profile, ret_use, &ignored) == 0
		               ? 0
		               : unknown_use(ret_use, loaded, err);
	cleanup_free char *roots = policy_roots_file(vault, loaded->found.name, profile);
	enum policy_approval_state state = policy_approval_state(vault, loaded, profile, &ignored);
	char *who =
		strdup(roots && state == POLICY_APPROVED ? "only --user" : approval_name(state));
	if (!who)
		return error_errno(err, ENOMEM, "'%s'", loaded->found.name);
	*ret_use = (struct policy_use){.title = "approved", .who = who};
	return 0;
}
