#ifndef ENVSEAL_UTIL_PROC_H
#define ENVSEAL_UTIL_PROC_H

/* The inode of the initial user namespace: the kernel's PROC_USER_INIT_INO. */
#define PROC_INITIAL_USER_NAMESPACE 0xeffffffdU

/* The id that files show as when a user namespace does not map theirs (user_namespaces(7)). */
#define PROC_UNMAPPED_ID 65534

/*
 * Reads a number from a file of /proc whose lines are "name: value", such as /proc/PID/status or
 * /proc/PID/fdinfo/N (proc(5)). The kernel escapes line breaks in a process's name, so no process
 * can add a line. `dirfd` as in openat(2).
 *   -EPROTO  the file has no such line in its first 4 KiB
 */
int proc_field(int dirfd, const char *path, const char *name, int *ret_value);

#endif
