#ifndef ENVSEAL_CMD_DOCTOR_DOCTOR_H
#define ENVSEAL_CMD_DOCTOR_DOCTOR_H

#include "cmd/doctor/finding.h"
#include "cmd/options.h"
#include "policy/system.h"
#include "sandbox/tier.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* The checks of `envseal doctor`, which change nothing; doctor.c has their table. */

/* How envseal-exec is installed. */
enum doctor_install {
	INSTALL_ABSENT,
	INSTALL_PLAIN,        /* no privilege: user mode */
	INSTALL_CAPABILITIES, /* set-gid and capabilities: all of system mode */
	INSTALL_LIGHT,        /* set-uid and set-gid of the service ids: tier none of system mode */
	INSTALL_SETUID_ROOT,
	INSTALL_UNKNOWN, /* some privilege, but this user namespace does not map its owner */
	INSTALL_WRONG,   /* anything else */
};

/* What later checks and the verdict build on. */
struct doctor {
	const struct cmd_common *common;
	struct stat binary;
	uint64_t capabilities; /* the file's permitted ones; bits as in capabilities(7) */
	bool effective;        /* and they are in force from the start */
	bool nosuid;           /* it lies on a mount with nosuid */
	enum doctor_install install;
	bool system_set_up; /* system.toml exists and is valid */
	struct system system;
	bool system_vault;         /* exists, or we may not look */
	const char *no_privileges; /* why the kernel grants none; NULL: it does */
	bool landlock;
	bool user_namespaces;
	bool tiers[SANDBOX_TIER_LOCKDOWN + 1]; /* which of them work */
	bool lacking;                          /* a check said "missing" */
};

typedef void doctor_look(struct doctor *doctor, struct finding *finding);

/* install.c, in this order: later ones need what earlier ones saw. */
doctor_look doctor_binary, doctor_helper, doctor_system, doctor_authority, doctor_process,
	doctor_vault, doctor_system_vault;

/* kernel.c */
doctor_look doctor_user_namespaces, doctor_fresh_proc, doctor_landlock, doctor_seccomp,
	doctor_tier_none, doctor_tier_hardened, doctor_tier_lockdown, doctor_memory, doctor_memfd,
	doctor_core, doctor_hidepid;

/* verdict.c: in one sentence what holds here, and in one what to do for more. */
struct verdict {
	const char *boundary; /* "none", "user", "system" */
	char sentence[512];
	char advice[512];
};
void doctor_conclude(const struct doctor *doctor, struct verdict *ret_verdict);

#endif
