#include "cmd/doctor/doctor.h"

#include <stdio.h>
#include <unistd.h>

/*
 * In system mode, tier none needs Landlock and, where ids can be mapped, a user namespace
 * (doc/system-mode.md, "The two walls").
 */
static bool none_works_in_system_mode(const struct doctor *doctor) {
	return doctor->landlock && (doctor->user_namespaces || doctor->install == INSTALL_LIGHT);
}

static bool works(const struct doctor *doctor, enum sandbox_tier tier, bool system) {
	if (system && tier == SANDBOX_TIER_NONE && !none_works_in_system_mode(doctor))
		return false;
	if (tier != SANDBOX_TIER_NONE && doctor->install == INSTALL_LIGHT)
		return false;
	return doctor->tiers[tier];
}

/* The tiers that work, for the sentence. */
static const char *tiers_text(const struct doctor *doctor, bool system) {
	/* clang-format off */
	static const char *const texts[] = {
		"no tier", "tier none",
		"tier hardened", "tiers none and hardened",
		"tier lockdown", "tiers none and lockdown",
		"tiers hardened and lockdown", "tiers none, hardened and lockdown",
	};
	/* clang-format on */
	size_t index = 0;
	for (enum sandbox_tier tier = SANDBOX_TIER_NONE; tier <= SANDBOX_TIER_LOCKDOWN; tier++)
		index |= works(doctor, tier, system) ? (size_t)1 << tier : 0;
	return texts[index];
}

static bool all_tiers(const struct doctor *doctor) {
	return doctor->tiers[SANDBOX_TIER_HARDENED] && doctor->tiers[SANDBOX_TIER_LOCKDOWN];
}

static void say(struct verdict *verdict, const char *boundary, const char *advice) {
	verdict->boundary = boundary;
	snprintf(verdict->advice, sizeof(verdict->advice), "%s", advice);
}

static void nothing_works(const struct doctor *doctor, struct verdict *verdict) {
	(void)doctor;
	say(verdict, "none", "First fix what is missing above.");
	snprintf(verdict->sentence, sizeof(verdict->sentence),
	         "No boundary: envseal-exec lacks something here that it needs.");
}

static void user_mode(const struct doctor *doctor, struct verdict *verdict) {
	say(verdict, "user",
	    "For a boundary, set up system mode as root: envseal-system-setup; "
	    "SECURITY.md says what it protects.");
	snprintf(verdict->sentence, sizeof(verdict->sentence),
	         "User mode (%s) prevents accidents and is no boundary: every "
	         "program with your uid can read the vault while it is open, and the "
	         "memory of running programs.",
	         tiers_text(doctor, false));
}

static void privilege_withheld(const struct doctor *doctor, struct verdict *verdict) {
	say(verdict, "user", "For the boundary, start envseal-exec outside this sandbox.");
	snprintf(verdict->sentence, sizeof(verdict->sentence),
	         "System mode is installed, but this is user mode, which is no boundary: %s, so "
	         "the kernel grants envseal-exec no privilege.",
	         doctor->no_privileges);
}

static void only_root(const struct doctor *doctor, struct verdict *verdict) {
	say(verdict, "user", "To give users the boundary too, run envseal-system-setup.");
	snprintf(verdict->sentence, sizeof(verdict->sentence),
	         "System mode for root alone (%s): envseal-exec has no privilege, so "
	         "ordinary users get user mode, which is no boundary.",
	         tiers_text(doctor, true));
}

static void system_mode(const struct doctor *doctor, struct verdict *verdict) {
	bool light = doctor->install == INSTALL_LIGHT;
	say(verdict, "system",
	    light ? "For hardened and lockdown, install with capabilities: envseal-system-setup."
	    : all_tiers(doctor) ? "There is nothing stronger to set up."
	                        : "For the other tiers, fix what is weak above.");
	snprintf(verdict->sentence, sizeof(verdict->sentence),
	         "System mode (%s), a boundary: only root can read the vault, change "
	         "the policies, or read the memory of a program that has a secret.",
	         tiers_text(doctor, true));
}

void doctor_conclude(const struct doctor *doctor, struct verdict *ret_verdict) {
	bool privileged = doctor->install != INSTALL_PLAIN;
	bool set_up = doctor->system_set_up && doctor->system_vault;
	if (doctor->lacking)
		nothing_works(doctor, ret_verdict);
	else if (!privileged && set_up && geteuid() == 0)
		only_root(doctor, ret_verdict);
	else if (privileged && doctor->no_privileges)
		privilege_withheld(doctor, ret_verdict);
	else if (!privileged || !set_up)
		user_mode(doctor, ret_verdict);
	else
		system_mode(doctor, ret_verdict);
}
