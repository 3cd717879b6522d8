#include "cmd/policy_text.h"

#include "util/cleanup.h"

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

static void write_head(const struct policy_draft *draft, struct buffer *text) {
	buffer_format(
		text,
		"# What this command gets, and how it runs; envseal-policy(5) explains every key.\n"
		"# After an edit: envseal policy check%s.\n"
		"version = 1\n\n"
		"# The place of this file says the same.\n",
		draft->approved ? ", then envseal policy approve" : "");
	key(text, "command", draft->command);
	buffer_string(
		text,
		"\n# none: as it is. hardened: own processes, private /tmp. lockdown: no network,\n"
		"# nothing writable.\n");
	key(text, "tier", policy_tier_name(draft->tier));
	buffer_string(text, "\n# The content that may run: any one of these, or of those that "
	                    "'envseal policy pin' adds.\n");
	hash(text, "hash", &draft->hash);
	buffer_string(text, "\n# Refused from that day on, UTC.\n"
	                    "# expires = 2030-01-01\n");
}

static void write_secrets(const struct policy_draft *draft, struct buffer *text) {
	buffer_string(
		text,
		"\n# VARIABLE = \"name in the vault\". Left out when missing: { secret = \"name\", "
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
	bool lockdown = draft->tier == POLICY_TIER_LOCKDOWN;
	buffer_string(text, "\n[environment]\n"
	                    "# What the caller may pass on; the default is in envseal-policy(5).\n"
	                    "# inherit = [\"LANG\", \"LC_*\", \"TERM\", \"TZ\", \"HOME\"]\n"
	                    "# set = { NAME = \"value\" }\n"
	                    "\n[filesystem]\n"
	                    "# Where it starts: \"caller\" or a path.\n"
	                    "# directory = \"caller\"\n");
	if (draft->tier != POLICY_TIER_NONE)
		buffer_string(text, "# An empty home directory of its own (private), or the host's.\n"
		                    "# home = \"private\"\n"
		                    "# Empty and unreadable.\n"
		                    "# hidden = [\"/home\", \"/root\"]\n");
	if (lockdown)
		buffer_string(text, "# Where it may write.\n"
		                    "# writable = [\"/srv/backups\"]\n");
	buffer_string(text, "\n[network]\n");
	if (draft->tier != POLICY_TIER_NONE)
		buffer_format(text, "# host or none.\n# access = \"%s\"\n",
		              lockdown ? "none" : "host");
	buffer_string(text, "# May it accept connections?\n# listen = false\n");
	if (lockdown)
		buffer_string(text, "# May it open Unix sockets?\n# unix = false\n");
}

void policy_draft_write(const struct policy_draft *draft, struct buffer *text) {
	write_head(draft, text);
	write_secrets(draft, text);
	write_script(draft, text);
	write_rest(draft, text);
}
