#include "cmd/policy/users.h"

#include "cmd/open.h"
#include "cmd/policy/common.h"
#include "cmd/policy/walk.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int add(struct policy_users *users, const char *secret, const struct policy_file *file) {
	struct policy_user *items =
		reallocarray(users->items, users->count + 1, sizeof(*users->items));
	if (!items)
		return -ENOMEM;
	users->items = items;
	struct policy_user *user = &items[users->count++];
	*user = (struct policy_user){strdup(secret), policy_full_name(file->name, file->profile)};
	return user->secret && user->command ? 0 : -ENOMEM;
}

static int by_secret(const void *left, const void *right) {
	const struct policy_user *a = left;
	const struct policy_user *b = right;
	int order = strcmp(a->secret, b->secret);
	return order ? order : strcmp(a->command, b->command);
}

static int add_file(struct policy_users *users, struct policy_set *set, struct policy_file *file) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	struct error ignored;
	if (policy_file_load(set, file, &loaded, &ignored) != POLICY_FILE_ACTIVE)
		return 0;
	for (size_t i = 0; i < loaded.policy->secret_count; i++) {
		int r = add(users, loaded.policy->secrets[i].secret, file);
		if (r < 0)
			return r;
	}
	return 0;
}

int policy_users_collect(const struct cmd_common *common, struct policy_users *ret_users,
                         struct error *err) {
	cleanup_policy_users struct policy_users users = {0};
	cleanup_layers struct layers layers = {0};
	cleanup_policy_set struct policy_set set = {0};
	int r = cmd_layers(common, &layers, err);
	if (r < 0)
		return r;
	r = policy_set_collect(&layers, &set, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < set.policies.count; i++) {
		r = add_file(&users, &set, &set.policies.items[i]);
		if (r < 0)
			return error_errno(err, r, "the policies");
	}
	if (users.count > 0)
		qsort(users.items, users.count, sizeof(*users.items), by_secret);
	*ret_users = users;
	users = (struct policy_users){0};
	return 0;
}

const struct policy_user *policy_users_of(const struct policy_users *users, const char *secret,
                                          size_t *ret_count) {
	size_t low = 0, high = users->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(users->items[middle].secret, secret) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	size_t count = 0;
	while (low + count < users->count && strcmp(users->items[low + count].secret, secret) == 0)
		count++;
	*ret_count = count;
	return users->items + low;
}

void policy_users_free(struct policy_users *users) {
	for (size_t i = 0; i < users->count; i++) {
		free(users->items[i].secret);
		free(users->items[i].command);
	}
	free(users->items);
	*users = (struct policy_users){0};
}
