#ifndef ENVSEAL_POLICY_SCHEMA_H
#define ENVSEAL_POLICY_SCHEMA_H

#include "policy/policy.h"
#include "toml/toml.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * How the keys of a policy are read: a table of rows (schema.c), one loop over it (engine.c), and a
 * function for each kind of value (fields*.c and others). Only policy.c uses this.
 */

struct schema_reader {
	const struct schema_row *rows;
	const char *file;
	struct policy *policy;
	const struct toml_string *name; /* of the entry being read */
	char path[256];                 /* the same with its tables in front, for messages */
	struct error *err;
};

/* Reads one value, whose type has been checked, to where its row says. 0 or a negative errno. */
typedef int schema_read(struct schema_reader *reader, const struct toml_value *value, void *into);

/* The type is up to the row's function. */
#define SCHEMA_ANY_TYPE (-1)

struct schema_row {
	const char *table; /* "" for the root; NULL ends the rows */
	const char *key;   /* "*" for every key that the writer of the policy makes up */
	int type;          /* enum toml_type or SCHEMA_ANY_TYPE */
	schema_read *read;
	size_t offset;      /* what `read` is given, from the base of its table */
	unsigned int tiers; /* where the key has an effect */
};

/* The whole format. */
extern const struct schema_row schema_of_policies[];

/* Checks one value. */
typedef int schema_check(struct schema_reader *reader, const struct toml_value *value);

/* -EBADMSG, the text after "file:line:column: key: ". It must not contain a value of the file. */
int schema_fail(struct schema_reader *reader, struct toml_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* -ENOMEM */
int schema_no_memory(struct schema_reader *reader);

/*
 * Reads a table's entries; `table` is its name in the schema, `base` what the rows' offsets add to.
 */
int schema_read_table(struct schema_reader *reader, const char *table,
                      const struct toml_value *value, void *base);

/* Reads one key of the root before all others. The key is required. */
int schema_read_required(struct schema_reader *reader, const struct toml_value *root,
                         const char *key);

/* Compares by length too: TOML allows \u0000 in keys and strings. */
bool schema_equals(const struct toml_string *string, const char *text);

/* The index of the word among at most three, or a negative errno. */
int schema_choose(struct schema_reader *reader, const struct toml_value *value,
                  const char *const words[static 3]);

/* Copies a string without NUL bytes, in place of what *into has. */
int schema_copy(struct schema_reader *reader, const struct toml_value *value, char **into);

/* An array of `min` to `max` strings without NUL bytes; a copy of one. */
int schema_check_strings(struct schema_reader *reader, const struct toml_value *array, size_t min,
                         size_t max);
int schema_copy_strings(struct schema_reader *reader, const struct toml_value *array,
                        struct policy_strings *strings);

/*
 * Both, each string checked by `check`, which may be NULL. The copy of an empty list has items, so
 * that it differs from an absent list.
 */
int schema_read_list(struct schema_reader *reader, const struct toml_value *array, size_t min,
                     size_t max, schema_check *check, struct policy_strings *strings);

/* Runs checks, of which NULL is the last, until one fails. */
int schema_check_each(struct schema_reader *reader, const struct toml_value *value,
                      schema_check *const checks[]);

/* fields.c: `into` is ... */
schema_read field_version; /* not used */
schema_read field_tier;    /* enum sandbox_tier */
schema_read field_path;    /* char *: absolute and normal */
schema_read field_string;  /* char * */
schema_read field_bool;    /* bool */
schema_read field_hashes;  /* struct policy_hashes */
schema_read field_pin;     /* bool: trusted */
schema_read field_expires; /* struct policy */
schema_read field_options; /* struct policy_strings */
schema_read field_inherit; /* struct policy_strings */
schema_read field_set;     /* struct policy */
schema_read field_network; /* enum policy_network */
schema_read field_mask;    /* enum policy_mask */

/* fields_secrets.c: [secrets] */
schema_read field_secret;      /* struct policy, for any key */
schema_read field_secret_name; /* struct policy_secret */
schema_read field_template;    /* struct policy_secret */
schema_read field_deliver;     /* struct policy_secret */
schema_read field_descriptor;  /* struct policy_secret */

/* arguments.c: [arguments] */
schema_read field_prepend; /* struct policy_strings */
schema_read field_allow;   /* struct policy_lines */
schema_read field_deny;    /* struct policy_strings */

/* quantity.c: `into` is a uint64_t in the unit of struct sandbox_limits. */
schema_read field_timeout;
schema_read field_memory;
schema_read field_processes;
schema_read field_open_files;
schema_read field_file_size;
schema_read field_cpu_time;
schema_read field_tmp_size;

/* Refuses invalid names, and variables that no program may be started with. */
int schema_check_variable(struct schema_reader *reader, struct toml_place place,
                          const struct toml_string *name);

/* fields_process.c */
schema_read field_seccomp; /* enum sandbox_profile */
schema_read field_exec;    /* struct policy_strings */

/* places.c: [filesystem], and the identity keys of [process] */
schema_read field_directory; /* char *: a path, or POLICY_CALLER */
schema_read field_home;      /* enum policy_home */
schema_read field_tmp;       /* bool: the host's */
schema_read field_hidden;    /* struct policy_strings */
schema_read field_writable;  /* struct policy_strings */
schema_read field_keep;      /* struct policy_strings */
schema_read field_keep_fds;  /* struct policy.process */
schema_read field_id;        /* uint32_t */

/*
 * places.c: whether the keys of [filesystem], and those of a process's identity, fit each other.
 * Takes the root.
 */
schema_check schema_check_places;
schema_check schema_check_identity;

#endif
