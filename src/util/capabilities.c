#include "util/capabilities.h"

#include "util/cleanup.h"
#include "util/syscalls.h"

#include <cap-ng.h>
#include <endian.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* All that is ever held, and by whom at the end. */
static const struct held {
	unsigned int capability;
	bool for_root; /* only where the caller's uid is 0 */
	const char *why;
} held[] = {
	{CAP_SETUID, false, "effective uid of the service user; the mapper's uid map"},
	{CAP_SETGID, false, "the primary group among the supplementary ones; the mapper's gid map"},
	{CAP_SETFCAP, true, "the mapper's uid map, where it maps uid 0 (user_namespaces(7))"},
};

typedef struct __user_cap_data_struct capability_sets[_LINUX_CAPABILITY_U32S_3];

/* By capget(2): libcap-ng would read /proc. */
static int read_capabilities(capability_sets ret_sets, struct error *err) {
	return sys_capget(ret_sets) < 0 ? error_errno(err, errno, "cannot read the capabilities")
	                                : 0;
}

static bool permitted(const capability_sets now, unsigned int capability) {
	return now[CAP_TO_INDEX(capability)].permitted & CAP_TO_MASK(capability);
}

int capabilities_permit(bool *ret_both, struct error *err) {
	capability_sets now;
	int r = read_capabilities(now, err);
	if (r < 0)
		return r;
	*ret_both = permitted(now, CAP_SETUID) && permitted(now, CAP_SETGID);
	return 0;
}

bool capabilities_are_both(uint64_t capabilities) {
	static const uint64_t both = UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID;
	return (capabilities & both) == both;
}

uint64_t capabilities_of_file(const char *program, bool *ret_effective) {
	struct vfs_ns_cap_data data = {0};
	*ret_effective = false;
	ssize_t size = getxattr(program, "security.capability", &data, sizeof(data));
	if (size < (ssize_t)sizeof(struct vfs_cap_data))
		return 0;
	*ret_effective = le32toh(data.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE;
	return (uint64_t)le32toh(data.data[1].permitted) << 32 | le32toh(data.data[0].permitted);
}

int capabilities_hold(uid_t uid, bool effective, struct error *err) {
	const capng_type_t sets = effective ? CAPNG_PERMITTED | CAPNG_EFFECTIVE : CAPNG_PERMITTED;
	capng_setpid(
		(int)getpid()); /* libcap-ng remembers one, which after a fork is the parent's */
	capng_clear(CAPNG_SELECT_ALL);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		if (held[i].for_root && uid != 0)
			continue;
		if (capng_update(CAPNG_ADD, sets, held[i].capability) < 0)
			return error_set(err, EPERM, "cannot name the capability for %s",
			                 held[i].why);
	}
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return error_set(err, EPERM, "cannot reduce the capabilities");
	return 0;
}

int capabilities_drop(struct error *err) {
	capng_setpid((int)getpid());
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT) < 0)
		return error_set(err, EPERM, "cannot drop the capabilities");
	capability_sets now;
	int r = read_capabilities(now, err);
	if (r < 0)
		return r;
	/* Ambient ones are both permitted and inheritable (capabilities(7)). */
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		if (now[i].effective || now[i].permitted || now[i].inheritable)
			return error_set(err, EPERM, "capabilities are left after dropping them");
	}
	return 0;
}
