#ifndef ENVSEAL_UTIL_TRUST_H
#define ENVSEAL_UTIL_TRUST_H

#include "util/buffer.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * A file is trusted when it, every directory above it and every link on the way to it belong to
 * root or `owner`, and nobody else may write them. POSIX ACLs need no check of their own: a write
 * entry shows in the group bits, as their mask (acl(5)). Files of a FUSE file system are trusted
 * only when its server runs as root or `owner`, since the server reports any owner it likes.
 */
struct trust {
	uid_t owner; /* believed beside root; 0 for root alone */
	bool sticky; /* accept root's sticky directories that everybody may write, like /tmp */
	/*
	 * In a user namespace that does not map root, root's files show the overflow uid
	 * (user_namespaces(7)), so their owner cannot be verified. Accept those that this process
	 * cannot write.
	 */
	bool unmapped;
	struct trust_memory *memory; /* NULL: every walk begins at "/" */
};

/*
 * Remembers directories that were walked, for commands that look at thousands of files and decide
 * nothing by them: a change in between may go unseen. Never for a run. Zero-initialise.
 */
#define TRUST_MEMORY 8
struct trust_memory {
	struct {
		char *directory; /* NULL: free */
		int fd;          /* -1: there is none of that name */
	} slots[TRUST_MEMORY];
	unsigned int next;
};
void trust_memory_free(struct trust_memory *memory);

#define TRUST_ROOT ((struct trust){.owner = 0, .sticky = false})

/*
 * Opens `path` (absolute) from "/" one component at a time, by descriptor, checking each directory
 * and link as it goes, so that nothing can be swapped between check and use. The last component may
 * be a link only where `flags` lacks O_NOFOLLOW. O_CLOEXEC and O_NONBLOCK are added, so a FIFO
 * cannot hang the caller.
 *
 *   -ENOENT, -ENOTDIR, -EACCES ...  as openat(2)
 *   -EPERM   something on the way is not trusted; the text says what, and how to repair it
 *   -ELOOP   too many links
 */
int trust_open(const char *path, int flags, const struct trust *trust, int *ret_fd,
               struct error *err);

/*
 * Reads a regular file that is reached so, links followed. Errors as trust_open, and:
 *   -EBADMSG  not a regular file
 *   -EFBIG    more than `max` bytes
 */
int trust_read(const char *path, size_t max, const struct trust *trust, struct buffer *ret_text,
               struct error *err);

/*
 * Whether `fd` is on a file system that a user may have mounted (udisks, "user" in fstab). Those
 * are always nosuid: the image may be the user's own, who can change its files without the kernel.
 * Root mounts with nosuid as well, so trust_open accepts them; whoever follows a path of the
 * caller's choice asks. 1 or 0, or a negative errno.
 */
int trust_users_may_mount(int fd);

#endif
