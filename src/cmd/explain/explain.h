#ifndef ENVSEAL_CMD_EXPLAIN_EXPLAIN_H
#define ENVSEAL_CMD_EXPLAIN_EXPLAIN_H

#include "cmd/explain/part.h"

/* The sections of `envseal explain`; explain.c prints them in the order of its table. */

typedef void explain_write(const struct explained *explained, struct explain_part *part);

/* policy.c: which policy, and whether it is in force */
explain_write explain_mode, explain_command, explain_layers, explain_policy, explain_use,
	explain_pin, explain_vault;

/* program.c: what is executed, with what */
explain_write explain_script, explain_arguments, explain_environment, explain_secrets;

/* sandbox.c: in which sandbox */
explain_write explain_tier, explain_network, explain_limits, explain_output;

#endif
