#include "policy/schema.h"

#include "util/cleanup.h"

#define TIER(name) (1U << SANDBOX_TIER_##name)
#define SANDBOXED (TIER(HARDENED) | TIER(LOCKDOWN))
#define ALL_TIERS (TIER(NONE) | SANDBOXED)

#define AT(member) offsetof(struct policy, member)

/* The whole format. doc/formats/policy.md says what each key means. */
const struct schema_row schema_of_policies[] = {
	{"", "version", TOML_INTEGER, field_version, 0, ALL_TIERS},
	{"", "command", TOML_STRING, field_path, AT(command), ALL_TIERS},
	{"", "description", TOML_STRING, field_string, AT(description), ALL_TIERS},
	{"", "tier", TOML_STRING, field_tier, AT(tier), ALL_TIERS},
	{"", "hash", TOML_ARRAY, field_hashes, AT(hashes), ALL_TIERS},
	{"", "pin", TOML_STRING, field_pin, AT(pin_trusted), ALL_TIERS},
	{"", "expires", TOML_DATE_LOCAL, field_expires, 0, ALL_TIERS},

	{"secrets", "*", SCHEMA_ANY_TYPE, field_secret, 0, ALL_TIERS},
	{"secrets.*", "secret", TOML_STRING, field_secret_name, 0, ALL_TIERS},
	{"secrets.*", "template", TOML_STRING, field_template, 0, ALL_TIERS},
	{"secrets.*", "required", TOML_BOOL, field_bool, offsetof(struct policy_secret, required),
         ALL_TIERS},
	{"secrets.*", "deliver", TOML_STRING, field_deliver, 0, ALL_TIERS},
	{"secrets.*", "descriptor", TOML_INTEGER, field_descriptor, 0, ALL_TIERS},

	{"script", "interpreter", TOML_STRING, field_path, AT(script.interpreter), ALL_TIERS},
	{"script", "interpreter_hash", TOML_ARRAY, field_hashes, AT(script.hashes), ALL_TIERS},
	{"script", "options", TOML_ARRAY, field_options, AT(script.options), ALL_TIERS},

	{"arguments", "prepend", TOML_ARRAY, field_prepend, AT(arguments.prepend), ALL_TIERS},
	{"arguments", "allow", TOML_ARRAY, field_allow, AT(arguments.allow), ALL_TIERS},
	{"arguments", "deny", TOML_ARRAY, field_deny, AT(arguments.deny), ALL_TIERS},

	{"environment", "inherit", TOML_ARRAY, field_inherit, AT(environment.inherit), ALL_TIERS},
	{"environment", "set", TOML_TABLE, field_set, 0, ALL_TIERS},

	{"filesystem", "directory", TOML_STRING, field_directory, AT(filesystem.directory),
         ALL_TIERS},
	{"filesystem", "home", TOML_STRING, field_home, AT(filesystem.home), SANDBOXED},
	{"filesystem", "tmp", TOML_STRING, field_tmp, AT(filesystem.tmp_host), SANDBOXED},
	{"filesystem", "hidden", TOML_ARRAY, field_hidden, AT(filesystem.hidden), SANDBOXED},
	{"filesystem", "writable", TOML_ARRAY, field_writable, AT(filesystem.writable),
         TIER(LOCKDOWN)},
	{"filesystem", "keep", TOML_ARRAY, field_keep, AT(filesystem.keep), TIER(LOCKDOWN)},
	{"filesystem", "tmp_size", TOML_STRING, field_tmp_size, AT(filesystem.tmp_size), SANDBOXED},
	{"filesystem", "root", TOML_STRING, field_path, AT(filesystem.root), SANDBOXED},

	{"network", "access", TOML_STRING, field_network, AT(network.access), ALL_TIERS},
	{"network", "listen", TOML_BOOL, field_bool, AT(network.listen), ALL_TIERS},
	{"network", "unix", TOML_BOOL, field_bool, AT(network.unix_sockets), TIER(LOCKDOWN)},

	{"process", "exec", TOML_ARRAY, field_exec, AT(process.exec), SANDBOXED},
	{"process", "seccomp", TOML_STRING, field_seccomp, AT(process.seccomp), ALL_TIERS},
	{"process", "keep_fds", SCHEMA_ANY_TYPE, field_keep_fds, AT(process), SANDBOXED},
	{"process", "user", TOML_INTEGER, field_id, AT(process.user), ALL_TIERS},
	{"process", "group", TOML_INTEGER, field_id, AT(process.group), ALL_TIERS},

	{"limits", "timeout", TOML_STRING, field_timeout, AT(limits.timeout), ALL_TIERS},
	{"limits", "memory", TOML_STRING, field_memory, AT(limits.memory), ALL_TIERS},
	{"limits", "processes", TOML_INTEGER, field_processes, AT(limits.processes), ALL_TIERS},
	{"limits", "open_files", TOML_INTEGER, field_open_files, AT(limits.open_files), ALL_TIERS},
	{"limits", "file_size", TOML_STRING, field_file_size, AT(limits.file_size), ALL_TIERS},
	{"limits", "cpu_time", TOML_STRING, field_cpu_time, AT(limits.cpu_time), ALL_TIERS},

	{"output", "mask", TOML_STRING, field_mask, AT(mask), ALL_TIERS},
	{0},
};

bool policy_key_at(size_t index, struct policy_key *ret_key) {
	if (index >= ARRAY_SIZE(schema_of_policies) - 1)
		return false;
	const struct schema_row *row = &schema_of_policies[index];
	*ret_key = (struct policy_key){
		.table = row->table,
		.key = row->key,
		.type = row->type == SCHEMA_ANY_TYPE ? "any"
	                                             : toml_type_name((enum toml_type)row->type),
		.tiers = row->tiers,
	};
	return true;
}
