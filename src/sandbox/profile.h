#ifndef ENVSEAL_SANDBOX_PROFILE_H
#define ENVSEAL_SANDBOX_PROFILE_H

/*
 * process.seccomp: which system calls a target may make, besides what its tier refuses anyway. From
 * ESSENTIAL on each profile contains the one before it (filter_profiles.c has the calls,
 * doc/seccomp.md explains them).
 */
enum sandbox_profile {
	SANDBOX_PROFILE_DEFAULT, /* the tier's own rules */
	SANDBOX_PROFILE_ESSENTIAL,
	SANDBOX_PROFILE_MINIMAL,
	SANDBOX_PROFILE_IO,
	SANDBOX_PROFILE_COMPUTE,
	SANDBOX_PROFILE_NETWORK,
	SANDBOX_PROFILE_UNRESTRICTED, /* the tier's isolation alone: without SANDBOX_SURFACE */
};

#endif
