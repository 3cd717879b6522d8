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

/* What was found there, so that who reads the policy later knows what it was written for. */
static void write_command(const struct policy_draft *draft, struct buffer *text) {
	buffer_format(text, "# %s", draft->kind);
	if (draft->package)
		buffer_format(text, " of the package %s", draft->package);
	else
		buffer_string(text, " of no package that a package manager here knows");
	buffer_string(text, ".\n");
	key(text, "command", draft->command);
}

static void write_hash(const struct policy_draft *draft, struct buffer *text) {
	buffer_string(text, "\n# The content that may run: any one of these, or of those that "
	                    "'envseal policy pin' adds.\n");
	hash(text, "hash", &draft->hash);
}

static void write_head(const struct policy_draft *draft, struct buffer *text) {
	buffer_format(text,
	              "# What this command gets, and how it runs; envseal-policy(5) explains every key.\n"
	              "# After an edit: envseal policy check%s.\n"
	              "version = 1\n\n"
	              "# The place of this file says the same.\n",
	              draft->approved ? ", then envseal policy approve" : "");
	write_command(draft, text);
	buffer_string(text, "\n# none: as it is. hardened: own processes, private /tmp. lockdown: no network,\n"
	                    "# nothing writable.\n");
	key(text, "tier", policy_tier_name(draft->tier));
	write_hash(draft, text);
	buffer_string(text, "\n# Refused from that day on, UTC.\n"
	                    "# expires = 2030-01-01\n");
}

static void write_secrets(const struct policy_draft *draft, struct buffer *text) {
	buffer_string(text, "\n# VARIABLE = \"name in the vault\". Left out when missing: { secret = \"name\", "
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
	buffer_string(text, "\n[environment]\n"
	                    "# What the caller may pass on; the default is in envseal-policy(5).\n"
	                    "# inherit = [\"LANG\", \"LC_*\", \"TERM\", \"TZ\", \"HOME\"]\n"
	                    "# set = { NAME = \"value\" }\n"
	                    "\n[filesystem]\n"
	                    "# Where it starts: \"caller\" or a path.\n"
	                    "# directory = \"caller\"\n");
	if (draft->tier != SANDBOX_TIER_NONE)
		buffer_string(text, "# An empty home directory of its own (private), or the host's.\n"
		                    "# home = \"private\"\n"
		                    "# Empty and unreadable.\n"
		                    "# hidden = [\"/home\", \"/root\"]\n");
	if (lockdown)
		buffer_string(text, "# Where it may write.\n"
		                    "# writable = [\"/srv/backups\"]\n");
	buffer_string(text, "\n[network]\n");
	if (draft->tier != SANDBOX_TIER_NONE)
		buffer_format(text, "# host or none.\n# access = \"%s\"\n", lockdown ? "none" : "host");
	buffer_string(text, "# May it accept connections?\n# listen = false\n");
	if (lockdown)
		buffer_string(text, "# May it open Unix sockets?\n# unix = false\n");
}

/* Tables that are commented out with their keys: a later one of the same name, at the end, is no error then. */
static void write_offers(const struct policy_draft *draft, struct buffer *text) {
	buffer_string(text, "\n# [arguments]\n");
	if (draft->runs_anything)
		buffer_string(
			text,
			"# It runs whatever its arguments say: who may run it may ask it for the secrets. "
			"Name what\n# may be asked, or write a policy for a script instead.\n");
	buffer_string(text,
	              "# Command lines that are allowed; * and ? in each argument, and a last ** is the rest.\n"
	              "#   allow = [[\"list\", \"**\"], [\"show\", \"*\"]]\n"
	              "# Arguments that are refused, and such as always come first.\n"
	              "#   deny = [\"--debug*\"]\n"
	              "#   prepend = [\"--quiet\"]\n"
	              "\n# [limits]\n"
	              "#   timeout = \"30s\"\n"
	              "#   memory = \"512M\"\n"
	              "#   open_files = 256\n"
	              "\n# [output]\n"
	              "# Secrets in what it prints become [envseal:NAME]: always, only into pipes, or never.\n"
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

/* A hash is of what was installed elsewhere. "trusted" is of no content, and the shipped policies say it. */
static int check_template(const struct toml_value *root, const char *name, struct error *err) {
	const struct toml_value *hash = toml_get(root, "hash");
	if (hash)
		return error_set(err, EBADMSG,
		                 "%s:%u: a template leaves to the policy which content may run; remove hash",
		                 name, hash->place.line);
	return 0;
}

int policy_draft_from(const struct policy_draft *draft, const struct buffer *template, const char *name,
                      struct buffer *text, struct error *err) {
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
	/* A string of several lines would leave a part of itself behind, which then is no policy. */
	buffer_append(text, template->bytes, start);
	write_command(draft, text);
	if (!policy->pin_trusted)
		write_hash(draft, text);
	if (end < template->size)
		buffer_append(text, template->bytes + end, template->size - end);
	return text->failed ? error_errno(err, ENOMEM, "%s", name) : 0;
}
