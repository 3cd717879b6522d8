#ifndef ENVSEAL_SANDBOX_TREE_H
#define ENVSEAL_SANDBOX_TREE_H

#include "util/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Everything below the sandbox's init, the caller of these. As PID 1 that is all that its namespace shows. In
 * tier none there is no namespace, so the tree is walked: nothing leaves it by forking, for the init takes in its
 * orphans (tree_adopt), but kill(2) with -1 would reach every process of the user, and must not be used there.
 */

/* Tier none: makes the caller the parent of every orphan below it (PR_SET_CHILD_SUBREAPER). */
int tree_adopt(struct error *err);

/*
 * Sends a signal to all of it, once. In tier none a process that is being forked meanwhile may be missed;
 * what a killed process forks is not, for it forks no more.
 */
void tree_signal(int signal_number);

/* The same for what is below another process, as this one's /proc shows it. False: there is nothing alive below it. */
bool tree_signal_below(pid_t root, int signal_number);

/* Kills all of it and waits for it, again and again until nothing is left. */
void tree_end(void);

#endif
