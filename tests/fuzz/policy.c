#include "policy/policy.h"
#include "policy/variables.h"
#include "util/path.h"
#include "vault/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * libFuzzer target of the policy schema. Whatever is accepted is fit to be followed; whatever is
 * refused says in which file.
 */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

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

static void check_policy(const struct policy *policy) {
	struct error err;
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
		MUST(vault_name_check(policy->secrets[i].secret, &err) == 0);
	}
	check_environment(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	cleanup_policy struct policy *policy = NULL;
	if (policy_parse((const char *)bytes, size, "file", &policy, &err) == 0)
		check_policy(policy);
	else
		MUST(!policy && strncmp(err.text, "file:", 5) == 0);
	return 0;
}
