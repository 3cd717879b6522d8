#include "cmd/cmd.h"
#include "cmd/grants.h"
#include "cmd/options.h"
#include "cmd/policy_common.h"
#include "cmd/policy_lint.h"
#include "cmd/policy_state.h"
#include "cmd/policy_walk.h"
#include "policy/secrets.h"
#include "run/environment.h"
#include "run/mask.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FILE_SIZE_MAX ((size_t)1024 * 1024)

struct check {
	struct cmd_common common;
	const char *profile;
	struct policy_vault vault;
	struct layers layers;
	json_t *json;
	size_t policies;
	size_t findings;
	bool failed; /* not everything could be looked at */
};

/* "FILE:LINE:COLUMN: WHAT" where the text has that shape, else only what. */
static json_t *finding_json(const char *file, const char *text) {
	unsigned int line = 0, column = 0;
	int used = 0;
	size_t length = strlen(file);
	if (strncmp(text, file, length) == 0 &&
	    sscanf(text + length, ":%u:%u: %n", &line, &column, &used) == 2 && used > 0)
		return json_pack("{s:s, s:i, s:i, s:s}", "file", file, "line", (int)line, "column",
		                 (int)column, "finding", text + length + used);
	return json_pack("{s:s, s:s}", "file", file, "finding", text);
}

static void finding(struct check *check, const char *file, const char *text) {
	check->findings++;
	if (check->common.json) {
		json_t *object = finding_json(file, text);
		json_array_append_new(check->json, object ? object : json_string("not UTF-8"));
		return;
	}
	if (strncmp(text, file, strlen(file)) != 0) {
		policy_print(stdout, file);
		fputs(": ", stdout);
	}
	policy_print(stdout, text);
	putchar('\n');
}

static void check_pin(struct check *check, const struct policy_loaded *loaded) {
	struct error why = {0};
	switch (policy_pin_state(loaded, true, &why)) {
	case POLICY_PIN_UNPINNED:
	case POLICY_PIN_MISSING:
	case POLICY_PIN_CHANGED:
		finding(check, loaded->found.file, why.text);
		break;
	case POLICY_PIN_PINNED:
	case POLICY_PIN_TRUSTED:
	case POLICY_PIN_OK:
		break;
	}
}

static void check_approval(struct check *check, const struct policy_loaded *loaded,
                           const char *profile) {
	struct error why = {0};
	enum policy_approval_state state =
		policy_approval_state(&check->vault, loaded, profile, &why);
	if (state == POLICY_NOT_APPROVED || state == POLICY_APPROVAL_CHANGED)
		finding(check, loaded->found.file, why.text);
}

static void check_grant(struct check *check, const struct policy_loaded *loaded,
                        const char *profile) {
	struct error why = {0};
	cleanup_free char *who = NULL;
	if (check->layers.grants > 0 &&
	    grants_text(&check->layers, loaded->found.name, profile, &who, &why) < 0)
		finding(check, loaded->found.file, why.text);
}

/* Opened, where that asks nobody for anything: what only the value can tell. */
static void check_value(struct check *check, const struct policy_loaded *loaded,
                        const struct policy_secret *row, const char *name) {
	struct error err = {0};
	cleanup_secret struct secret *value = NULL;
	if (!check->vault.unlocked)
		return;
	int r = vault_unseal(check->vault.vault, name, &value, &err);
	if (r == 0 && value->size < MASK_SIZE_MIN && loaded->policy->mask != POLICY_MASK_NEVER)
		cmd_say("warning: %s: secrets.%s: '%s' is shorter than %d bytes and is not masked in output",
		        loaded->found.file, row->variable, name, MASK_SIZE_MIN);
	if (r == 0 && row->deliver == POLICY_DELIVER_ENV)
		r = environment_check_secret(row->variable, value, &err);
	if (r < 0)
		finding(check, loaded->found.file, err.text);
}

static void check_name(struct check *check, const struct policy_loaded *loaded,
                       const struct policy_secret *row, const struct policy_piece *piece) {
	struct error err = {0};
	char name[POLICY_NAME_SIZE];
	policy_secret_name(piece, getuid(), name);
	int r = vault_has(check->vault.vault, name, &err);
	if (r == 0)
		check_value(check, loaded, row, name);
	if (r == 0 || (r == -ENOENT && !row->required))
		return;
	if (r == -ENOENT)
		error_set(&err, r,
		          "secrets.%s: the vault has no secret '%s'; store it: envseal "
		          "store %s",
		          row->variable, name, name);
	finding(check, loaded->found.file, err.text);
}

static void check_secrets(struct check *check, const struct policy_loaded *loaded) {
	for (size_t i = 0; check->vault.vault && i < loaded->policy->secret_count; i++) {
		const struct policy_secret *row = &loaded->policy->secrets[i];
		struct policy_piece piece;
		const char *at = NULL;
		while (policy_secret_next(row, &at, &piece)) {
			if (piece.is_secret)
				check_name(check, loaded, row, &piece);
		}
	}
}

static void check_expiry(struct check *check, const struct policy_loaded *loaded) {
	if (loaded->policy->expires && time(NULL) >= loaded->policy->expires_at)
		finding(check, loaded->found.file, "expires: that day has come, so it is refused");
}

struct lint {
	struct check *check;
	const char *file;
};

static void lint_finding(void *context, const char *text) {
	const struct lint *lint = context;
	finding(lint->check, lint->file, text);
}

static void check_permissions(struct check *check, const char *file, const struct policy *policy) {
	struct lint lint = {check, file};
	policy_lint(policy, lint_finding, &lint);
}

static void check_loaded(struct check *check, const struct policy_loaded *loaded,
                         const char *profile) {
	check_expiry(check, loaded);
	check_pin(check, loaded);
	check_approval(check, loaded, profile);
	check_grant(check, loaded, profile);
	check_secrets(check, loaded);
	check_permissions(check, loaded->found.file, loaded->policy);
}

static void check_everything(struct check *check) {
	struct error err = {0};
	cleanup_policy_files struct policy_files files = {0};
	if (policy_files_collect(&check->layers, &files, &err) < 0) {
		cmd_fail("%s", err.text);
		check->failed = true;
		return;
	}
	for (size_t i = 0; i < files.count; i++) {
		cleanup_policy_loaded struct policy_loaded loaded = {0};
		check->policies++;
		enum policy_file_state state =
			policy_file_load(&check->layers, &files.items[i], &loaded, &err);
		if (state == POLICY_FILE_ACTIVE)
			check_loaded(check, &loaded, files.items[i].profile);
		else if (state == POLICY_FILE_BAD)
			finding(check, files.items[i].file, err.text);
	}
}

static void check_names(struct check *check, const char *word, const char *const names[],
                        size_t count) {
	struct error err = {0};
	const struct trust trust = policy_trust(&check->layers);
	cleanup_policy_found struct policy_found found = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	if (policy_find(&check->layers, names, count, check->profile, &trust, &found, &err) < 0)
		finding(check, word, err.text);
	else if (policy_load(&check->layers, names, count, check->profile, &loaded, &err) < 0)
		finding(check, found.file, err.text);
	else
		check_loaded(check, &loaded, check->profile);
}

static void check_command(struct check *check, const char *word) {
	struct error err = {0};
	cleanup_policy_command struct policy_command command = {0};
	check->policies++;
	if (policy_command_resolve(word, &command, &err) < 0) {
		finding(check, word, err.text);
		return;
	}
	const char *const names[] = {command.name, command.real};
	check_names(check, word, names, command.real ? 2 : 1);
}

/* ".../policies/usr/bin/gh.toml" or "gh@work.toml" is for /usr/bin/gh; other places say nothing. */
static bool place_agrees(const char *file, const char *command) {
	const char *tree = strstr(file, "/policies/");
	for (const char *next = tree; next; next = strstr(next + 1, "/policies/"))
		tree = next;
	if (!tree)
		return true;
	const char *place = tree + strlen("/policies");
	size_t length = strlen(command);
	if (strncmp(place, command, length) != 0)
		return false;
	return strcmp(place + length, ".toml") == 0 || place[length] == '@';
}

static int read_file(const char *file, struct buffer *ret_text, struct error *err) {
	struct stat st;
	cleanup_fd int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "%s", file);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s: not a regular file", file);
	int r = fd_read_all(fd, FILE_SIZE_MAX, ret_text);
	return r < 0 ? error_errno(err, r, "%s", file) : 0;
}

/* A file on its own, perhaps of a package that is being built: only what it says, nothing installed. */
static void check_file(struct check *check, const char *file) {
	struct error err = {0};
	cleanup_buffer struct buffer text = BUFFER_INIT;
	cleanup_policy struct policy *policy = NULL;
	cleanup_free char *real = realpath(file, NULL);
	int r = read_file(file, &text, &err);
	check->policies++;
	if (r == 0)
		r = policy_parse(text.bytes, text.size, file, &policy, &err);
	if (r == 0 && real && !place_agrees(real, policy->command))
		r = error_set(&err, EBADMSG,
		              "%s: command: the file's place in the tree says another", file);
	if (r < 0)
		finding(check, file, err.text);
	else
		check_permissions(check, file, policy);
}

static bool is_policy_file(const char *word) {
	static const char suffix[] = ".toml";
	size_t length = strlen(word);
	return length > strlen(suffix) && strcmp(word + length - strlen(suffix), suffix) == 0;
}

static void say_what_was_left_out(const struct check *check) {
	if (!check->vault.vault)
		cmd_say("no vault: approvals and names of secrets were not checked");
	else if (!check->vault.system && !check->vault.unlocked)
		cmd_say("the vault is locked: approvals were not checked");
}

static int report(struct check *check) {
	if (check->common.json) {
		json_dumpf(check->json, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	if (check->failed)
		return CMD_FAILED;
	cmd_say("%zu file%s checked, %zu finding%s", check->policies,
	        check->policies == 1 ? "" : "s", check->findings, check->findings == 1 ? "" : "s");
	return check->findings > 0 ? CMD_FAILED : CMD_OK;
}

static int run(struct check *check, int argc, char **argv) {
	struct error err;
	bool installed = argc == 0;
	for (int i = 0; i < argc; i++)
		installed |= !is_policy_file(argv[i]);
	if (installed && cmd_layers(&check->common, &check->layers, &err) < 0)
		return cmd_fail("%s", err.text);
	check->json = json_array();
	if (installed) {
		policy_vault_open(&check->common, &check->vault);
		say_what_was_left_out(check);
	}
	if (argc == 0)
		check_everything(check);
	for (int i = 0; i < argc; i++) {
		if (is_policy_file(argv[i]))
			check_file(check, argv[i]);
		else
			check_command(check, argv[i]);
	}
	return report(check);
}

int cmd_policy_check(int argc, char **argv) {
	struct check check = {0};
	const struct cmd_option own[] = {{.name = "profile", .value = &check.profile}, {0}};
	int r = cmd_options(&argc, argv, own, &check.common);
	if (r != CMD_OK)
		return r < 0 ? CMD_OK : r;
	r = run(&check, argc, argv);
	policy_vault_free(&check.vault);
	layers_free(&check.layers);
	json_decref(check.json);
	return r;
}
