#ifndef ENVSEAL_SANDBOX_STEPS_H
#define ENVSEAL_SANDBOX_STEPS_H

#include "sandbox/spec.h"
#include "util/error.h"

/*
 * Takes the steps that the spec's features ask for, in the one order that works, ending without
 * privileges: mounts, loopback, working directory, standard descriptors, capabilities, Landlock, seccomp.
 * The first that fails ends it; the text begins with the step's name.
 */
int sandbox_take_steps(const struct sandbox_spec *spec, struct error *err);

#endif
