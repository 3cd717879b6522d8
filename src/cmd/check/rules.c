#include "cmd/check/check.h"

#include "cmd/policy/grants.h"
#include "policy/arguments.h"
#include "policy/fields_secrets.h"
#include "run/environment.h"
#include "mask/mask.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>

#define SOON ((time_t)30 * 24 * 60 * 60)

/* -- what only the text says */

static void rule_expires(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	time_t now = time(NULL);
	if (policy->expires && now >= policy->expires_at)
		check_add(checker, CHECK_EXPIRED, loaded, "expires",
		          "the policy has expired and is refused");
	else if (policy->expires && now + SOON >= policy->expires_at)
		check_add(checker, CHECK_EXPIRES_SOON, loaded, "expires", "in %lld days",
		          (long long)(policy->expires_at - now) / (24 * 60 * 60) + 1);
}

static void rule_tier(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	if (policy->tier == SANDBOX_TIER_NONE && policy->secret_count > 0)
		check_add(checker, CHECK_TIER_NONE, loaded, "tier",
		          "\"none\" hides little from the caller's other programs; use "
		          "\"hardened\"");
}

static bool all_slow(const struct policy_hashes *hashes) {
	for (size_t i = 0; i < hashes->count; i++) {
		if (hashes->items[i].algorithm != PIN_SHA256)
			return false;
	}
	return true;
}

static void rule_hash(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy_hashes *own = &loaded->policy->hashes;
	const struct policy_hashes *pins = &loaded->found.hashes;
	if (own->count + pins->count > 0 && all_slow(own) && all_slow(pins))
		check_add(checker, CHECK_HASH_SLOW, loaded, own->count > 0 ? "hash" : NULL,
		          "only sha256 hashes, which take three times as long at each start");
}

/* "/home" covers "/home/alice", and "/" everything. */
static bool covers(const char *directory, const char *path) {
	size_t length = strlen(directory);
	if (length == 1)
		return true;
	return strncmp(directory, path, length) == 0 &&
	       (path[length] == '\0' || path[length] == '/');
}

/* Accounts without a home of their own have one of these. */
static bool is_home(const char *path) {
	static const char *const not [] = {"/",     "/bin", "/dev", "/sbin", "/nonexistent",
	                                   "/proc", "/run", "/usr", "/var"};
	for (size_t i = 0; i < ARRAY_SIZE(not ); i++) {
		if (strcmp(path, not [i]) == 0)
			return false;
	}
	return path[0] == '/' && strncmp(path, "/usr/", 5) != 0 && strncmp(path, "/var/", 5) != 0 &&
	       strncmp(path, "/run/", 5) != 0;
}

static bool covers_home(const char *directory) {
	const char *home = getenv("HOME");
	bool found = (home && is_home(home) && covers(directory, home)) ||
	             covers(directory, "/home") || covers(directory, "/root");
	setpwent();
	for (const struct passwd *user = getpwent(); user && !found; user = getpwent())
		found = is_home(user->pw_dir) && covers(directory, user->pw_dir);
	endpwent();
	return found;
}

static void rule_writable(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy_strings *writable = &loaded->policy->filesystem.writable;
	for (size_t i = 0; i < writable->count; i++) {
		const char *path = writable->items[i];
		if (path[0] == '/' && covers_home(path))
			check_add(
				checker, CHECK_WRITABLE_HOME, loaded, "filesystem.writable",
				"an entry covers a home directory; name a directory below it that "
				"holds nothing else");
	}
}

void check_text(const struct checker *checker, const struct policy_loaded *loaded) {
	static void (*const rules[])(const struct checker *, const struct policy_loaded *) = {
		rule_expires, rule_tier, rule_hash, check_interpreters, rule_writable,
	};
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i](checker, loaded);
}

/* -- what is installed, stored, granted */

static void rule_pin(const struct checker *checker, const struct policy_loaded *loaded) {
	struct error why = {0};
	enum policy_pin_state state = policy_pin_state(loaded, true, &why);
	bool trusted = loaded->policy->pin_trusted;
	if (state == POLICY_PIN_UNPINNED)
		check_add(checker, CHECK_UNPINNED, loaded, NULL, "%s", why.text);
	else if (state == POLICY_PIN_MISSING)
		check_add(checker, CHECK_NOT_INSTALLED, loaded, NULL, "%s", why.text);
	else if (state == POLICY_PIN_CHANGED)
		check_add(checker, trusted ? CHECK_UNTRUSTED : CHECK_CHANGED, loaded, NULL, "%s",
		          why.text);
}

/* Only those who may change the policy's files may also change the command. */
static void rule_mutable(const struct checker *checker, const struct policy_loaded *loaded) {
	struct error err = {0};
	cleanup_fd int fd = -1;
	const struct trust trust = policy_trust(checker->layers);
	/* With pin = "trusted", rule_pin checks this. */
	if (loaded->policy->pin_trusted)
		return;
	if (trust_open(loaded->policy->command, O_PATH, &trust, &fd, &err) == -EPERM)
		check_add(checker, CHECK_MUTABLE, loaded, NULL, "%s", err.text);
}

static void check_place(const struct checker *checker, const struct policy_loaded *loaded,
                        const char *key, const char *path) {
	struct error err = {0};
	cleanup_fd int fd = -1;
	const struct trust trust = policy_trust(checker->layers);
	if (path && trust_open(path, O_PATH, &trust, &fd, &err) == -EPERM)
		check_add(checker, CHECK_MUTABLE, loaded, key, "'%s': %s", path, err.text);
}

/* Files that the command executes or reads without a hash. */
static void rule_places(const struct checker *checker, const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	for (size_t i = 0; i < policy->process.exec.count; i++)
		check_place(checker, loaded, "process.exec", policy->process.exec.items[i]);
	check_place(checker, loaded, "filesystem.root", policy->filesystem.root);
}

static void rule_approval(const struct checker *checker, const struct policy_loaded *loaded,
                          const char *profile) {
	struct error why = {0};
	if (policy_is_roots(checker->vault, loaded->found.layer))
		return;
	cleanup_free char *roots = policy_roots_file(checker->vault, loaded->found.name, profile);
	if (roots)
		check_add(checker, CHECK_SHADOWED, loaded, NULL,
		          "system mode uses root's '%s'; this file counts only with "
		          "envseal-exec --user",
		          roots);
	enum policy_approval_state state =
		policy_approval_state(checker->vault, loaded, profile, &why);
	if (state == POLICY_NOT_APPROVED || state == POLICY_APPROVAL_CHANGED)
		check_add(checker, CHECK_NOT_APPROVED, loaded, NULL, "%s", why.text);
}

/* Whether others have access, or an ACL grants more than the mode shows. */
static bool is_open(const char *path, mode_t needed) {
	struct stat st;
	return stat(path, &st) < 0 || (st.st_mode & needed) ||
	       getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

/*
 * envseal-exec reads system policies as the service user; root, who runs the check, can read
 * anything.
 */
static void rule_open(const struct checker *checker, const struct policy_loaded *loaded) {
	cleanup_free char *path = strdup(loaded->found.file);
	if (!path || !checker->vault->system)
		return;
	bool open_to_all = is_open(path, S_IROTH);
	for (char *slash = strrchr(path, '/'); slash > path && open_to_all;
	     slash = strrchr(path, '/')) {
		*slash = '\0';
		open_to_all = is_open(path, S_IXOTH);
	}
	if (!open_to_all)
		check_add(checker, CHECK_UNUSABLE, loaded, NULL,
		          "envseal-exec cannot read '%s' as the service user; run: chmod a+rX "
		          "'%s'",
		          path, path);
}

static void rule_grant(const struct checker *checker, const struct policy_loaded *loaded,
                       const char *profile) {
	struct error why = {0};
	cleanup_free char *who = NULL;
	if (checker->layers->grants > 0 &&
	    grants_text(checker->layers, loaded->found.name, profile, &who, &why) < 0)
		check_add(checker, CHECK_GRANT_UNUSABLE, loaded, NULL, "%s", why.text);
}

/* At the hundred million guesses a second that masking can be asked (SECURITY.md): days at most. */
static bool guessable(const struct secret *value) {
	size_t digits = 0;
	while (digits < value->size && value->bytes[digits] >= '0' && value->bytes[digits] <= '9')
		digits++;
	return value->size < 8 || (value->size < 16 && digits == value->size);
}

/* Checks the value itself, if the vault is open. */
static void check_value(const struct checker *checker, const struct policy_loaded *loaded,
                        const struct policy_secret *row, const char *key, const char *name) {
	struct error err = {0};
	cleanup_secret struct secret *value = NULL;
	if (!checker->vault->unlocked)
		return;
	int r = vault_unseal(checker->vault->vault, name, &value, &err);
	if (r < 0) {
		check_add(checker, CHECK_SECRET_UNUSABLE, loaded, key, "%s", err.text);
		return;
	}
	if (value->size < MASK_SIZE_MIN && loaded->policy->mask != POLICY_MASK_NEVER)
		check_add(checker, CHECK_SECRET_SHORT, loaded, key,
		          "'%s' is shorter than %d bytes and is not masked in output", name,
		          MASK_SIZE_MIN);
	else if (guessable(value) && loaded->policy->mask != POLICY_MASK_NEVER &&
	         !arguments_limited(loaded->policy))
		check_add(checker, CHECK_SECRET_GUESSABLE, loaded, key,
		          "'%s' is short enough to be guessed by what "
		          "is masked when the command prints its arguments",
		          name);
	if (row->deliver == POLICY_DELIVER_ENV &&
	    environment_check_secret(row->variable, value, &err) < 0)
		check_add(checker, CHECK_SECRET_UNUSABLE, loaded, key, "%s", err.text);
}

static void check_name(const struct checker *checker, const struct policy_loaded *loaded,
                       const struct policy_secret *row, const struct policy_piece *piece) {
	struct error err = {0};
	char key[512], name[POLICY_NAME_SIZE];
	/* A system policy means each caller's own secret, so root's says nothing. */
	if (checker->vault->system && policy_secret_is_each_callers(piece))
		return;
	snprintf(key, sizeof(key), "secrets.%s", row->variable);
	policy_secret_name(piece, getuid(), name);
	int r = vault_has(checker->vault->vault, name, &err);
	if (r >= 0)
		check_value(checker, loaded, row, key, name);
	else if (r != -ENOENT)
		check_add(checker, CHECK_SECRET_UNUSABLE, loaded, key, "%s", err.text);
	else if (row->required)
		check_add(checker, CHECK_SECRET_MISSING, loaded, key,
		          "the vault has no secret of that name; store it");
}

static void rule_secrets(const struct checker *checker, const struct policy_loaded *loaded) {
	bool elsewhere = policy_is_roots(checker->vault, loaded->found.layer);
	for (size_t i = 0; checker->vault->vault && !elsewhere && i < loaded->policy->secret_count;
	     i++) {
		const struct policy_secret *row = &loaded->policy->secrets[i];
		struct policy_piece piece;
		const char *at = NULL;
		while (policy_secret_next(row, &at, &piece)) {
			if (piece.is_secret)
				check_name(checker, loaded, row, &piece);
		}
	}
}

void check_policy(const struct checker *checker, const struct policy_loaded *loaded,
                  const char *profile) {
	check_text(checker, loaded);
	rule_pin(checker, loaded);
	rule_mutable(checker, loaded);
	rule_places(checker, loaded);
	check_header(checker, loaded);
	rule_approval(checker, loaded, profile);
	rule_grant(checker, loaded, profile);
	rule_open(checker, loaded);
	rule_secrets(checker, loaded);
}
