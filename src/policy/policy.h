#ifndef ENVSEAL_POLICY_POLICY_H
#define ENVSEAL_POLICY_POLICY_H

#include "pin/pin.h"
#include "sandbox/limits.h"
#include "sandbox/profile.h"
#include "sandbox/tier.h"
#include "util/cleanup.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A policy file after checking. doc/formats/policy.md is the reference. */

#define POLICY_CALLER "caller"

enum policy_network {
	POLICY_NETWORK_NONE,
	POLICY_NETWORK_HOST,
};

/* Unsaid, it is the mode's: host in user mode. */
enum policy_home {
	POLICY_HOME_UNSAID,
	POLICY_HOME_PRIVATE,
	POLICY_HOME_HOST,
};

struct policy_strings {
	char **items;
	size_t count;
};

/* Command lines, each of patterns. */
struct policy_lines {
	struct policy_strings *items;
	size_t count;
};

struct policy_numbers {
	int *items;
	size_t count;
};

struct policy_hashes {
	struct pin_hash *items;
	size_t count;
};

/* How a program gets a secret. */
enum policy_delivery {
	POLICY_DELIVER_ENV,   /* the variable's value */
	POLICY_DELIVER_FILE,  /* a file in memory; the variable has its path */
	POLICY_DELIVER_FD,    /* the same, open; the variable has the descriptor's number */
	POLICY_DELIVER_STDIN, /* standard input; no variable is set */
};

/*
 * The descriptor numbers that a policy may choose: not the standard three, and not those that
 * shells and scripts use themselves.
 */
#define POLICY_DESCRIPTOR_MIN 3
#define POLICY_DESCRIPTOR_MAX 19

/* One row of [secrets] (policy/fields_secrets.h). */
struct policy_secret {
	char *variable;
	char *secret; /* its name in the vault, where "%U" is the caller's uid; or a template with
	                 such names */
	bool is_template;
	char *secret_of_template; /* only while the row is being read */
	enum policy_delivery deliver;
	int descriptor; /* the number that the file has; 0: any */
	bool required;  /* false: nothing is delivered when the vault has no such secret */
};

enum policy_mask {
	POLICY_MASK_ALWAYS,
	POLICY_MASK_PIPES,
	POLICY_MASK_NEVER,
};

struct policy_variable {
	char *name;
	char *value;
};

struct policy {
	char *command;
	char *description; /* NULL when absent */
	enum sandbox_tier tier;
	struct policy_hashes hashes; /* the policy's own; pin files have more (policy/find.h) */
	bool pin_trusted;            /* pin = "trusted" */
	bool expires;
	int64_t expires_at; /* first second refused, UTC, since the epoch */

	struct policy_secret *secrets;
	size_t secret_count;

	struct {
		char *interpreter;           /* NULL: the command is not a script */
		struct policy_hashes hashes; /* none: the interpreter must be trusted */
		struct policy_strings options;
	} script;

	struct {
		struct policy_strings prepend; /* in front of the caller's arguments */
		struct policy_lines allow;     /* one of them must match; none: any arguments */
		struct policy_strings deny;    /* no argument may match */
	} arguments;

	struct {
		struct policy_strings
			inherit; /* names and fnmatch patterns; the default list when absent */
		bool inherit_unsaid;
		bool homeless; /* system mode: where nothing says HOME, it is "/" */
		struct policy_variable *set;
		size_t set_count;
	} environment;

	struct {
		char *directory; /* NULL: not given. POLICY_CALLER: the caller's. Else a path */
		enum policy_home home;
		bool home_stays;   /* system mode: only a home that nobody but root can move away */
		bool tmp_host;     /* tmp = "host" */
		uint64_t tmp_size; /* bytes; 0: unsaid */
		struct policy_strings hidden;
		struct policy_strings writable; /* paths, and "." for the caller's directory */
		struct policy_strings keep;
		char *root; /* NULL: the host's */
	} filesystem;

	struct {
		enum policy_network access;
		bool listen;
		bool unix_sockets;
	} network;

	struct {
		enum sandbox_profile seccomp;
		struct policy_strings exec; /* programs it may start; items NULL: any */
		bool keep_all_fds;          /* keep_fds = "all" */
		struct policy_numbers keep_fds;
		bool as_other; /* user and group are given */
		uint32_t user;
		uint32_t group;
	} process;
	struct sandbox_limits limits;

	enum policy_mask mask; /* output.mask */
};

/*
 * Reads and checks a policy. `file` is for messages. The caller frees with policy_free.
 * -EBADMSG: "file:line:column: key: what is wrong". -EFBIG, -ENOMEM.
 */
int policy_parse(const char *text, size_t size, const char *file, struct policy **ret_policy,
                 struct error *err);

/* Ends the error of a policy whose `command` is not the command that its file's path names. */
#define POLICY_MISPLACED                                                                           \
	"command: the file's path names another command; move the file or correct this key"

/* -EBADMSG: `file`, found under the name `command`, is for another command. */
int policy_check_command(const struct policy *policy, const char *command, const char *file,
                         struct error *err);

/*
 * Applies the defaults of system mode to keys that the policy does not have. -ENOMEM. -EBADMSG: the
 * policy has a key that is for user mode only.
 */
int policy_for_system(struct policy *policy, struct error *err);

const char *policy_seccomp_name(enum sandbox_profile profile);
/* A key of the format, as the schema's table has it. */
struct policy_key {
	const char *table;  /* "" for the root, "secrets.*" for the table of one secret */
	const char *key;    /* "*": any name that the policy's writer makes up */
	const char *type;   /* "string", "array" ...; "any" where several are taken */
	unsigned int tiers; /* bit N: it has an effect in enum sandbox_tier N */
};

/* The keys one after the other, from 0; false behind the last. */
bool policy_key_at(size_t index, struct policy_key *ret_key);

const char *policy_tier_name(enum sandbox_tier tier);
int policy_tier_parse(const char *name, enum sandbox_tier *ret_tier);

void policy_free(struct policy *policy);

DEFINE_CLEANUP(policy, struct policy *, policy_free)
#define cleanup_policy __attribute__((cleanup(cleanup_policy_)))

#endif
