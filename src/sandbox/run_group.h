#ifndef ENVSEAL_SANDBOX_RUN_GROUP_H
#define ENVSEAL_SANDBOX_RUN_GROUP_H

/*
 * The filters are compiled with envseal, and only a run knows the run group. These stand for it in comparisons, for all
 * of a group id and for its low 16 bits; confine_seccomp puts the group in their place. No other rule compares with them.
 */
#define SANDBOX_RUN_GROUP 0x5eaf1d00U
#define SANDBOX_RUN_GROUP_16 0xd1e5U

#endif
