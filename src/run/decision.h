#ifndef ENVSEAL_RUN_DECISION_H
#define ENVSEAL_RUN_DECISION_H

#include "policy/policy.h"
#include "run/request.h"

/*
 * What was decided in system mode, for the system's log: names and ids, no value, no argument (audit/audit.h).
 * Cannot fail and never waits. `policy` and `file` are NULL where it did not come to a policy; `refusal` says
 * why not, as an error's text does, and is NULL for what is allowed. No capability is held while the line is
 * sent: a refusal may come before system mode was entered, and then ends every privilege first.
 */
void decision_record(const struct request *request, const char *command, const char *file,
                     const struct policy *policy, const char *refusal);

#endif
