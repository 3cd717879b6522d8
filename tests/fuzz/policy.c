#include "policy/policy.h"

#include "fuzz.h"
#include "policy/arguments.h"
#include "policy/fields_secrets.h"
#include "policy/variables.h"
#include "util/path.h"
#include "vault/vault.h"

#include <errno.h>

/*
 * libFuzzer target of the policy schema. Whatever is accepted is fit to be followed; whatever is
 * refused says in which file.
 */

static void check_variable(const char *name) {
	MUST(variable_name_ok(name));
	MUST(!variable_forbidden(name));
}

static void check_environment(const struct policy *policy) {
	for (size_t i = 0; i < policy->environment.set_count; i++) {
		check_variable(policy->environment.set[i].name);
		MUST(policy->environment.set[i].value);
	}
	for (size_t i = 0; i < policy->environment.inherit.count; i++)
		MUST(policy->environment.inherit.items[i][0] != '\0');
}

static void check_pieces(const struct policy_secret *row) {
	struct error err;
	struct policy_piece piece;
	char name[POLICY_NAME_SIZE];
	const char *at = NULL;
	size_t secrets = 0;
	while (policy_secret_next(row, &at, &piece)) {
		policy_secret_name(&piece, 0, name);
		MUST(!piece.is_secret || vault_name_check(name, &err) == 0);
		secrets += piece.is_secret;
	}
	MUST(secrets > 0 && *at == '\0');
}

static void check_policy(const struct policy *policy) {
	MUST(path_is_normal(policy->command));
	MUST(policy_tier_name(policy->tier));
	MUST(!policy->pin_trusted || policy->hashes.count == 0);
	const char *directory = policy->filesystem.directory;
	MUST(!directory || strcmp(directory, POLICY_CALLER) == 0 || path_is_normal(directory));
	MUST(!policy->filesystem.root || path_is_normal(policy->filesystem.root));
	for (size_t i = 0; i < policy->filesystem.hidden.count; i++)
		MUST(path_is_normal(policy->filesystem.hidden.items[i]));
	MUST(!policy->script.interpreter || path_is_normal(policy->script.interpreter));
	MUST(policy->script.interpreter || policy->script.options.count == 0);
	for (size_t i = 0; i < policy->secret_count; i++) {
		check_variable(policy->secrets[i].variable);
		check_pieces(&policy->secrets[i]);
	}
	check_environment(policy);
}

/* What a run does with it next. */
static void follow(struct policy *policy) {
	static char *const arguments[] = {(char *)"pr", (char *)"list", (char *)"--debug", NULL};
	struct error err = {0};
	int r = arguments_check(policy, arguments, &err);
	MUST(r == 0 || (r == -EPERM && err.text[0] != '\0'));
	r = policy_for_system(policy, &err);
	MUST(r == 0 || (r == -EBADMSG && err.text[0] != '\0'));
	MUST(policy->filesystem.directory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	cleanup_policy struct policy *policy = NULL;
	if (policy_parse((const char *)bytes, size, "file", &policy, &err) < 0) {
		MUST(!policy && strncmp(err.text, "file:", 5) == 0);
		return 0;
	}
	check_policy(policy);
	follow(policy);
	return 0;
}
