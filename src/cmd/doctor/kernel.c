#include "cmd/doctor/doctor.h"

#include "sandbox/confine.h"
#include "sandbox/probe.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/secret.h"

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/*
 * The first line of a file below /proc/sys; NULL when this kernel has no such file. The caller
 * frees.
 */
static char *read_sysctl(const char *file) {
	cleanup_fd int fd = open(file, O_RDONLY | O_CLOEXEC);
	cleanup_buffer struct buffer text = BUFFER_INIT;
	if (fd < 0 || fd_read_all(fd, 4096, &text) < 0)
		return NULL;
	text.bytes[strcspn(text.bytes, "\n")] = '\0';
	return buffer_steal(&text);
}

static void add_sysctl(struct finding *finding, const char *name, const char *file) {
	cleanup_free char *value = read_sysctl(file);
	finding_fact(finding, name, value ? json_string(value) : json_null());
}

void doctor_user_namespaces(struct doctor *doctor, struct finding *finding) {
	static const char *const sysctls[][2] = {
		{"user.max_user_namespaces", "/proc/sys/user/max_user_namespaces"},
		{"kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone"},
		{"kernel.apparmor_restrict_unprivileged_userns",
	         "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"},
	};
	struct error err;
	for (size_t i = 0; i < ARRAY_SIZE(sysctls); i++)
		add_sysctl(finding, sysctls[i][0], sysctls[i][1]);
	int r = probe_user_namespace(&err);
	doctor->user_namespaces = r == 0;
	finding_probe(finding, r, "can be made", FINDING_WEAK, &err);
	if (r < 0)
		finding_advise(finding,
		               "hardened and lockdown need them, except when root runs them; "
		               "system mode needs them in every tier");
}

void doctor_fresh_proc(struct doctor *doctor, struct finding *finding) {
	struct error err;
	(void)doctor;
	finding_probe(finding, probe_fresh_proc(&err), "can be mounted", FINDING_WEAK, &err);
}

#define ABI_SCOPE 6 /* Linux 6.12 */

void doctor_landlock(struct doctor *doctor, struct finding *finding) {
	struct error err;
	int abi = 0;
	int r = confine_landlock_abi(&abi, &err);
	doctor->landlock = r >= 0 && abi > 0;
	finding_fact(finding, "abi", json_integer(abi));
	if (r < 0) {
		finding_set(finding, FINDING_WEAK, "%s", err.text);
	} else if (abi == 0) {
		finding_set(finding, FINDING_WEAK,
		            "this kernel does not have it, or it is switched off");
		finding_advise(finding,
		               "lockdown, and tier none in system mode, need Linux 5.13 or later "
		               "with 'landlock' in its lsm= list");
	} else if (abi < ABI_SCOPE) {
		finding_set(finding, FINDING_WEAK, "ABI %d: no signal and abstract socket scopes",
		            abi);
		finding_advise(finding,
		               "from Linux 6.12 on, hardened also blocks the host's abstract "
		               "sockets");
	} else {
		finding_set(finding, FINDING_OK, "ABI %d", abi);
	}
}

void doctor_seccomp(struct doctor *doctor, struct finding *finding) {
	struct error err;
	(void)doctor;
	finding_probe(finding, probe_seccomp(&err), "filters can be loaded", FINDING_MISSING, &err);
}

static void look_at_tier(struct doctor *doctor, enum sandbox_tier tier,
                         enum finding_level otherwise, struct finding *finding) {
	struct error err;
	int r = probe_tier(tier, &err);
	doctor->tiers[tier] = r == 0;
	finding_probe(finding, r, "works", otherwise, &err);
}

void doctor_tier_none(struct doctor *doctor, struct finding *finding) {
	look_at_tier(doctor, SANDBOX_TIER_NONE, FINDING_MISSING, finding);
}

void doctor_tier_hardened(struct doctor *doctor, struct finding *finding) {
	look_at_tier(doctor, SANDBOX_TIER_HARDENED, FINDING_WEAK, finding);
}

void doctor_tier_lockdown(struct doctor *doctor, struct finding *finding) {
	look_at_tier(doctor, SANDBOX_TIER_LOCKDOWN, FINDING_WEAK, finding);
}

void doctor_memory(struct doctor *doctor, struct finding *finding) {
	struct error err;
	struct rlimit limit = {0};
	cleanup_secret struct secret *secret = NULL;
	(void)doctor;
	getrlimit(RLIMIT_MEMLOCK, &limit);
	bool unlimited = limit.rlim_cur == RLIM_INFINITY;
	finding_fact(finding, "limit",
	             unlimited ? json_null() : json_integer((json_int_t)limit.rlim_cur));
	finding_probe(finding, secret_new(1, &secret, &err), "can be locked", FINDING_MISSING,
	              &err);
}

void doctor_memfd(struct doctor *doctor, struct finding *finding) {
	struct error err;
	(void)doctor;
	add_sysctl(finding, "vm.memfd_noexec", "/proc/sys/vm/memfd_noexec");
	int r = probe_executable_memory(&err);
	finding_probe(finding, r, "can be executed", FINDING_WEAK, &err);
	if (r < 0)
		finding_advise(finding,
		               "only commands that nobody but root can change run; to allow "
		               "others: sysctl vm.memfd_noexec=1");
}

/*
 * Neither envseal nor a target leaves a core, as a file or to a program: their limit is 1
 * (core(5)). A socket (Linux 6.16) ignores the limit and receives what coredump_filter leaves.
 */
void doctor_core(struct doctor *doctor, struct finding *finding) {
	(void)doctor;
	cleanup_free char *pattern = read_sysctl("/proc/sys/kernel/core_pattern");
	bool pipe = pattern && pattern[0] == '|';
	finding_fact(finding, "kernel.core_pattern", pattern ? json_string(pattern) : json_null());
	finding_fact(finding, "pipe", json_boolean(pipe));
	finding_fact(finding, "socket", json_boolean(pattern && pattern[0] == '@'));
	if (pattern && pattern[0] == '@') {
		finding_set(finding, FINDING_WEAK,
		            "go to a socket, whatever the limit: system mode refuses to run, "
		            "and in user mode only coredump_filter protects a program's memory");
		finding_advise(finding, "sysctl kernel.core_pattern=core");
		return;
	}
	finding_set(finding, FINDING_OK, "%s; programs with secrets write none (RLIMIT_CORE 1)",
	            pipe ? "go to a program" : "go to files");
}

/* The last mount on /proc hides the others. */
static char *option_of_proc(const char *name) {
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	char *value = NULL;
	if (!mounts)
		return NULL;
	for (struct mntent *entry; (entry = getmntent(mounts));) {
		if (strcmp(entry->mnt_dir, "/proc") != 0)
			continue;
		const char *option = hasmntopt(entry, name);
		free(value);
		value = option ? strndup(option, strcspn(option, ",")) : NULL;
	}
	endmntent(mounts);
	return value;
}

void doctor_hidepid(struct doctor *doctor, struct finding *finding) {
	(void)doctor;
	cleanup_free char *option = option_of_proc("hidepid");
	const char *value = option && strchr(option, '=') ? strchr(option, '=') + 1 : "off";
	finding_fact(finding, "hidepid", json_string(value));
	bool hidden = strcmp(value, "2") == 0 || strcmp(value, "invisible") == 0;
	finding_set(finding, hidden ? FINDING_OK : FINDING_NOTE,
	            hidden ? "%s: other users do not see a program's arguments"
	                   : "%s: all users see a program's arguments",
	            value);
	if (!hidden)
		finding_advise(finding,
		               "to hide them from other users: mount -o remount,hidepid=2 /proc");
}
