#include "run/location.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *location_variable(char *const environment[], const char *name) {
	size_t length = strlen(name);
	for (size_t i = 0; environment[i]; i++) {
		if (strncmp(environment[i], name, length) == 0 && environment[i][length] == '=')
			return environment[i] + length + 1;
	}
	return NULL;
}

/* The specification: empty or relative values are to be ignored. */
static const char *absolute_variable(char *const environment[], const char *name) {
	const char *value = location_variable(environment, name);
	return value && value[0] == '/' ? value : NULL;
}

static int below(char *const environment[], const char *variable, const char *home_part,
                 const char *name, char **ret_path, struct error *err) {
	const char *base = absolute_variable(environment, variable);
	const char *home = absolute_variable(environment, "HOME");
	if (!base && !home)
		return error_set(err, EINVAL, "neither %s nor HOME is an absolute path; set one",
		                 variable);
	char *path = NULL;
	if (base)
		path = path_join(base, name);
	else if (asprintf(&path, "%s%s/%s", home, home_part, name) < 0)
		path = NULL;
	if (!path)
		return error_errno(err, ENOMEM, "%s", variable);
	*ret_path = path;
	return 0;
}

int location_vault(const char *option, char *const environment[], char **ret_directory,
                   struct error *err) {
	const char *given = option ? option : location_variable(environment, "ENVSEAL_VAULT");
	if (!given)
		return below(environment, "XDG_DATA_HOME", "/.local/share", "envseal",
		             ret_directory, err);
	/*
	 * An option may be relative, like any path on a command line. A variable may not: it
	 * outlives the directory.
	 */
	if (given[0] != '/' && !option)
		return error_set(err, EINVAL, "ENVSEAL_VAULT must be an absolute path");
	cleanup_free char *here = given[0] == '/' ? NULL : realpath(".", NULL);
	if (given[0] != '/' && !here)
		return error_errno(err, errno, "cannot find the working directory");
	char *path = here ? path_join(here, given) : strdup(given);
	if (!path)
		return error_errno(err, ENOMEM, "'%s'", given);
	*ret_directory = path;
	return 0;
}

int location_layers(const char *option, char *const environment[], struct layers *ret_layers,
                    struct error *err) {
	const char *given = option ? option : location_variable(environment, "ENVSEAL_LAYERS");
	if (given)
		return layers_parse(given, ret_layers, err);
	return layers_for_user(location_variable(environment, "XDG_CONFIG_HOME"),
	                       location_variable(environment, "HOME"), ret_layers, err);
}

int location_public_keys(char *const environment[], char **ret_file, struct error *err) {
	return below(environment, "XDG_CONFIG_HOME", "/.config", "envseal/vault.pub", ret_file,
	             err);
}
