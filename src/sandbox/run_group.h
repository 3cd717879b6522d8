#ifndef ENVSEAL_SANDBOX_RUN_GROUP_H
#define ENVSEAL_SANDBOX_RUN_GROUP_H

/*
 * The filters are compiled with envseal, when the run group is not known. These values stand for it
 * in comparisons, for a whole group id and for its low 16 bits; confine_seccomp replaces them. No
 * other rule compares with them.
 */
#define SANDBOX_RUN_GROUP 0x5eaf1d00U
#define SANDBOX_RUN_GROUP_16 0xd1e5U

#endif
