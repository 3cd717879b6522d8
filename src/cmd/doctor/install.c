#include "cmd/doctor/doctor.h"

#include "cmd/open.h"
#include "util/buffer.h"
#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/proc.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>

#define BIT(capability) (UINT64_C(1) << (capability))
#define WANTED (BIT(CAP_SETUID) | BIT(CAP_SETGID))

/* "cap_setgid,cap_setuid=ep", as getcap(8) prints it. The caller frees. */
static char *capabilities_text(const struct doctor *doctor) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	for (unsigned int i = 0; i < 64; i++) {
		const char *name =
			doctor->capabilities & BIT(i) ? capng_capability_to_name(i) : NULL;
		if (name)
			buffer_format(&text, "%scap_%s", text.size ? "," : "", name);
	}
	if (text.size)
		buffer_string(&text, doctor->effective ? "=ep" : "=p");
	else
		buffer_string(&text, "no capabilities");
	return buffer_steal(&text);
}

static bool in_user_namespace(void) {
	struct stat st;
	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != PROC_INITIAL_USER_NAMESPACE;
}

/* Judges the mode only; doctor_authority compares the owner with the service ids, read later. */
static enum doctor_install kind_of(const struct doctor *doctor) {
	const struct stat *st = &doctor->binary;
	bool set_uid = st->st_mode & S_ISUID, set_gid = st->st_mode & S_ISGID;
	if (!set_uid && !set_gid && !doctor->capabilities)
		return INSTALL_PLAIN;
	if (in_user_namespace() &&
	    (st->st_uid == PROC_UNMAPPED_ID || st->st_gid == PROC_UNMAPPED_ID))
		return INSTALL_UNKNOWN;
	if (doctor->binary.st_mode & (S_IWGRP | S_IWOTH))
		return INSTALL_WRONG;
	if (set_uid && doctor->binary.st_uid == 0)
		return INSTALL_SETUID_ROOT;
	if (set_uid && set_gid && !doctor->capabilities)
		return INSTALL_LIGHT;
	if (!set_uid && set_gid && doctor->binary.st_uid == 0 &&
	    (doctor->capabilities & WANTED) == WANTED)
		return INSTALL_CAPABILITIES;
	return INSTALL_WRONG;
}

static void describe_binary(const struct doctor *doctor, struct finding *finding) {
	const struct stat *st = &doctor->binary;
	cleanup_free char *capabilities = capabilities_text(doctor);
	char mode[8];
	snprintf(mode, sizeof(mode), "%04o", st->st_mode & 07777);
	finding_fact(finding, "path", json_string(ENVSEAL_EXEC));
	finding_fact(finding, "mode", json_string(mode));
	finding_fact(finding, "uid", json_integer(st->st_uid));
	finding_fact(finding, "gid", json_integer(st->st_gid));
	finding_fact(finding, "capabilities", json_string(capabilities ? capabilities : ""));
	finding_fact(finding, "nosuid", json_boolean(doctor->nosuid));
	finding_set(finding, FINDING_OK, "%s, mode %s, uid %u, gid %u, %s%s", ENVSEAL_EXEC, mode,
	            st->st_uid, st->st_gid, capabilities ? capabilities : "",
	            doctor->nosuid ? ", on a nosuid mount" : "");
}

void doctor_binary(struct doctor *doctor, struct finding *finding) {
	struct statvfs mount;
	if (stat(ENVSEAL_EXEC, &doctor->binary) < 0 || access(ENVSEAL_EXEC, X_OK) < 0) {
		finding_set(finding, FINDING_MISSING, "'%s': %s", ENVSEAL_EXEC, strerror(errno));
		finding_advise(finding, "install envseal again");
		return;
	}
	doctor->nosuid = statvfs(ENVSEAL_EXEC, &mount) == 0 && (mount.f_flag & ST_NOSUID);
	doctor->capabilities = capabilities_of_file(ENVSEAL_EXEC, &doctor->effective);
	doctor->install = kind_of(doctor);
	describe_binary(doctor, finding);
}

void doctor_helper(struct doctor *doctor, struct finding *finding) {
	(void)doctor;
	if (access(ENVSEAL_HELPER, X_OK) < 0) {
		finding_set(finding, FINDING_MISSING, "'%s': %s", ENVSEAL_HELPER, strerror(errno));
		finding_advise(finding, "install envseal again");
		return;
	}
	finding_set(finding, FINDING_OK, "%s", ENVSEAL_HELPER);
}

/* A member of the run group could inspect the programs that run with it (authority/privilege.h). */
static bool is_member(gid_t group) {
	int count = getgroups(0, NULL);
	cleanup_free gid_t *groups = calloc((size_t)(count > 0 ? count : 0) + 1, sizeof(*groups));
	count = groups && count > 0 ? getgroups(count, groups) : 0;
	for (int i = 0; i < count; i++) {
		if (groups[i] == group)
			return true;
	}
	return getgid() == group;
}

static void describe_system(const struct system *system, struct finding *finding) {
	finding_fact(finding, "service_uid", json_integer(system->service_uid));
	finding_fact(finding, "run_gid", json_integer(system->run_gid));
	finding_set(finding, FINDING_OK, "service uid %u, run group %u", system->service_uid,
	            system->run_gid);
	if (is_member(system->run_gid)) {
		finding_set(finding, FINDING_MISSING, "this user is in the run group %u",
		            system->run_gid);
		finding_advise(finding,
		               "this group protects running programs from users; remove all its "
		               "members");
	}
}

/* User mode does not need the ids, so an untrusted file matters less there. */
void doctor_system(struct doctor *doctor, struct finding *finding) {
	struct error err;
	int r = system_read(SYSTEM_FILE, &TRUST_ROOT, &doctor->system, &err);
	bool unused = doctor->install == INSTALL_PLAIN || doctor->install == INSTALL_UNKNOWN;
	doctor->system_set_up = r == 0;
	if (r == -ENOENT)
		finding_set(finding, FINDING_NOTE, "none: there is no '%s'", SYSTEM_FILE);
	else if (r < 0)
		finding_set(finding, unused ? FINDING_WEAK : FINDING_MISSING, "%s", err.text);
	else
		describe_system(&doctor->system, finding);
}

/* The name of each kind, and what it provides. */
static const struct kind {
	const char *name;
	const char *text;
	bool uid; /* the file's owner must be the service user */
} kinds[] = {
	/* clang-format off */
	[INSTALL_ABSENT] = {"absent",
		"envseal-exec is not installed", false},
	[INSTALL_PLAIN] = {"none",
		"none: every program runs with its caller's rights", false},
	[INSTALL_CAPABILITIES] = {"capabilities",
		"set-gid and capabilities: every tier of system mode", false},
	[INSTALL_LIGHT] = {"light",
		"set-uid and set-gid without capabilities: only tier none of system mode", true},
	[INSTALL_SETUID_ROOT] = {"setuid-root",
		"set-uid root, which it gives up at once: every tier of system mode", false},
	[INSTALL_UNKNOWN] = {"unknown",
		"some, but this user namespace hides who owns the file", false},
	[INSTALL_WRONG] = {"wrong",
		"its owner, mode and capabilities fit no supported installation", false},
	/* clang-format on */
};

static bool ids_agree(const struct doctor *doctor, const struct kind *kind) {
	bool set_gid = doctor->binary.st_mode & S_ISGID;
	return (!kind->uid || doctor->binary.st_uid == doctor->system.service_uid) &&
	       (!set_gid || doctor->binary.st_gid == doctor->system.run_gid);
}

static void check_privileged(struct doctor *doctor, const struct kind *kind,
                             struct finding *finding) {
	if (!doctor->system_set_up) {
		finding_set(finding, FINDING_MISSING, "%s, but there is no usable '%s'", kind->text,
		            SYSTEM_FILE);
	} else if (!ids_agree(doctor, kind)) {
		finding_set(finding, FINDING_MISSING, "%s, but '%s' names other ids", kind->text,
		            SYSTEM_FILE);
		doctor->install = INSTALL_WRONG;
	} else if (doctor->capabilities & ~WANTED) {
		finding_set(finding, FINDING_WEAK, "%s, but it has more capabilities than it needs",
		            kind->text);
		finding_advise(finding, "run as root: setcap cap_setuid,cap_setgid=ep '%s'",
		               ENVSEAL_EXEC);
	} else {
		finding_set(finding, FINDING_OK, "%s", kind->text);
	}
}

/*
 * A wrong privileged installation is worse than none: it is refused, or protects less than it
 * seems to.
 */
void doctor_authority(struct doctor *doctor, struct finding *finding) {
	const struct kind *kind = &kinds[doctor->install];
	if (doctor->install == INSTALL_ABSENT || doctor->install == INSTALL_WRONG)
		finding_set(finding, FINDING_MISSING, "%s", kind->text);
	else if (doctor->install == INSTALL_PLAIN || doctor->install == INSTALL_UNKNOWN)
		finding_set(finding, FINDING_NOTE, "%s", kind->text);
	else
		check_privileged(doctor, kind, finding);
	finding_fact(finding, "kind", json_string(kind->name));
	if (finding->level == FINDING_MISSING)
		finding_advise(finding,
		               "run as root: envseal-system-setup, or install envseal again for "
		               "user mode");
}

static int tracer(void) {
	int pid = 0;
	return proc_field(AT_FDCWD, "/proc/self/status", "TracerPid", &pid) < 0 ? 0 : pid;
}

/*
 * In a user namespace the kernel honours set-id bits only of ids that are mapped there, as a
 * container's.
 */
void doctor_process(struct doctor *doctor, struct finding *finding) {
	bool plain = doctor->install == INSTALL_PLAIN;
	bool foreign = in_user_namespace() && (plain || doctor->install == INSTALL_UNKNOWN);
	const struct {
		const char *name;
		bool holds;
		const char *text;
	} reasons[] = {
		{"no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) > 0,
	         "no_new_privs is set, as by bubblewrap or a unit with NoNewPrivileges="},
		{"traced", tracer() != 0, "this process is traced, as by strace or gdb"},
		{"user_namespace", foreign, "this is a user namespace that an ordinary user made"},
		{"nosuid", doctor->nosuid, "envseal-exec lies on a mount with nosuid"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		finding_fact(finding, reasons[i].name, json_boolean(reasons[i].holds));
		if (reasons[i].holds && !doctor->no_privileges)
			doctor->no_privileges = reasons[i].text;
	}
	if (doctor->no_privileges)
		finding_set(finding, plain ? FINDING_NOTE : FINDING_WEAK,
		            "the kernel grants it no privilege: %s", doctor->no_privileges);
	else
		finding_set(finding, FINDING_OK, "the kernel grants privilege to what it starts");
}

static const struct {
	enum vault_slot slot;
	const char *name;
} slots[] = {
	{VAULT_SLOT_HOST_KEY, "key file"},
	{VAULT_SLOT_PASSPHRASE, "passphrase"},
	{VAULT_SLOT_RECOVERY, "recovery key"},
	{VAULT_SLOT_KEY_FILE, "key file elsewhere"},
	{VAULT_SLOT_CREDENTIAL, "systemd credential"},
	{VAULT_SLOT_TPM2, "TPM"},
};

/* -EPERM and other errors: the slot exists, and others can read or write it. */
static int list_slots(const struct vault *vault, struct buffer *text, json_t *array,
                      struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		int r = vault_has_slot(vault, slots[i].slot, err);
		if (r < 0 && r != -ENOENT)
			return r;
		if (r == -ENOENT)
			continue;
		buffer_format(text, "%s%s", text->size ? ", " : "", slots[i].name);
		json_array_append_new(array, json_string(slots[i].name));
	}
	return text->failed ? error_errno(err, ENOMEM, "slots") : 0;
}

static void describe_vault(const struct vault *vault, struct finding *finding) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	struct error err;
	json_t *array = json_array();
	int r = list_slots(vault, &text, array, &err);
	finding_fact(finding, "slots", array);
	if (r < 0)
		finding_set(finding, FINDING_MISSING, "%s", err.text);
	else if (text.size == 0)
		finding_set(finding, FINDING_WEAK,
		            "'%s' has no slot; only ENVSEAL_KEY_FILE opens it",
		            vault_directory(vault));
	else
		finding_set(finding, FINDING_OK, "'%s', opened by: %s", vault_directory(vault),
		            text.bytes);
}

void doctor_vault(struct doctor *doctor, struct finding *finding) {
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	int r = cmd_open_vault(doctor->common, false, &vault, &err);
	finding_fact(finding, "present", json_boolean(r == 0));
	if (r < 0)
		finding_set(finding, r == -ENOENT ? FINDING_NOTE : FINDING_MISSING, "%s", err.text);
	else
		describe_vault(vault, finding);
}

static void check_system_vault(const struct doctor *doctor, const struct stat *st,
                               struct finding *finding) {
	if (st->st_uid == doctor->system.service_uid && !(st->st_mode & (S_IRWXG | S_IRWXO))) {
		finding_set(finding, FINDING_OK,
		            "'%s' belongs to the service uid, and is closed to all others",
		            SYSTEM_VAULT);
		return;
	}
	finding_set(finding, FINDING_MISSING, "'%s' belongs to uid %u with mode %04o", SYSTEM_VAULT,
	            st->st_uid, st->st_mode & 07777);
	finding_advise(finding, "run as root: chown -R %u '%s' && chmod -R go= '%s'",
	               doctor->system.service_uid, SYSTEM_VAULT, SYSTEM_VAULT);
}

void doctor_system_vault(struct doctor *doctor, struct finding *finding) {
	struct stat st;
	int r = stat(SYSTEM_VAULT, &st) < 0 ? -errno : 0;
	doctor->system_vault = r == 0 || r == -EACCES;
	finding_fact(finding, "present", r == -EACCES ? json_null() : json_boolean(r == 0));
	if (!doctor->system_set_up) {
		finding_set(finding, FINDING_NOTE, "system mode is not set up");
	} else if (r == -EACCES) {
		finding_set(finding, FINDING_OK, "this user may not look into '%s'", SYSTEM_VAULT);
	} else if (r < 0) {
		finding_set(finding, FINDING_MISSING, "'%s': %s", SYSTEM_VAULT, strerror(-r));
		finding_advise(finding, "run as root: envseal init --system");
	} else {
		check_system_vault(doctor, &st, finding);
	}
}
