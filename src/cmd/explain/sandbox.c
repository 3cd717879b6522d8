#include "cmd/explain/explain.h"

#include "cmd/json.h"
#include "run/location.h"
#include "sandbox/spec.h"
#include "util/cleanup.h"

#include <inttypes.h>
#include <linux/sched.h>
#include <string.h>

/* The features of a sandbox (sandbox/spec.h) in words. */
static const struct {
	uint32_t feature;
	const char *name;
	const char *text;
} features[] = {
	/* clang-format off */
	{SANDBOX_READONLY_ROOT, "read-only", "all files are read-only"},
	{SANDBOX_OWN_ROOT, "root", "filesystem.root becomes '/'"},
	{SANDBOX_FRESH_PROC, "proc", "/proc is fresh and read-only"},
	{SANDBOX_PRIVATE_TMP, "tmp", "/tmp, /var/tmp and /dev/shm are private"},
	{SANDBOX_HOST_TMP, "host-tmp", "/tmp and /var/tmp are the host's, read-only"},
	{SANDBOX_FRESH_RUN, "run", "/run is empty"},
	{SANDBOX_KEEP_RESOLVER, "resolver", "the target of /etc/resolv.conf stays in it"},
	{SANDBOX_MINIMAL_DEV, "dev", "/dev has harmless devices only"},
	{SANDBOX_PLAIN_STDIO, "stdio",
	 "descriptors 0-2 are pipes, terminals, harmless devices and regular files only"},
	{SANDBOX_WRITE_RULE, "write", "nothing is written outside"},
	{SANDBOX_SCOPE, "scope", "no signals and no abstract sockets to the outside"},
	{SANDBOX_SECCOMP, "seccomp", "no calls that reach other processes and namespaces"},
	{SANDBOX_SURFACE, "surface", "no rarely used parts of the kernel"},
	{SANDBOX_LISTS, "lists", "only harmless ioctl, fcntl and prctl requests"},
	{SANDBOX_CORE_LIMIT, "core", "a crash leaves no memory to a core file or handler"},
	{SANDBOX_NO_SETID, "set-id", "it cannot make set-id files or give files to the run group"},
	/* clang-format on */
};

static const struct {
	uint64_t flag;
	const char *name;
} namespaces[] = {
	/* clang-format off */
	{CLONE_NEWUSER, "user"}, {CLONE_NEWPID, "pid"},
	{CLONE_NEWIPC, "ipc"}, {CLONE_NEWNS, "mount"},
	/* clang-format on */
};

static void explain_namespaces(const struct sandbox_spec *spec, struct explain_part *part) {
	cleanup_buffer struct buffer names = BUFFER_INIT;
	json_t *array = json_array();
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		if (!(spec->namespaces & namespaces[i].flag))
			continue;
		buffer_format(&names, " %s", namespaces[i].name);
		json_array_append_new(array, json_string(namespaces[i].name));
	}
	if (spec->features & SANDBOX_OWN_NETWORK) {
		buffer_string(&names, " net");
		json_array_append_new(array, json_string("net"));
	}
	explain_line(part, "own namespaces:%s", names.size ? names.bytes : " none");
	explain_fact(part, "namespaces", array);
}

static void explain_features(const struct sandbox_spec *spec, struct explain_part *part) {
	json_t *array = json_array();
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		if (!(spec->features & features[i].feature))
			continue;
		explain_line(part, "%s", features[i].text);
		json_array_append_new(array, json_string(features[i].name));
	}
	explain_line(part, "no new privileges, no capabilities");
	explain_fact(part, "features", array);
}

/* "NAME: A B", and as an array. */
static void explain_strings(struct explain_part *part, const char *fact, const char *title,
                            const struct policy_strings *strings) {
	cleanup_buffer struct buffer names = BUFFER_INIT;
	json_t *array = json_array();
	for (size_t i = 0; i < strings->count; i++) {
		buffer_format(&names, " %s", strings->items[i]);
		json_array_append_new(array, json_text(strings->items[i]));
	}
	if (strings->items)
		explain_line(part, "%s:%s", title, names.size ? names.bytes : " none");
	explain_fact(part, fact, strings->items ? array : json_null());
	if (!strings->items)
		json_decref(array);
}

static void explain_places(const struct run *run, struct explain_part *part) {
	const struct policy *policy = run->policy;
	const char *directory = policy->filesystem.directory;
	bool callers = !directory || strcmp(directory, POLICY_CALLER) == 0;
	explain_line(part, "it starts in %s", callers ? "the caller's directory" : directory);
	const char *home = run->home.directory;
	explain_line(part, "its home is %s%s", home ? "empty, at " : "the host's",
	             home ? home : "");
	explain_fact(part, "directory",
	             callers ? json_string(POLICY_CALLER) : json_text(directory));
	explain_fact(part, "private_home", json_text(run->home.directory));
	explain_strings(part, "hidden", "hidden", &policy->filesystem.hidden);
	explain_strings(part, "writable", "stays writable", &policy->filesystem.writable);
	explain_strings(part, "keep", "stays visible", &policy->filesystem.keep);
	explain_fact(part, "root", json_text(policy->filesystem.root));
}

void explain_tier(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const struct policy *policy = run->policy;
	explain_line(part, "%s", policy_tier_name(policy->tier));
	explain_fact(part, "tier", json_string(policy_tier_name(policy->tier)));
	explain_namespaces(run->spec, part);
	explain_features(run->spec, part);
	explain_places(run, part);
	explain_line(part, "system calls: %s", policy_seccomp_name(policy->process.seccomp));
	explain_fact(part, "calls", json_string(policy_seccomp_name(policy->process.seccomp)));
	explain_strings(part, "exec", "it may execute itself and", &policy->process.exec);
	if (policy->process.as_other)
		explain_line(part, "as uid %u, gid %u", policy->process.user,
		             policy->process.group);
	explain_stage(part, explained, "tier", NULL);
	explain_stage(part, explained, "places", NULL);
	explain_stage(part, explained, "sandbox", NULL);
}

void explain_network(const struct explained *explained, struct explain_part *part) {
	const uint32_t has = explained->run->spec->features;
	const bool none = has & SANDBOX_OWN_NETWORK, listen = !(has & SANDBOX_NO_LISTEN),
		   local = !(has & SANDBOX_NO_UNIX);
	explain_line(part, "%s; %s accept connections, %s open Unix sockets",
	             none ? "none but its own loopback" : "the host's",
	             listen ? "it may" : "it may not", local ? "may" : "may not");
	explain_fact(part, "access", json_string(none ? "none" : "host"));
	explain_fact(part, "listen", json_boolean(listen));
	explain_fact(part, "unix", json_boolean(local));
}

void explain_limits(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const struct sandbox_limits *limits = &run->policy->limits;
	const struct {
		const char *name;
		uint64_t value;
		const char *unit;
	} rows[] = {
		{"timeout", limits->timeout, " ms"},        {"memory", limits->memory, " bytes"},
		{"processes", limits->processes, ""},       {"open_files", limits->open_files, ""},
		{"file_size", limits->file_size, " bytes"}, {"cpu_time", limits->cpu_time, " s"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].value)
			explain_line(part, "%s: %" PRIu64 "%s", rows[i].name, rows[i].value,
			             rows[i].unit);
		explain_fact(part, rows[i].name,
		             rows[i].value ? json_integer((json_int_t)rows[i].value) : json_null());
	}
	if (part->text.size == 0)
		explain_line(part, "none");
	if (run->limits_by != LIMITS_BY_NONE)
		explain_line(part, "memory and processes are limited by: %s",
		             limits_by_name(run->limits_by));
	explain_fact(part, "by", json_string(limits_by_name(run->limits_by)));
}

void explain_output(const struct explained *explained, struct explain_part *part) {
	static const struct {
		const char *name;
		const char *text;
	} modes[] = {
		/* clang-format off */
		[POLICY_MASK_ALWAYS] = {"always",
			"secrets in standard output and error become [envseal:NAME]; on a "
			"terminal the command gets one of its own"},
		[POLICY_MASK_PIPES] = {"pipes",
			"secrets in standard output and error become [envseal:NAME], but "
			"not on a terminal"},
		[POLICY_MASK_NEVER] = {"never", "not masked"},
		/* clang-format on */
	};
	const struct policy *policy = explained->run->policy;
	explain_line(part, "%s",
	             policy->secret_count ? modes[policy->mask].text
	                                  : "there is no secret to mask");
	explain_fact(part, "mask", json_string(modes[policy->mask].name));
}
