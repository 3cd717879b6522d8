#include "cmd/policy/text.h"

#include "toml/toml.h"
#include "util/cleanup.h"

#include <errno.h>
#include <string.h>

static void quote(struct buffer *text, const char *value) {
	buffer_char(text, '"');
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if (c == '"' || c == '\\')
			buffer_format(text, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buffer_format(text, "\\u%04x", c);
		else
			buffer_char(text, (char)c);
	}
	buffer_char(text, '"');
}

static void key(struct buffer *text, const char *name, const char *value) {
	buffer_format(text, "%s = ", name);
	quote(text, value);
	buffer_char(text, '\n');
}

static void hash(struct buffer *text, const char *name, const struct pin_hash *value) {
	char hex[PIN_HASH_TEXT_MAX];
	pin_hash_format(value, hex);
	buffer_format(text, "%s = [\"%s\"]\n", name, hex);
}

/* Describes the command, so that a later reader knows what the policy was written for. */
static void write_command(const struct policy_draft *draft, struct buffer *text) {
	buffer_format(text, "# %s", draft->kind);
	if (draft->package)
		buffer_format(text, ", from the package %s", draft->package);
	else
		buffer_string(text, ", from no package that dpkg or rpm knows");
	buffer_string(text, ".\n");
	key(text, "command", draft->command);
}

static void write_hash(const struct policy_draft *draft, struct buffer *text) {
	buffer_string(
		text,
		"\n# Hashes of the content that may run; 'envseal policy pin' adds others.\n");
	hash(text, "hash", &draft->hash);
}

static void write_head(const struct policy_draft *draft, struct buffer *text) {
	buffer_format(
		text,
		"# What this command gets, and how it runs; envseal-policy(5) explains every key.\n"
		"# After an edit: envseal policy check%s.\n"
		"version = 1\n\n"
		"# It must match the place of this file.\n",
		draft->approved ? ", then envseal policy approve" : "");
	write_command(draft, text);
	buffer_string(text,
	              "\n# none: shares the caller's processes and /tmp. hardened: has its own. "
	              "lockdown: also\n"
	              "# has no network and writes nowhere.\n");
	key(text, "tier", policy_tier_name(draft->tier));
	write_hash(draft, text);
	buffer_string(text, "\n# Refused from that day on, UTC.\n"
	                    "# expires = 2030-01-01\n");
}

static void write_secrets(const struct policy_draft *draft, struct buffer *text) {
	buffer_string(
		text,
		"\n# VARIABLE = \"name in the vault\". If it may be missing: { secret = \"name\", "
		"required = false }\n"
		"[secrets]\n");
	for (size_t i = 0; i < draft->secret_count; i++)
		key(text, draft->secrets[i].variable, draft->secrets[i].secret);
}

static void write_script(const struct policy_draft *draft, struct buffer *text) {
	if (!draft->interpreter)
		return;
	buffer_string(text, "\n# The command is a script, run by this program with these options.\n"
	                    "[script]\n");
	key(text, "interpreter", draft->interpreter);
	if (draft->interpreter_hash)
		hash(text, "interpreter_hash", draft->interpreter_hash);
	if (!draft->options || !draft->options[0])
		return;
	buffer_string(text, "options = [");
	for (size_t i = 0; draft->options[i]; i++) {
		buffer_string(text, i ? ", " : "");
		quote(text, draft->options[i]);
	}
	buffer_string(text, "]\n");
}

static void write_rest(const struct policy_draft *draft, struct buffer *text) {
	bool lockdown = draft->tier == SANDBOX_TIER_LOCKDOWN;
	buffer_string(
		text,
		"\n[environment]\n"
		"# Variables that the caller may pass on; the default is in envseal-policy(5).\n"
		"# inherit = [\"LANG\", \"LC_*\", \"TERM\", \"TZ\", \"HOME\"]\n"
		"# set = { NAME = \"value\" }\n"
		"\n[filesystem]\n"
		"# The working directory: \"caller\" or a path.\n"
		"# directory = \"caller\"\n");
	if (draft->tier != SANDBOX_TIER_NONE)
		buffer_string(text,
		              "# An empty home directory of its own (private), or the host's.\n"
		              "# home = \"private\"\n"
		              "# Directories that are empty and unreadable inside.\n"
		              "# hidden = [\"/home\", \"/root\"]\n");
	if (lockdown)
		buffer_string(text, "# Where it may write.\n"
		                    "# writable = [\"/srv/backups\"]\n");
	buffer_string(text, "\n[network]\n");
	if (draft->tier != SANDBOX_TIER_NONE)
		buffer_format(text, "# host or none.\n# access = \"%s\"\n",
		              lockdown ? "none" : "host");
	buffer_string(text, "# May it accept connections?\n# listen = false\n");
	if (lockdown)
		buffer_string(text, "# May it open Unix sockets?\n# unix = false\n");
}

/* Comments out the tables with their keys, so that somebody can append a table of the same name. */
static void write_offers(const struct policy_draft *draft, struct buffer *text) {
	buffer_string(text, "\n# [arguments]\n");
	if (draft->runs_anything)
		buffer_string(text, "# It executes what its arguments say: whoever may run "
		                    "it can make it print the\n"
		                    "# secrets. Allow only certain arguments, or write a "
		                    "policy for a script instead.\n");
	buffer_string(text,
	              "# Command lines that are allowed; * and ? in each argument, "
	              "and a last ** is the rest.\n"
	              "#   allow = [[\"list\", \"**\"], [\"show\", \"*\"]]\n"
	              "# Arguments that are refused, and arguments that are always prepended.\n"
	              "#   deny = [\"--debug*\"]\n"
	              "#   prepend = [\"--quiet\"]\n"
	              "\n# [limits]\n"
	              "#   timeout = \"30s\"\n"
	              "#   memory = \"512M\"\n"
	              "#   open_files = 256\n"
	              "\n# [output]\n"
	              "# Secrets in what it prints become [envseal:NAME]: always, "
	              "only in pipes, or never.\n"
	              "#   mask = \"always\"\n");
}

void policy_draft_write(const struct policy_draft *draft, struct buffer *text) {
	write_head(draft, text);
	write_secrets(draft, text);
	write_script(draft, text);
	write_rest(draft, text);
	write_offers(draft, text);
}

/* The start of line `number`, from 1; the end of the text when there are fewer. */
static size_t line_start(const struct buffer *text, unsigned int number) {
	size_t at = 0;
	while (--number > 0) {
		const char *end = memchr(text->bytes + at, '\n', text->size - at);
		if (!end)
			return text->size;
		at = (size_t)(end - text->bytes) + 1;
	}
	return at;
}

/*
 * A template's hash is of a file installed elsewhere. "trusted" names no content, so shipped
 * policies use it.
 */
static int check_template(const struct toml_value *root, const char *name, struct error *err) {
	const struct toml_value *hash = toml_get(root, "hash");
	if (hash)
		return error_set(err, EBADMSG, "%s:%u: a template cannot pin content; remove hash",
		                 name, hash->place.line);
	return 0;
}

int policy_draft_from(const struct policy_draft *draft, const struct buffer *template,
                      const char *name, struct buffer *text, struct error *err) {
	cleanup_toml struct toml_document *document = NULL;
	cleanup_policy struct policy *policy = NULL;
	int r = policy_parse(template->bytes, template->size, name, &policy, err);
	if (r < 0)
		return r;
	r = toml_parse(template->bytes, template->size, name, &document, err);
	if (r < 0)
		return r;
	r = check_template(toml_root(document), name, err);
	if (r < 0)
		return r;
	unsigned int line = toml_get(toml_root(document), "command")->place.line;
	size_t start = line_start(template, line), end = line_start(template, line + 1);
	/*
	 * If `command` were a string over several lines, the rest would remain and fail to
	 * parse.
	 */
	buffer_append(text, template->bytes, start);
	write_command(draft, text);
	if (!policy->pin_trusted)
		write_hash(draft, text);
	if (end < template->size)
		buffer_append(text, template->bytes + end, template->size - end);
	return text->failed ? error_errno(err, ENOMEM, "%s", name) : 0;
}
