#ifndef ENVSEAL_UTIL_CLEANUP_H
#define ENVSEAL_UTIL_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Resources that are released at the end of their scope: declare with the attribute, hand out with
 * steal_.
 */

static inline void cleanup_free_(void *pointer) {
	free(*(void **)pointer);
}

static inline void cleanup_fd_(int *fd) {
	if (*fd >= 0) {
		int saved = errno;
		close(*fd);
		errno = saved;
	}
}

static inline void cleanup_dir_(DIR **dir) {
	if (*dir)
		closedir(*dir);
}

static inline void cleanup_file_(FILE **file) {
	if (*file)
		fclose(*file);
}

#define cleanup_free __attribute__((cleanup(cleanup_free_)))
#define cleanup_fd __attribute__((cleanup(cleanup_fd_)))
#define cleanup_dir __attribute__((cleanup(cleanup_dir_)))
#define cleanup_file __attribute__((cleanup(cleanup_file_)))

/*
 * For types with a destructor: `DEFINE_CLEANUP(vault, struct vault *, vault_free)` makes
 * cleanup_vault_.
 */
#define DEFINE_CLEANUP(name, type, destroy)                                                        \
	static inline void cleanup_##name##_(type *value) {                                        \
		destroy(*value);                                                                   \
	}

#define steal_pointer(pointer)                                                                     \
	({                                                                                         \
		__typeof__(pointer) *slot_ = &(pointer);                                           \
		__typeof__(pointer) stolen_ = *slot_;                                              \
		*slot_ = NULL;                                                                     \
		stolen_;                                                                           \
	})

static inline int steal_fd(int *fd) {
	int stolen = *fd;
	*fd = -1;
	return stolen;
}

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
