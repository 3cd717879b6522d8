#include "run/decision.h"

#include "audit/audit.h"

static const char *secret_name(const void *policy, size_t index) {
	return ((const struct policy *)policy)->secrets[index].secret;
}

void decision_record(const struct request *request, const char *command, const char *file,
                     const struct policy *policy, const char *refusal) {
	struct error ignored;
	const struct audit_record record = {
		.uid = request->uid,
		.mode = "system",
		.tier = policy ? policy_tier_name(policy->tier) : NULL,
		.command = command,
		.policy = file,
		.secret_count = policy ? policy->secret_count : 0,
		.secret = secret_name,
		.secrets = policy,
		.refusal = refusal,
	};
	/* Kept rather than sent with them: capabilities that cannot be given up are no state to go on in. */
	if (!request->privilege->entered && privilege_give_up(request->privilege, &ignored) < 0)
		return;
	audit_decision(&record);
}
