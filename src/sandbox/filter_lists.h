#ifndef ENVSEAL_SANDBOX_FILTER_LISTS_H
#define ENVSEAL_SANDBOX_FILTER_LISTS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Calls with many operations, selected by a number in an argument. Lockdown lists the numbers that
 * it allows, so that operations of later kernels are refused. Only filters-compile reads them, as
 * with filter_rows.h.
 */
struct filter_range {
	uint32_t first, last;
};

struct filter_list {
	const char *call;
	unsigned int argument; /* the kernel looks at its low 32 bits */
	int answer;            /* to every other number */
	const struct filter_range *allowed;
	size_t count;
};

extern const struct filter_list filter_lists[];
extern const size_t filter_list_count;

/*
 * The last call that the tables know, counted as since Linux 5.1 (filter_rows.h). Later ones:
 * ENOSYS.
 */
#define FILTER_LAST_CALL 469 /* file_setattr */

#endif
