#ifndef ENVSEAL_UTIL_TRUST_H
#define ENVSEAL_UTIL_TRUST_H

#include "util/buffer.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Whose files are believed. A file is trusted when it, every directory above it and every link on
 * the way to it belong to root or `owner`, and nobody else may write them. POSIX ACLs need no
 * look of their own: a write entry shows in the group bits, as their mask (acl(5)). What a FUSE server says of
 * its files is believed when the server is root's or `owner`'s.
 */
struct trust {
	uid_t owner; /* believed beside root; 0 for root alone */
	bool sticky; /* accept root's directories that all may write but that are sticky, like /tmp */
	/*
	 * In a user namespace that does not map root, root's files show the overflow uid (user_namespaces(7)), so nobody
	 * can verify whose they are. Accept those that this process cannot write.
	 */
	bool unmapped;
	struct trust_memory *memory; /* NULL: every walk begins at "/" */
};

/*
 * Directories that were walked before, for who looks at thousands of files and decides nothing by them: what is
 * changed in between may go unseen. Never for a run. Zero-initialise.
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
 *   -EPERM   something on the way is not trusted; the text says what, and how to mend it
 *   -ELOOP   too many links
 */
int trust_open(const char *path, int flags, const struct trust *trust, int *ret_fd, struct error *err);

/*
 * Reads a regular file that is reached so, links followed. Errors as trust_open, and:
 *   -EBADMSG  not a regular file
 *   -EFBIG    more than `max` bytes
 */
int trust_read(const char *path, size_t max, const struct trust *trust, struct buffer *ret_text,
               struct error *err);

/*
 * Whatever users may mount (udisks, "user" in fstab) is mounted nosuid: the kernel does not believe either that its files are
 * root's, for the image may be the user's own, who changes them from behind. Root mounts so, too, so a walk lets it pass:
 * it is for who follows a path of the caller's choice. 1 or 0, or a negative errno where it cannot be told.
 */
int trust_users_may_mount(int fd);

#endif
