#include "run/decision.h"

#include "audit/audit.h"
#include "policy/fields_secrets.h"

#include <stdlib.h>
#include <string.h>

/* More than a line has room for. */
#define NAMES_MAX 512

struct names {
	char *items[NAMES_MAX];
	size_t count;
};

static const char *name_at(const void *names, size_t index) {
	return ((const struct names *)names)->items[index];
}

/* Only the names in a template are logged: the text around them can be anything. */
static void take_names(const struct policy *policy, struct names *names) {
	for (size_t i = 0; i < policy->secret_count; i++) {
		struct policy_piece piece;
		const char *at = NULL;
		while (names->count < NAMES_MAX &&
		       policy_secret_next(&policy->secrets[i], &at, &piece)) {
			char *name = piece.is_secret ? strndup(piece.bytes, piece.size) : NULL;
			if (name)
				names->items[names->count++] = name;
		}
	}
}

static void names_free(struct names *names) {
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
}

void decision_record(const struct request *request, const char *command, const char *file,
                     const struct policy *policy, const char *refusal) {
	__attribute__((cleanup(names_free))) struct names names = {.count = 0};
	if (policy)
		take_names(policy, &names);
	const struct audit_record record = {
		.uid = request->uid,
		.mode = "system",
		.tier = policy ? policy_tier_name(policy->tier) : NULL,
		.command = command,
		.policy = file,
		.secret_count = names.count,
		.secret = name_at,
		.secrets = &names,
		.refusal = refusal,
	};
	audit_decision(&record);
}
