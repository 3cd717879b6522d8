#include "cmd/cmd.h"
#include "cmd/vault/dotenv.h"
#include "cmd/duration.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/vault/public_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ERRORS_SHOWN 20

/* Reads the text twice: the first pass checks, the second fills the batch. */
struct import {
	const char *file; /* "-": standard input */
	const char *prefix;
	bool force;
	int64_t expires;
	struct vault *vault;
	struct vault_batch *batch; /* NULL in the first pass */
	void *seen;                /* names, for search.h */
	size_t count;
	size_t errors;
};

static void wrong(void *context, size_t line, const char *what) {
	struct import *import = context;
	if (import->errors++ < ERRORS_SHOWN)
		cmd_say("%s:%zu: %s", import->file, line, what);
}

static int compare(const void *a, const void *b) {
	return strcmp(a, b);
}

/* True if the name was seen before. The tree keeps a copy. */
static bool seen_before(struct import *import, const char *name) {
	char *copy = strdup(name);
	char **found = copy ? tsearch(copy, &import->seen, compare) : NULL;
	bool before = found && *found != copy;
	if (before || !found)
		free(copy);
	return before;
}

static void check(struct import *import, const struct dotenv_entry *entry, const char *name) {
	struct error err;
	if (vault_name_check(name, &err) < 0)
		wrong(import, entry->line, err.text);
	else if (entry->value->size > VAULT_VALUE_MAX)
		wrong(import, entry->line, "the value is too long for a secret");
	else if (seen_before(import, name))
		wrong(import, entry->line, "the name was given on an earlier line");
	else if (!import->force && vault_has(import->vault, name, &err) == 0)
		wrong(import, entry->line,
		      "a secret of that name already exists; --force replaces it");
}

static int each(void *context, const struct dotenv_entry *entry, struct error *err) {
	struct import *import = context;
	char name[2 * VAULT_NAME_MAX + 2];
	int size = snprintf(name, sizeof(name), "%s%s", import->prefix, entry->name);
	if (size < 0 || (size_t)size >= sizeof(name)) {
		wrong(import, entry->line, "the name is too long with its prefix");
		return 0;
	}
	if (!import->batch) {
		check(import, entry, name);
		import->count++;
		return 0;
	}
	return vault_batch_put(import->batch, name, entry->value, import->expires, import->force,
	                       err);
}

static int pass(struct import *import, const struct secret *text, bool records, struct error *err) {
	const struct dotenv_reader reader = {each, wrong, import};
	return records ? dotenv_read_records(text, &reader, err) : dotenv_read(text, &reader, err);
}

static int read_text(const struct import *import, struct secret **ret_text, struct error *err) {
	bool piped = strcmp(import->file, "-") == 0;
	cleanup_fd int fd =
		piped ? dup(STDIN_FILENO)
		      : open(import->file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	/* Does not show the name: "import NAME=VALUE" is easily typed instead of export. */
	if (fd < 0)
		return error_errno(err, errno, "the file to import cannot be opened");
	int r = secret_read_fd(fd, VAULT_VALUE_MAX, ret_text, err);
	return r < 0 ? error_wrap(err, r, "'%s'", import->file) : 0;
}

static int refuse(const struct import *import) {
	if (import->errors > ERRORS_SHOWN)
		cmd_say("and %zu more", import->errors - ERRORS_SHOWN);
	return cmd_fail("nothing is stored");
}

static int store(struct import *import, const struct secret *text, bool records) {
	cleanup_vault_batch struct vault_batch *batch = NULL;
	struct error err = {0};
	int r = pass(import, text, records, &err);
	if (r == -EBADMSG || import->errors > 0)
		return refuse(import);
	if (r < 0)
		return cmd_fail("%s; nothing is stored", err.text);
	if (import->count == 0)
		return cmd_fail("'%s' has no line with a value; nothing is stored", import->file);
	if (vault_batch_new(import->vault, &batch, &err) < 0)
		return cmd_fail("%s; nothing is stored", err.text);
	import->batch = batch;
	if (pass(import, text, records, &err) < 0 || vault_batch_commit(batch, &err) < 0)
		return cmd_fail("%s; nothing is stored", err.text);
	return CMD_OK;
}

static int run(struct import *import, const struct cmd_common *common, bool records) {
	cleanup_vault struct vault *vault = NULL;
	cleanup_secret struct secret *text = NULL;
	struct error err;
	if (cmd_open_vault(common, false, &vault, &err) < 0 || public_keys_check(vault, &err) < 0 ||
	    read_text(import, &text, &err) < 0)
		return cmd_fail("%s", err.text);
	import->vault = vault;
	int status = store(import, text, records);
	tdestroy(import->seen, free);
	if (status != CMD_OK)
		return status;
	cmd_say("stored %zu secret%s", import->count, import->count == 1 ? "" : "s");
	if (strcmp(import->file, "-") != 0)
		cmd_say("now delete '%s', which holds the secrets unsealed", import->file);
	cmd_say("next, give them to a program: envseal policy new COMMAND --secret VARIABLE=NAME");
	return CMD_OK;
}

int cmd_import(int argc, char **argv) {
	bool records = false;
	const char *expires = NULL;
	struct import import = {.prefix = ""};
	const struct cmd_option own[] = {
		{"prefix", "PREFIX", "put this in front of every name", .value = &import.prefix},
		{"force", NULL, "replace secrets that exist", .flag = &import.force},
		{"from-stdin0", NULL,
	         "read NAME=VALUE records that end in a NUL byte, as from env -0",
	         .flag = &records},
		{"expires", "WHEN", "refuse the secrets from then on: 90d, or 2027-06-30",
	         .value = &expires},
		{0},
	};
	struct cmd_common common;
	struct error err;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != (records ? 0 : 1))
		return cmd_usage_error(
			"import needs one FILE, or - for standard input, or --from-stdin0");
	if (expires && duration_parse_end(expires, time(NULL), &import.expires, &err) < 0)
		return cmd_usage_error("--expires: %s", err.text);
	import.file = records ? "-" : argv[0];
	return run(&import, &common, records);
}
