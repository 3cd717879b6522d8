#include "cmd/explain/explain.h"

#include "cmd/json.h"
#include "cmd/policy/grants.h"
#include "policy/system.h"
#include "run/location.h"
#include "run/resolve.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const sources[] = {
	[PRIVILEGE_NONE] = "envseal-exec is installed without any privilege",
	[PRIVILEGE_CAPABILITIES] = "envseal-exec is installed set-gid and with capabilities",
	[PRIVILEGE_SET_ID] = "envseal-exec is installed set-uid and set-gid, without capabilities",
	[PRIVILEGE_SETUID_ROOT] = "envseal-exec is installed set-uid root",
	[PRIVILEGE_ROOT] = "root calls, and '" SYSTEM_FILE "' is there",
};

static const char *why_user(const struct explained *explained) {
	if (explained->user_mode)
		return "--user, --vault or --layers ask for it";
	if (explained->installed->withheld)
		return explained->installed->withheld;
	if (explained->installed->source == PRIVILEGE_ROOT)
		return "root calls, and there is no '" SYSTEM_FILE
		       "', or the environment names another vault or layers";
	if (explained->installed->source != PRIVILEGE_NONE)
		return "the system's layers have no such policy, so only a policy that the "
		       "caller approved counts";
	return sources[PRIVILEGE_NONE];
}

void explain_mode(const struct explained *explained, struct explain_part *part) {
	bool system = explained->run->system;
	const char *why = system ? sources[explained->installed->source] : why_user(explained);
	explain_line(part, "%s: %s", system ? "system" : "user", why);
	explain_fact(part, "mode", json_string(system ? "system" : "user"));
	explain_fact(part, "why", json_string(why));
	const struct explanation_stage *stage = explanation_stage(explained->explanation, "mode");
	if (stage && stage->state == STAGE_REFUSED)
		explain_stage(part, explained, "mode", NULL);
}

/* The entries of PATH that were skipped. */
static void explain_search(const struct run *run, struct explain_part *part) {
	const struct request *request = run->request;
	const char *search =
		request->privilege->secure ? NULL : location_variable(request->environment, "PATH");
	cleanup_free char *directories = strdup(search ? search : ENVSEAL_SECURE_PATH);
	char *rest = directories;
	json_t *passed = json_array();
	for (char *entry; directories && (entry = strsep(&rest, ":")) != NULL;) {
		cleanup_free char *path =
			entry[0] == '/' ? path_join(entry, request->argv[0]) : NULL;
		if (!path)
			continue;
		enum resolve_state state = resolve_probe(path);
		if (state == RESOLVE_COMMAND)
			break;
		if (state == RESOLVE_ABSENT)
			continue;
		const char *what = state == RESOLVE_SHIM ? "a shim" : "not executable";
		explain_line(part, "'%s' is %s and is skipped", path, what);
		json_array_append_new(passed,
		                      json_pack("{s:o, s:s}", "path", json_text(path), "is", what));
	}
	explain_fact(part, "search", json_string(search ? "PATH" : "secure path"));
	explain_fact(part, "passed_over", passed);
}

/*
 * A header that names envseal-exec may give it options, which apply when the script is started
 * directly.
 */
static void explain_header(const struct run *run, struct explain_part *part) {
	char line[256] = "";
	const int fd = run->program.command ? run->program.command->fd
	               : run->pin           ? run->pin->fd
	                                    : -1;
	if (fd < 0 || pread(fd, line, sizeof(line) - 1, 0) < 2 || strncmp(line, "#!", 2) != 0)
		return;
	line[strcspn(line, "\n\r")] = '\0';
	const char *own = strstr(line, "envseal-exec ");
	if (own)
		explain_line(part, "started directly, the script would run as: %s", own);
	explain_fact(part, "header", json_text(own));
}

void explain_command(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const char *word = run->request->argv[0];
	explain_fact(part, "word", json_text(word));
	if (word[0] != '\0' && !strchr(word, '/'))
		explain_search(run, part);
	explain_fact(part, "path", json_text(run->path));
	explain_fact(part, "name", json_text(run->name));
	explain_fact(part, "real", json_text(run->real));
	if (run->path)
		explain_line(part, "'%s' is '%s'", word, run->path);
	if (run->name && strcmp(run->name, run->path) != 0)
		explain_line(part, "its name in policies is '%s'", run->name);
	if (run->real && strcmp(run->real, run->name) != 0)
		explain_line(part, "a link to '%s', whose policy is looked up second", run->real);
	explain_stage(part, explained, "command", NULL);
	explain_header(run, part);
}

/* One layer and one name; `found`: an earlier layer already has a policy. */
static bool explain_layer(const struct run *run, size_t index, const char *name, bool found,
                          struct explain_part *part, json_t *asked) {
	struct error err;
	const char *layer = run->layers.paths[index];
	cleanup_policy_found struct policy_found here = {0};
	int r = policy_find_one(&run->layers, index, name, run->request->profile, &run->trust,
	                        &here, &err);
	const char *state = r == -ENOENT ? "nothing"
	                    : found      ? "shadowed"
	                    : r < 0      ? "refused"
	                                 : "found";
	json_array_append_new(asked, json_pack("{s:o, s:o, s:s, s:o}", "layer", json_text(layer),
	                                       "name", json_text(name), "state", state, "file",
	                                       json_text(here.file)));
	if (r >= 0)
		explain_line(part, "%s: '%s'", state, here.file);
	else if (r != -ENOENT)
		explain_line(part, "%s: %s", state, err.text);
	else if (!found)
		explain_line(part, "no policy for '%s' in '%s'", name, layer);
	return found || r != -ENOENT;
}

void explain_layers(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const char *const names[] = {run->name, run->real};
	json_t *asked = json_array();
	struct error ignored;
	bool found = false;
	bool profile_fits = policy_profile_check(run->request->profile, &ignored) == 0;
	for (size_t n = 0; run->real && profile_fits && n < ARRAY_SIZE(names); n++) {
		if (n > 0 && strcmp(names[n], names[n - 1]) == 0)
			continue;
		for (size_t i = 0; i < run->layers.count; i++)
			found = explain_layer(run, i, names[n], found, part, asked);
	}
	explain_fact(part, "profile", json_text(run->request->profile));
	explain_fact(part, "asked", asked);
	if (part->text.size == 0)
		explain_line(part, "no layer was examined");
}

static void explain_expiry(const struct policy *policy, struct explain_part *part) {
	char date[16] = "";
	time_t at = (time_t)policy->expires_at;
	struct tm tm;
	if (policy->expires && gmtime_r(&at, &tm) &&
	    strftime(date, sizeof(date), "%Y-%m-%d", &tm) > 0)
		explain_line(part, "expires on %s", date);
	explain_fact(part, "expires", policy->expires ? json_string(date) : json_null());
}

void explain_policy(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	explain_fact(part, "file", json_text(run->found.file));
	explain_fact(part, "layer", json_text(run->found.layer));
	explain_stage(part, explained, "policy", NULL);
	if (!run->found.file)
		return;
	explain_line(part, "'%s', which only %s can change", run->found.file,
	             run->trust.owner == 0 ? "root" : "root and the caller");
	explain_stage(part, explained, "keys", NULL);
	if (!run->policy)
		return;
	explain_stage(part, explained, "validity", "it is valid, for this command, and in force");
	explain_fact(part, "description", json_text(run->policy->description));
	if (run->policy->description)
		explain_line(part, "description: %s", run->policy->description);
	explain_expiry(run->policy, part);
}

/* Who may use a system policy. */
static void explain_grant(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const struct explanation_stage *stage = explanation_stage(explained->explanation, "grant");
	struct error err;
	cleanup_free char *who = NULL;
	bool granted = stage && stage->state == STAGE_PASSED;
	if (grants_text(&run->layers, run->found.name, run->request->profile, &who, &err) < 0)
		explain_line(part, "who may use it cannot be read: %s", err.text);
	else
		explain_line(part, "it may be used by: %s; by uid %u: %s", who, run->request->uid,
		             granted ? "yes" : "no");
	explain_fact(part, "by", json_string("grant"));
	explain_fact(part, "granted_to", json_text(who));
	explain_fact(part, "usable", json_boolean(granted));
}

static void explain_approval(const struct explained *explained, struct explain_part *part) {
	const struct explanation_stage *stage =
		explanation_stage(explained->explanation, "approval");
	bool known = stage && stage->state != STAGE_UNKNOWN;
	explain_fact(part, "by", json_string("approval"));
	explain_fact(part, "usable",
	             known ? json_boolean(stage->state == STAGE_PASSED) : json_null());
	if (known)
		explain_stage(part, explained, "approval", "approved as it is now, with its pins");
	else
		explain_line(part, "the vault must be open to tell whether it is approved");
}

void explain_use(const struct explained *explained, struct explain_part *part) {
	if (explained->run->system)
		explain_grant(explained, part);
	else
		explain_approval(explained, part);
}

void explain_vault(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const char *directory = run->vault    ? vault_directory(run->vault)
	                        : run->system ? SYSTEM_VAULT
	                                      : NULL;
	bool open = run->vault && vault_is_open(run->vault);
	explain_fact(part, "directory", json_text(directory));
	explain_fact(part, "state",
	             json_string(explained->explanation->vault_hidden ? "hidden"
	                         : open                               ? "open"
	                         : explained->explanation->would_ask  ? "locked"
	                                                              : "unusable"));
	if (explained->explanation->vault_hidden)
		explain_line(part, "'%s': only envseal-exec and root may look into it", directory);
	else if (open)
		explain_line(part, "'%s': opened without asking", directory);
	else if (explained->explanation->would_ask)
		explain_line(part, "'%s': locked; a run would ask for its passphrase", directory);
	else
		explain_stage(part, explained, "vault", NULL);
}

static void explain_bytes(const struct pin *pin, struct explain_part *part) {
	struct pin_hash hash;
	struct error err;
	char text[PIN_HASH_TEXT_MAX] = "";
	if (pin_hash_fd(pin->fd, PIN_BLAKE2B_256, &hash, &err) == 0)
		pin_hash_format(&hash, text);
	explain_line(part, "'%s' is %s", pin->path, text);
	explain_line(part, "%s",
	             pin->copied ? "users other than root can change it, so a sealed copy would be "
	                           "used"
	                         : "only root can change it, so the file itself would be used");
	explain_fact(part, "file", json_text(pin->path));
	explain_fact(part, "hash", json_string(text));
	explain_fact(part, "trusted", json_boolean(pin->trusted));
	explain_fact(part, "copied", json_boolean(pin->copied));
}

void explain_pin(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const struct explanation_stage *stage = explanation_stage(explained->explanation, "pin");
	bool known = stage && stage->state != STAGE_UNKNOWN;
	explain_fact(part, "by", json_string(run->policy->pin_trusted ? "trust" : "hash"));
	explain_fact(part, "accepted",
	             known ? json_boolean(stage->state == STAGE_PASSED) : json_null());
	explain_fact(part, "hashes_of_policy", json_integer((json_int_t)run->policy->hashes.count));
	explain_fact(part, "hashes_of_pin_files",
	             json_integer((json_int_t)run->found.hashes.count));
	if (run->program.command)
		explain_bytes(run->program.command, part);
	explain_stage(part, explained, "pin",
	              run->policy->pin_trusted ? "accepted, because pin = \"trusted\""
	                                       : "accepted, because its hash is listed");
}
