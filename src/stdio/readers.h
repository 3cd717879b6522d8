#ifndef ENVSEAL_STDIO_READERS_H
#define ENVSEAL_STDIO_READERS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Whether `root`, or a process below it, waits in read(2) for the terminal of number `terminal`
 * (TIOCGPTN). The kernel says that nowhere but in /proc/PID/syscall. A program that waits in
 * poll(2) first is not seen, nor is one that we may not trace, nor what is beyond the first
 * READERS_MAX processes: the target decides how many there are.
 */
#define READERS_MAX 64
bool readers_wait(pid_t root, unsigned int terminal);

#endif
