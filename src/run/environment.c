#include "run/environment.h"

#include "policy/variables.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* What will be written, collected first so that secret memory is allocated once. */
struct variable {
	const char *name;
	size_t name_size;
	const void *value;
	size_t value_size;
	struct secret *secret;   /* owns `value`, for secrets */
};

struct variables {
	struct variable *items;
	size_t count;
	size_t room;
};

static void variables_free(struct variables *variables) {
	for (size_t i = 0; i < variables->count; i++)
		secret_free(variables->items[i].secret);
	free(variables->items);
}

static struct variable *named(struct variables *variables, const char *name, size_t size) {
	for (size_t i = 0; i < variables->count; i++) {
		struct variable *variable = &variables->items[i];
		if (variable->name_size == size && memcmp(variable->name, name, size) == 0)
			return variable;
	}
	return NULL;
}

/* A later one of the same name takes the place of the earlier: a program would see either. */
static int put(struct variables *variables, struct variable variable, struct error *err) {
	if (variable.name_size + variable.value_size + 2 > ENVIRONMENT_STRING_MAX)
		return error_set(err, E2BIG, "%.*s: the value is too long for an environment variable",
		                 (int)variable.name_size, variable.name);
	struct variable *same = named(variables, variable.name, variable.name_size);
	if (same) {
		secret_free(same->secret);
		*same = variable;
		return 0;
	}
	if (variables->count == variables->room) {
		size_t room = variables->room ? variables->room * 2 : 32;
		struct variable *items = reallocarray(variables->items, room, sizeof(*items));
		if (!items)
			return error_errno(err, ENOMEM, "cannot build the environment");
		variables->items = items;
		variables->room = room;
	}
	variables->items[variables->count++] = variable;
	return 0;
}

static int put_text(struct variables *variables, const char *name, const char *value,
                    struct error *err) {
	return put(variables,
	           (struct variable){
			   .name = name, .name_size = strlen(name), .value = value, .value_size = strlen(value)},
	           err);
}

/* The policy's few patterns first: most of what a caller has ends there, and the tables are long. */
static const char *why_not(const struct policy *policy, const char *name, const char *value) {
	bool wanted = false;
	for (size_t i = 0; !wanted && i < policy->environment.inherit.count; i++)
		wanted = fnmatch(policy->environment.inherit.items[i], name, 0) == 0;
	if (!wanted)
		return "environment.inherit does not name it";
	if (!variable_name_ok(name))
		return "it is no variable's name";
	const char *why = variable_forbidden(name);
	if (!why)
		why = variable_not_inheritable(name);
	return why ? why : variable_value_ok(name, value) ? NULL : "its value could do harm";
}

const char *environment_left_out(const struct policy *policy, const char *variable) {
	char name[256];
	const char *equals = strchr(variable, '=');
	size_t size = equals ? (size_t)(equals - variable) : 0;
	if (size == 0 || size >= sizeof(name))
		return "it is no variable's name";
	memcpy(name, variable, size);
	name[size] = '\0';
	return why_not(policy, name, equals + 1);
}

/* Of a name that the caller has twice, the first counts, as for getenv(3). */
static int put_inherited(struct variables *variables, const struct policy *policy,
                         char *const caller[], struct error *err) {
	for (size_t i = 0; caller[i]; i++) {
		const char *equals = strchr(caller[i], '=');
		size_t size = equals ? (size_t)(equals - caller[i]) : 0;
		if (named(variables, caller[i], size) || environment_left_out(policy, caller[i]))
			continue;
		int r = put(variables,
		            (struct variable){.name = caller[i],
		                              .name_size = size,
		                              .value = equals + 1,
		                              .value_size = strlen(equals + 1)},
		            err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int put_secret(struct variables *variables, const struct policy_secret *wanted,
                      const struct vault *vault, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	int r = vault_unseal(vault, wanted->secret, &value, err);
	if (r == -ENOENT && !wanted->required)
		return 0;
	if (r < 0)
		return error_wrap(err, r, "%s", wanted->variable);
	if (memchr(value->bytes, '\0', value->size))
		return error_set(err, EINVAL, "%s: secret '%s' has a NUL in it and cannot be a variable",
		                 wanted->variable, wanted->secret);
	struct variable variable = {
		.name = wanted->variable,
		.name_size = strlen(wanted->variable),
		.value = value->bytes,
		.value_size = value->size,
		.secret = value,
	};
	r = put(variables, variable, err);
	if (r == 0)
		steal_pointer(value);
	return r;
}

static int collect(struct variables *variables, const struct policy *policy, char *const caller[],
                   const char *script, const char *home, const struct vault *vault,
                   struct error *err) {
	int r = put_inherited(variables, policy, caller, err);
	if (r == 0)
		r = put_text(variables, "PATH", ENVSEAL_SECURE_PATH, err);
	if (r == 0 && script)
		r = put_text(variables, "ENVSEAL_SCRIPT", script, err);
	if (r == 0 && home)
		r = put_text(variables, "HOME", home, err);
	for (size_t i = 0; r == 0 && i < policy->environment.set_count; i++)
		r = put_text(variables, policy->environment.set[i].name, policy->environment.set[i].value, err);
	for (size_t i = 0; r == 0 && i < policy->secret_count; i++)
		r = put_secret(variables, &policy->secrets[i], vault, err);
	return r;
}

static int render(const struct variables *variables, struct environment *ret_environment,
                  struct error *err) {
	size_t size = 0;
	for (size_t i = 0; i < variables->count; i++)
		size += variables->items[i].name_size + variables->items[i].value_size + 2;
	if (size > SECRET_SIZE_MAX)
		return error_set(err, E2BIG, "the environment is too long");
	struct secret *block = NULL;
	int r = secret_new(size, &block, err);
	if (r < 0)
		return r;
	unsigned char *at = block->bytes;
	for (size_t i = 0; i < variables->count; i++) {
		const struct variable *variable = &variables->items[i];
		at = (unsigned char *)mempcpy(at, variable->name, variable->name_size);
		*at++ = '=';
		at = (unsigned char *)mempcpy(at, variable->value, variable->value_size);
		*at++ = '\0';
	}
	ret_environment->block = block;
	ret_environment->count = (uint32_t)variables->count;
	return 0;
}

int environment_build(const struct policy *policy, char *const caller[], const char *script,
                      const char *home, const struct vault *vault, struct environment *ret_environment,
                      struct error *err) {
	__attribute__((cleanup(variables_free))) struct variables variables = {0};
	int r = collect(&variables, policy, caller, script, home, vault, err);
	return r < 0 ? r : render(&variables, ret_environment, err);
}

char **environment_pointers(const struct environment *environment) {
	char **pointers = calloc((size_t)environment->count + 1, sizeof(*pointers));
	char *at = (char *)environment->block->bytes;
	for (uint32_t i = 0; pointers && i < environment->count; i++) {
		pointers[i] = at;
		at += strlen(at) + 1;
	}
	return pointers;
}

void environment_free(struct environment *environment) {
	secret_free(environment->block);
	*environment = (struct environment){0};
}
