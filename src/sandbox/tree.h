#ifndef ENVSEAL_SANDBOX_TREE_H
#define ENVSEAL_SANDBOX_TREE_H

#include "util/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * All processes below the sandbox's init, which calls these. As PID 1 it sees no others. In tier
 * none there is no namespace, so the tree is walked. A process cannot leave it by forking, because
 * the init adopts orphans (tree_adopt). kill(2) with -1 would reach every process of the user there
 * and must not be used.
 */

/* Tier none: makes the caller the parent of every orphan below it (PR_SET_CHILD_SUBREAPER). */
int tree_adopt(struct error *err);

/*
 * Sends a signal to all of them once. In tier none it may miss a process that is being forked
 * meanwhile.
 */
void tree_signal(int signal_number);

/*
 * The same for all processes below another one, in this one's /proc. False: nothing below it is
 * alive.
 */
bool tree_signal_below(pid_t root, int signal_number);

/* Kills and reaps all of them, again and again until nothing is left. */
void tree_end(void);

#endif
