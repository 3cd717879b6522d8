#ifndef ENVSEAL_RUN_LOCATION_H
#define ENVSEAL_RUN_LOCATION_H

#include "policy/layers.h"
#include "util/error.h"

/*
 * Where a user's vault, layers and copy of the public key are: what the command line names, else
 * ENVSEAL_VAULT and ENVSEAL_LAYERS, else the directories of the XDG Base Directory Specification.
 * `environment` is the caller's (NAME=value strings, NULL at the end); nothing here reads globals.
 */

/* The value of a variable, NULL when it is not set. Points into `environment`. */
const char *location_variable(char *const environment[], const char *name);

/*
 * `option` may be NULL. An absolute path; the caller frees. -EINVAL: relative, or HOME is not set.
 */
int location_vault(const char *option, char *const environment[], char **ret_directory,
                   struct error *err);

/* `option` may be NULL. The caller frees with layers_free. */
int location_layers(const char *option, char *const environment[], struct layers *ret_layers,
                    struct error *err);

/*
 * The file with copies of vaults' public keys: $XDG_CONFIG_HOME/envseal/vault.pub. The caller
 * frees.
 */
int location_public_keys(char *const environment[], char **ret_file, struct error *err);

#endif
