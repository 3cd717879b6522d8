#include "cmd/check/check.h"
#include "cmd/cmd.h"
#include "cmd/policy/grants.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/packages.h"
#include "cmd/policy/common.h"
#include "cmd/policy/state.h"
#include "cmd/policy/text.h"
#include "pin/header.h"
#include "pin/pin.h"
#include "policy/approval.h"
#include "policy/fields_secrets.h"
#include "policy/variables.h"
#include "run/resolve.h"
#include "toml/toml.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SECRETS_MAX 256

/* The options, and what was found out. */
struct new {
	struct cmd_common common;
	const char *profile;
	const char *tier;
	const char *prefix;
	const char *interpreter;
	const char *template;
	bool force;
	struct policy_secret secrets[SECRETS_MAX];
	size_t secret_count;

	struct policy_command command;
	struct pin *pin; /* of the command; all that is said of it is read from here */
	struct policy_draft draft;
	struct script_header header;
	struct pin_hash interpreter_hash;
	struct vault *vault;
	char *package;
};

static void free_new(struct new *new) {
	for (size_t i = 0; i < new->secret_count; i++) {
		free(new->secrets[i].variable);
		free(new->secrets[i].secret);
	}
	policy_command_free(&new->command);
	pin_free(new->pin);
	script_header_free(&new->header);
	vault_free(new->vault);
	free(new->package);
}

/* Frees `variable`, even on failure. */
static int add_secret(struct new *new, char *variable, const char *name, struct error *err) {
	cleanup_free char *owned = variable;
	cleanup_free char *secret = strdup(name);
	if (!owned || !secret)
		return error_errno(err, ENOMEM, "secrets");
	if (!variable_name_ok(owned))
		return error_set(err, EINVAL,
		                 "a variable's name consists of letters, digits and '_'");
	if (new->secret_count == SECRETS_MAX)
		return error_set(err, E2BIG, "more than %d secrets", SECRETS_MAX);
	for (size_t i = 0; i < new->secret_count; i++) {
		if (strcmp(new->secrets[i].variable, owned) == 0)
			return error_set(err, EINVAL, "variable '%s' would hold two secrets",
			                 owned);
	}
	new->secrets[new->secret_count++] = (struct policy_secret){
		.variable = steal_pointer(owned),
		.secret = steal_pointer(secret),
		.required = true,
	};
	return 0;
}

/*
 * --secret VARIABLE=NAME. The error does not show a wrong argument, which may be the secret
 * itself.
 */
static int take_secret(void *context, const char *value) {
	struct new *new = context;
	struct error err;
	const char *equals = strchr(value, '=');
	if (!equals || vault_name_check(equals + 1, &err) < 0)
		return cmd_usage_error(
			"--secret needs VARIABLE=NAME, with the name of a secret in the vault");
	if (add_secret(new, strndup(value, (size_t)(equals - value)), equals + 1, &err) < 0)
		return cmd_usage_error("%s", err.text);
	return CMD_OK;
}

/* "github/api-token" below "github/" becomes API_TOKEN. */
static char *variable_for(const char *rest) {
	char *variable = strdup(rest);
	for (char *c = variable; c && *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
	return variable;
}

struct prefix {
	struct new *new;
	char *text;
	size_t matches;
	struct error *err;
};

static int take_matching(void *context, const char *name) {
	struct prefix *prefix = context;
	size_t length = strlen(prefix->text);
	if (strncmp(name, prefix->text, length) != 0)
		return 0;
	prefix->matches++;
	int r = add_secret(prefix->new, variable_for(name + length), name, prefix->err);
	return r < 0 ? error_wrap(prefix->err, r, "secret '%s'", name) : 0;
}

static int take_prefix(struct new *new, struct error *err) {
	if (!new->prefix)
		return 0;
	size_t length = strlen(new->prefix);
	bool ends = length > 0 && new->prefix[length - 1] == '/';
	cleanup_free char *text = NULL;
	if (asprintf(&text, "%s%s", new->prefix, ends ? "" : "/") < 0)
		return error_errno(err, ENOMEM, "--secrets");
	struct prefix prefix = {.new = new, .text = text, .err = err};
	int r = vault_list(new->vault, take_matching, &prefix, err);
	if (r < 0)
		return r;
	if (prefix.matches == 0)
		return error_set(err, ENOENT,
		                 "--secrets: the vault has no secret below that prefix");
	return r;
}

static int hash_settled(struct pin *pin, const char *name, struct pin_hash *ret_hash,
                        struct error *err) {
	int r = pin_settle(pin, name, err);
	return r < 0 ? r : pin_hash_fd(pin->fd, PIN_BLAKE2B_256, ret_hash, err);
}

/* A trusted interpreter may be updated; any other is pinned to its present content. */
static int check_interpreter(struct new *new, struct error *err) {
	cleanup_pin struct pin *pin = NULL;
	const char *interpreter = new->draft.interpreter;
	cleanup_free char *real = realpath(interpreter, NULL);
	if (!real)
		return error_errno(err, errno, "interpreter '%s'", interpreter);
	int r = pin_open(real, &pin, err);
	if (r < 0 || pin_is_trusted_as(pin, interpreter))
		return r;
	new->draft.interpreter_hash = &new->interpreter_hash;
	return hash_settled(pin, interpreter, &new->interpreter_hash, err);
}

static int take_header(struct new *new, struct error *err) {
	int r = script_header_read(new->pin->fd, new->command.name, &new->header, err);
	if (r < 0)
		return r;
	if (new->header.name)
		r = resolve_command(new->header.name, NULL, &new->header.interpreter, err);
	if (r < 0)
		return r;
	new->draft.interpreter = new->header.interpreter;
	new->draft.options = new->header.options;
	return 0;
}

static int take_script(struct new *new, struct error *err) {
	new->draft.interpreter = new->interpreter;
	int r = !new->interpreter &&pin_is_script(new->pin) ? take_header(new, err) : 0;
	if (r < 0)
		return r;
	return new->draft.interpreter ? check_interpreter(new, err) : 0;
}

/* A dynamic ELF program loads libraries, which no pin covers. */
static const char *elf_kind(const struct pin *pin) {
	Elf64_Ehdr head;
	if (pread(pin->fd, &head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
		return "A program";
	if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_phentsize != sizeof(Elf64_Phdr))
		return "An ELF program";
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		Elf64_Phdr part;
		off_t at = (off_t)(head.e_phoff + (Elf64_Off)i * sizeof(part));
		if (pread(pin->fd, &part, sizeof(part), at) != sizeof(part))
			return "An ELF program";
		if (part.p_type == PT_INTERP)
			return "An ELF program, with libraries that the hash does not cover";
	}
	return "A static ELF program";
}

static void describe(struct new *new) {
	new->draft.kind = pin_is_script(new->pin) ? "A script" : elf_kind(new->pin);
	new->package = packages_owner(new->command.real);
	new->draft.package = new->package;
	new->draft.runs_anything = check_runs_anything(new->command.name);
}

/*
 * Opened once, like at a run: otherwise whoever can change the file could show one content to
 * the hash and another to the search for an interpreter.
 */
static int pin_command(struct new *new, struct error *err) {
	int r = pin_open(new->command.real, &new->pin, err);
	return r < 0 ? r : hash_settled(new->pin, new->command.name, &new->draft.hash, err);
}

static int fill_draft(struct new *new, const char *word, struct error *err) {
	int r = policy_command_resolve(word, &new->command, err);
	if (r < 0)
		return r;
	if (!new->command.real)
		return error_set(err, ENOENT, "'%s' is not installed, so it cannot be pinned",
		                 word);
	r = pin_command(new, err);
	if (r < 0)
		return r;
	describe(new);
	/* A template names the interpreter of a script itself, or leaves it to the header. */
	if (!new->template)
		r = take_script(new, err);
	if (r < 0)
		return r;
	r = take_prefix(new, err);
	if (r < 0)
		return r;
	new->draft.command = new->command.name;
	new->draft.secrets = new->secrets;
	new->draft.secret_count = new->secret_count;
	return 0;
}

static int write_from(const struct new *new, struct buffer *text, struct error *err) {
	struct stat st;
	cleanup_buffer struct buffer template = BUFFER_INIT;
	cleanup_fd int fd = open(new->template, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", new->template);
	int r = S_ISREG(st.st_mode) ? fd_read_all(fd, TOML_SIZE_MAX, &template) : -EINVAL;
	if (r < 0)
		return error_errno(err, r, "'%s'", new->template);
	if (template.size == 0)
		return error_set(err, EBADMSG, "'%s' is empty", new->template);
	return policy_draft_from(&new->draft, &template, new->template, text, err);
}

/* Parses the text first, so that an invalid policy is never written. */
static int write_file(const struct new *new, const struct layers *layers, struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	cleanup_policy struct policy *policy = NULL;
	cleanup_free char *path = policy_path(new->command.name, new->profile);
	int r = 0;
	if (new->template)
		r = write_from(new, &text, err);
	else
		policy_draft_write(&new->draft, &text);
	if (r < 0)
		return r;
	if (text.failed || !path)
		return error_errno(err, ENOMEM, "'%s'", new->command.name);
	r = policy_parse(text.bytes, text.size, path, &policy, err);
	if (r < 0)
		return r;
	r = policy_write(layers, path, &text, NULL, new->force, err);
	if (r == -EEXIST)
		return error_set(err, r, "'%s/%s' exists; --force replaces it", layers->paths[0],
		                 path);
	return r;
}

static void warn_of_missing_secret(const struct new *new, const struct policy_secret *secret) {
	struct error ignored;
	struct policy_piece piece;
	const char *at = NULL;
	while (policy_secret_next(secret, &at, &piece)) {
		char name[POLICY_NAME_SIZE];
		/* A system policy means each caller's own secret; root's says nothing. */
		bool each = policy_secret_is_each_callers(&piece);
		if (!piece.is_secret || (each && !new->draft.approved))
			continue;
		policy_secret_name(&piece, getuid(), name);
		if (vault_has(new->vault, name, &ignored) == -ENOENT)
			cmd_say("%s: the vault has no secret of that name yet; "
			        "store it: envseal store NAME "
			        "(if you typed the secret itself, remove the policy)",
			        secret->variable);
	}
}

/* Reasons why the command still would not run. */
static void warn(const struct new *new, const struct policy_loaded *loaded) {
	struct error why = {0};
	if (loaded->policy->pin_trusted && policy_pin_state(loaded, true, &why) != POLICY_PIN_OK)
		cmd_say("%s", why.text);
	for (size_t i = 0; i < loaded->policy->secret_count; i++)
		warn_of_missing_secret(new, &loaded->policy->secrets[i]);
}

static const char *pinned(const struct policy_loaded *loaded) {
	return loaded->policy->pin_trusted ? "trusted" : "pinned";
}

/* A system policy needs no approval; a grant may exist from an earlier policy. */
static int tell_who(const struct new *new, const struct layers *layers,
                    const struct policy_loaded *loaded, struct error *err) {
	cleanup_free char *who = NULL;
	int r = grants_text(layers, loaded->found.name, new->profile, &who, err);
	if (r < 0)
		return r;
	cmd_say("wrote '%s', %s; allowed: %s", loaded->found.file, pinned(loaded), who);
	warn(new, loaded);
	cmd_say("next, say who may use it: envseal policy allow %s --group GROUP%s%s",
	        loaded->found.name, new->profile ? " --profile " : "",
	        new->profile ? new->profile : "");
	return 0;
}

static int approve(const struct new *new, const struct layers *layers, struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	const char *const names[] = {new->command.name};
	int r = policy_load(layers, names, 1, new->profile, &loaded, err);
	if (r < 0)
		return r;
	if (layers->grants > 0)
		return tell_who(new, layers, &loaded, err);
	r = approval_write(new->vault, &loaded.found, new->profile, err);
	if (r < 0)
		return r;
	cmd_say("wrote '%s', %s and approved", loaded.found.file, pinned(&loaded));
	policy_say_roots(&new->common, loaded.found.name, new->profile);
	warn(new, &loaded);
	cmd_say("next, run it: envseal-exec %s%s%s%s", new->profile ? "--profile " : "",
	        new->profile ? new->profile : "", new->profile ? " " : "", loaded.found.name);
	return 0;
}

/*
 * Unlocks the vault first, so that no policy is left that cannot be approved. System policies
 * need neither approval nor key.
 */
static int make(struct new *new, const char *word) {
	struct error err;
	cleanup_layers struct layers layers = {0};
	if (policy_profile_check(new->profile, &err) < 0 ||
	    cmd_layers(&new->common, &layers, &err) < 0)
		return cmd_fail("%s", err.text);
	new->draft.approved = layers.grants == 0;
	if (cmd_open_vault(&new->common, new->draft.approved, &new->vault, &err) < 0 ||
	    fill_draft(new, word, &err) < 0 || write_file(new, &layers, &err) < 0 ||
	    approve(new, &layers, &err) < 0)
		return cmd_fail("%s", err.text);
	return CMD_OK;
}

static int check_tier(struct new *new) {
	if (policy_tier_parse(new->tier ? new->tier : "hardened", &new->draft.tier) < 0)
		return cmd_usage_error("--tier must be none, hardened or lockdown");
	return CMD_OK;
}

static int run(struct new *new, int argc, char **argv) {
	const struct cmd_option own[] = {
		{"tier", "TIER", "none, hardened (default) or lockdown", .value = &new->tier},
		{"secret", "VARIABLE=NAME", "deliver the secret NAME as VARIABLE; may be repeated",
	         .each = take_secret, .context = new},
		{"secrets", "PREFIX", "deliver every secret below PREFIX/", .value = &new->prefix},
		{"interpreter", "PATH", "the program that reads this script",
	         .value = &new->interpreter},
		{"from", "FILE", "use another policy as the template", .value = &new->template},
		{"profile", "NAME", "write the policy COMMAND@NAME", .value = &new->profile},
		{"force", NULL, "replace the policy if it exists", .flag = &new->force},
		{0},
	};
	int r = cmd_options(&argc, argv, own, &new->common);
	if (r != CMD_OK)
		return r;
	if (argc != 1)
		return cmd_usage_error("one command is needed");
	if (new->template &&
	    (new->tier || new->secret_count > 0 || new->prefix || new->interpreter))
		return cmd_usage_error(
			"--from excludes --tier, --secret, --secrets and --interpreter; "
			"edit the policy afterwards");
	r = check_tier(new);
	return r == CMD_OK ? make(new, argv[0]) : r;
}

int cmd_policy_new(int argc, char **argv) {
	struct new new = {0};
	int status = run(&new, argc, argv);
	free_new(&new);
	return status;
}
