#ifndef ENVSEAL_SANDBOX_STEPS_H
#define ENVSEAL_SANDBOX_STEPS_H

#include "sandbox/spec.h"
#include "util/error.h"

/*
 * Takes the steps that the spec's features ask for, in the one order that works. At the end there
 * are no privileges left. The first failure ends it; the error begins with the step's name.
 */
int sandbox_take_steps(const struct sandbox_spec *spec, struct error *err);

#endif
