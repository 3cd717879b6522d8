#include "authority/identity.h"

#include "sandbox/confine.h"
#include "util/ids.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

int identity_check(const struct policy *policy, struct error *err) {
	if (policy->process.as_other && (getuid() != 0 || geteuid() != 0))
		return error_set(err, EPERM,
		                 "process.user: only root may run a command as another user");
	return 0;
}

/* These need a capability, which is gone once the uid changes. */
static int leave_root(const struct policy *policy, struct error *err) {
	int r = identity_check(policy, err);
	if (r < 0)
		return r;
	/* Root in a container may lack CAP_SETPCAP: as in confine_drop_privileges. */
	r = confine_empty_bounding_set(err);
	if (r < 0 && r != -EPERM)
		return r;
	if (setgroups(0, NULL) < 0)
		return error_errno(err, errno,
		                   "process.group: cannot give up the supplementary groups");
	return 0;
}

int identity_borrow(const struct policy *policy, struct error *err) {
	if (!policy->process.as_other)
		return 0;
	int r = leave_root(policy, err);
	if (r < 0)
		return r;
	if (setegid(policy->process.group) < 0 || seteuid(policy->process.user) < 0)
		return error_errno(err, errno, "process.user: cannot take the ids");
	return 0;
}

int identity_return(const struct policy *policy, struct error *err) {
	if (!policy->process.as_other)
		return 0;
	if (seteuid(getuid()) < 0 || setegid(getgid()) < 0)
		return error_errno(err, errno, "process.user: cannot give the ids back");
	return 0;
}

int identity_settle(const struct policy *policy, struct error *err) {
	const uid_t uid = policy->process.user;
	const gid_t gid = policy->process.group;
	const struct ids ids = {.uid = {uid, uid, uid}, .gid = {gid, gid, gid}};
	if (!policy->process.as_other)
		return 0;
	int r = ids_set(&ids, err);
	return r < 0 ? error_wrap(err, r, "process.user") : 0;
}

int identity_become(const struct policy *policy, struct error *err) {
	if (!policy->process.as_other)
		return 0;
	int r = leave_root(policy, err);
	return r < 0 ? r : identity_settle(policy, err);
}
