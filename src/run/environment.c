#include "run/environment.h"

#include "policy/fields_secrets.h"
#include "policy/variables.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "vault/seal.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The variables, collected first so that secret memory is allocated once. */
struct variable {
	const char *name;
	size_t name_size;
	const void *value;
	size_t value_size;
};

struct variables {
	struct variable *items;
	size_t count;
	size_t room;
};

static void variables_free(struct variables *variables) {
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

/* A later variable replaces an earlier one of the same name; of two, a program could see either. */
static int put(struct variables *variables, struct variable variable, struct error *err) {
	if (variable.name_size + variable.value_size + 2 > ENVIRONMENT_STRING_MAX)
		return error_set(err, E2BIG,
		                 "%.*s: the value is too long for an environment variable",
		                 (int)variable.name_size, variable.name);
	struct variable *same = named(variables, variable.name, variable.name_size);
	if (same) {
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
	           (struct variable){.name = name,
	                             .name_size = strlen(name),
	                             .value = value,
	                             .value_size = strlen(value)},
	           err);
}

/* The policy's few patterns come first: they exclude most variables, and the tables are long. */
static const char *why_not(const struct policy *policy, const char *name, const char *value) {
	bool wanted = false;
	for (size_t i = 0; !wanted && i < policy->environment.inherit.count; i++)
		wanted = fnmatch(policy->environment.inherit.items[i], name, 0) == 0;
	if (!wanted)
		return "environment.inherit does not name it";
	if (!variable_name_ok(name))
		return "it is no variable's name";
	/* Not even where the secret is missing. */
	if (policy_has_secret(policy, name))
		return "it is for a secret";
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

/* Where the caller has a name twice, the first counts, as for getenv(3). */
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

int environment_check_secret(const char *variable, const struct secret *value, struct error *err) {
	if (memchr(value->bytes, '\0', value->size))
		return error_set(
			err, EINVAL,
			"secrets.%s: the value has a NUL in it and cannot be a variable; deliver "
			"it as a \"file\"",
			variable);
	if (strlen(variable) + value->size + 2 > ENVIRONMENT_STRING_MAX)
		return error_set(
			err, E2BIG,
			"secrets.%s: the value is too long for a variable (128 KiB with the "
			"name); deliver it as a \"file\"",
			variable);
	return 0;
}

static int put_secret(struct variables *variables, const struct delivery *delivery,
                      struct error *err) {
	const struct policy_secret *row = delivery->row;
	const struct secret *value = delivery->value;
	if (row->deliver != POLICY_DELIVER_ENV)
		return 0;
	int r = environment_check_secret(row->variable, value, err);
	if (r < 0)
		return r;
	return put(variables,
	           (struct variable){.name = row->variable,
	                             .name_size = strlen(row->variable),
	                             .value = value->bytes,
	                             .value_size = value->size},
	           err);
}

/*
 * Without HOME, programs take it from the user database (getpwuid(3)): python would run what the
 * user put into ~/.local, where no private home covers that. "/" has nothing of the user's.
 */
static int put_no_home(struct variables *variables, const struct policy *policy,
                       struct error *err) {
	bool wanted = policy->environment.homeless && !named(variables, "HOME", strlen("HOME"));
	return wanted ? put_text(variables, "HOME", "/", err) : 0;
}

static int put_set(struct variables *variables, const struct policy *policy, struct error *err) {
	for (size_t i = 0; i < policy->environment.set_count; i++) {
		const char *name = policy->environment.set[i].name,
			   *value = policy->environment.set[i].value;
		int r = put_text(variables, name, value, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int put_secrets(struct variables *variables, const struct secrets *secrets,
                       struct error *err) {
	for (size_t i = 0; i < secrets->delivery_count; i++) {
		int r = put_secret(variables, &secrets->deliveries[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int collect(struct variables *variables, const struct policy *policy, char *const caller[],
                   const char *script, const char *home, const struct secrets *secrets,
                   struct error *err) {
	int r = put_inherited(variables, policy, caller, err);
	if (r < 0)
		return r;
	r = put_text(variables, "PATH", ENVSEAL_SECURE_PATH, err);
	if (r < 0)
		return r;
	r = script ? put_text(variables, "ENVSEAL_SCRIPT", script, err) : 0;
	if (r < 0)
		return r;
	r = home ? put_text(variables, "HOME", home, err) : put_no_home(variables, policy, err);
	if (r < 0)
		return r;
	r = put_set(variables, policy, err);
	return r < 0 ? r : put_secrets(variables, secrets, err);
}

/* The caller's variable of that name must not stand beside the path. */
static void drop_named(struct variables *variables, const char *name) {
	struct variable *same = named(variables, name, strlen(name));
	if (same)
		*same = variables->items[--variables->count];
}

static size_t content_size(const struct delivery *delivery) {
	return delivery->value ? delivery->value->size : 0;
}

static size_t file_size(const struct delivery *delivery) {
	return sizeof(struct sandbox_file) + strlen(delivery->row->variable) + 1 +
	       content_size(delivery);
}

static size_t variable_size(const struct variable *variable) {
	return variable->name_size + variable->value_size + 2;
}

static unsigned char *render_variable(unsigned char *at, const struct variable *variable) {
	at = mempcpy(at, variable->name, variable->name_size);
	*at++ = '=';
	at = mempcpy(at, variable->value, variable->value_size);
	*at++ = '\0';
	return at;
}

_Static_assert(POLICY_DESCRIPTOR_MAX < FD_HIGH,
               "what makes room for a file would be in the way of another");

static unsigned char *render_file(unsigned char *at, const struct delivery *delivery) {
	static const enum sandbox_file_kind kinds[] = {
		[POLICY_DELIVER_FILE] = SANDBOX_FILE_PATH,
		[POLICY_DELIVER_FD] = SANDBOX_FILE_FD,
		[POLICY_DELIVER_STDIN] = SANDBOX_FILE_STDIN,
	};
	const struct sandbox_file file = {
		.kind = delivery->value ? kinds[delivery->row->deliver] : SANDBOX_FILE_NONE,
		.number = (uint16_t)delivery->row->descriptor,
		.name_size = (uint32_t)strlen(delivery->row->variable) + 1,
		.size = content_size(delivery),
	};
	at = mempcpy(at, &file, sizeof(file));
	at = mempcpy(at, delivery->row->variable, file.name_size);
	return delivery->value ? mempcpy(at, delivery->value->bytes, delivery->value->size) : at;
}

static bool is_file(const struct delivery *delivery) {
	return delivery->row->deliver != POLICY_DELIVER_ENV;
}

/* Files with a number come first, so that no other file has taken it. */
static unsigned char *render_files(unsigned char *at, const struct secrets *secrets,
                                   bool numbered) {
	for (size_t i = 0; i < secrets->delivery_count; i++) {
		const struct delivery *delivery = &secrets->deliveries[i];
		if (is_file(delivery) && (delivery->row->descriptor != 0) == numbered)
			at = render_file(at, delivery);
	}
	return at;
}

/*
 * A value's size as the vault shows it, in steps. Sums with the caller's limits, arguments and
 * variables, and what /proc shows of a process of the run, may depend on no more than that: a
 * caller who sees where one more byte does not fit would know the exact size.
 */
static size_t size_shown(const struct delivery *delivery) {
	return delivery->value ? SEAL_SHOWN(delivery->value->size) : 0;
}

static size_t padding(const struct secrets *secrets, bool files) {
	size_t size = 0;
	for (size_t i = 0; i < secrets->delivery_count; i++) {
		const struct delivery *delivery = &secrets->deliveries[i];
		if (is_file(delivery) == files)
			size += size_shown(delivery) - content_size(delivery);
	}
	return size;
}

/* A variable of dots fills up what the secrets' variables lack. */
#define PADDING "ENVSEAL_PADDING="

/* Its bytes, NUL included; 0: no secret is a variable. */
static size_t padding_size(const struct secrets *secrets) {
	for (size_t i = 0; i < secrets->delivery_count; i++) {
		if (!is_file(&secrets->deliveries[i]))
			return strlen(PADDING) + padding(secrets, false) + 1;
	}
	return 0;
}

static unsigned char *render_padding(unsigned char *at, size_t size) {
	unsigned char *end = at + size;
	if (size == 0)
		return at;
	at = mempcpy(at, PADDING, strlen(PADDING));
	memset(at, '.', (size_t)(end - at) - 1);
	end[-1] = '\0';
	return end;
}

static int check_file_limit(const struct delivery *delivery, struct error *err) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
		return error_errno(err, errno, "cannot read the file size limit");
	if (limit.rlim_cur >= size_shown(delivery))
		return 0;
	return error_set(
		err, EFBIG,
		"secrets.%s: the file size limit is %llu bytes, and its file needs %zu; raise "
		"the limit (ulimit -f %zu)",
		delivery->row->variable, (unsigned long long)limit.rlim_cur, size_shown(delivery),
		size_shown(delivery) / 1024 + 1);
}

/* Counts the files, and drops the variables that they take the place of. */
static int measure_files(struct variables *variables, const struct secrets *secrets,
                         size_t *ret_size, uint32_t *ret_count, struct error *err) {
	size_t size = 0;
	uint32_t count = 0;
	for (size_t i = 0; i < secrets->delivery_count; i++) {
		const struct delivery *delivery = &secrets->deliveries[i];
		if (!is_file(delivery))
			continue;
		int r = check_file_limit(delivery, err);
		if (r < 0)
			return r;
		drop_named(variables, delivery->row->variable);
		size += file_size(delivery);
		count++;
	}
	*ret_size = size;
	*ret_count = count;
	return 0;
}

static int render(struct variables *variables, const struct secrets *secrets,
                  struct environment *ret_environment, struct error *err) {
	struct environment rendered = {.padding = (uint32_t)padding(secrets, true)};
	const size_t dots = padding_size(secrets);
	size_t size = 0;
	int r = measure_files(variables, secrets, &size, &rendered.file_count, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < variables->count; i++)
		size += variable_size(&variables->items[i]);
	size += dots + rendered.padding;
	if (size > SECRET_SIZE_MAX)
		return error_set(err, E2BIG,
		                 "the environment, files included, is longer than 4 MiB");
	r = secret_new(size, &rendered.block, err);
	if (r < 0)
		return r;
	unsigned char *at = rendered.block->bytes;
	for (size_t i = 0; i < variables->count; i++)
		at = render_variable(at, &variables->items[i]);
	at = render_padding(at, dots);
	at = render_files(at, secrets, true);
	render_files(at, secrets, false);
	rendered.count = (uint32_t)variables->count + (dots ? 1 : 0);
	*ret_environment = rendered;
	return 0;
}

int environment_build(const struct policy *policy, char *const caller[], const char *script,
                      const char *home, const struct secrets *secrets,
                      struct environment *ret_environment, struct error *err) {
	__attribute__((cleanup(variables_free))) struct variables variables = {0};
	int r = collect(&variables, policy, caller, script, home, secrets, err);
	return r < 0 ? r : render(&variables, secrets, ret_environment, err);
}

struct sandbox_environment environment_header(const struct environment *environment) {
	return (struct sandbox_environment){
		.magic = SANDBOX_ENVIRONMENT_MAGIC,
		.count = environment->count,
		.size = environment->block->size,
		.file_count = environment->file_count,
		.padding = environment->padding,
	};
}

void environment_free(struct environment *environment) {
	secret_free(environment->block);
	*environment = (struct environment){0};
}
