#ifndef ENVSEAL_RUN_DECISION_H
#define ENVSEAL_RUN_DECISION_H

#include "policy/policy.h"
#include "run/request.h"

/*
 * Writes the decision of a run in system mode to the system's log: names and ids, no value, no
 * argument (audit/audit.h). It cannot fail and never waits. `policy` and `file` are NULL where the
 * run did not find a policy; `refusal` is the error's text, and NULL for a run that is allowed.
 */
void decision_record(const struct request *request, const char *command, const char *file,
                     const struct policy *policy, const char *refusal);

#endif
