#include "cmd/policy/packages.h"

#include "cmd/tool.h"
#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define OUTPUT_MAX ((size_t)16 * 1024 * 1024)

static char dpkg_query[] = "/usr/bin/dpkg-query";
static char rpm[] = "/usr/bin/rpm";

/* The tool's output if its exit status is 0, else NULL. */
static char *ask(char *const argv[]) {
	struct error ignored;
	cleanup_buffer struct buffer output = BUFFER_INIT;
	int status = 0;
	if (tool_output(argv, OUTPUT_MAX, &output, &status, &ignored) < 0 || status != 0 ||
	    output.size == 0)
		return NULL;
	return buffer_steal(&output);
}

/* "gh: /usr/bin/gh", or "gh:amd64: ..."; a diversion's line is not one. */
static char *dpkg_package(const char *path) {
	char search[] = "-S";
	char *const argv[] = {dpkg_query, search, (char *)path, NULL};
	cleanup_free char *output = ask(argv);
	char *rest = output;
	for (char *line = strsep(&rest, "\n"); output && line; line = strsep(&rest, "\n")) {
		char *end = strstr(line, ": /");
		if (!end || strncmp(line, "diversion by ", 13) == 0 || strchr(line, ',') ||
		    strcmp(end + 2, path) != 0)
			continue;
		return strndup(line, (size_t)(end - line));
	}
	return NULL;
}

/* dpkg knows a file by its name in the package: /bin/ls for /usr/bin/ls on a merged system. */
static char *dpkg_owner(const char *path) {
	char show[] = "-W", format[] = "--showformat=${Package} ${Version}";
	cleanup_free char *package = dpkg_package(path);
	if (!package && strncmp(path, "/usr/", 5) == 0)
		package = dpkg_package(path + 4);
	if (!package)
		return NULL;
	char *const argv[] = {dpkg_query, show, format, package, NULL};
	return ask(argv);
}

static char *rpm_owner(const char *path) {
	char query[] = "-qf", format[] = "--qf=%{NAME} %{VERSION}-%{RELEASE}";
	char *const argv[] = {rpm, query, format, (char *)path, NULL};
	return ask(argv);
}

char *packages_owner(const char *path) {
	cleanup_free char *owner = dpkg_owner(path);
	const char *manager = "dpkg";
	char *text = NULL;
	if (!owner) {
		owner = rpm_owner(path);
		manager = "rpm";
	}
	if (!owner || strpbrk(owner, "\n\r") || asprintf(&text, "%s (%s)", owner, manager) < 0)
		return NULL;
	return text;
}

static int split(char *output, struct package_files *files) {
	char *rest = output;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		if (line[0] != '/')
			continue;
		char **items = reallocarray(files->items, files->count + 1, sizeof(*items));
		if (!items)
			return -ENOMEM;
		files->items = items;
		items[files->count] = strdup(line);
		if (!items[files->count])
			return -ENOMEM;
		files->count++;
	}
	return 0;
}

int packages_files(const char *package, struct package_files *ret_files, struct error *err) {
	char list[] = "-L", query[] = "-ql", end[] = "--";
	char *const by_dpkg[] = {dpkg_query, list, end, (char *)package, NULL};
	char *const by_rpm[] = {rpm, query, end, (char *)package, NULL};
	cleanup_package_files struct package_files files = {0};
	cleanup_free char *output = ask(by_dpkg);
	if (!output)
		output = ask(by_rpm);
	if (!output)
		return error_set(err, ENOENT, "neither dpkg nor rpm knows that package");
	if (split(output, &files) < 0)
		return error_errno(err, ENOMEM, "'%s'", package);
	*ret_files = files;
	files = (struct package_files){0};
	return 0;
}

void package_files_free(struct package_files *files) {
	for (size_t i = 0; i < files->count; i++)
		free(files->items[i]);
	free(files->items);
	*files = (struct package_files){0};
}

bool package_files_have(const struct package_files *files, const char *command) {
	for (size_t i = 0; i < files->count; i++) {
		struct error ignored;
		cleanup_free char *name = NULL, *real = NULL;
		if (strcmp(files->items[i], command) == 0)
			return true;
		/*
		 * Compares directories, which may have two names; only for files with equal last
		 * components.
		 */
		if (strcmp(path_base(files->items[i]), path_base(command)) == 0 &&
		    path_command_names(files->items[i], &name, &real, &ignored) == 0 &&
		    strcmp(name, command) == 0)
			return true;
	}
	return false;
}
