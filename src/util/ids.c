#include "util/ids.h"

#include <errno.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

int ids_check(const struct ids *wanted, struct error *err) {
	struct ids now;
	if (getresuid(&now.uid[0], &now.uid[1], &now.uid[2]) < 0 ||
	    getresgid(&now.gid[0], &now.gid[1], &now.gid[2]) < 0)
		return error_errno(err, errno, "cannot read the ids");
	if (memcmp(&now, wanted, sizeof(now)) != 0 || (uid_t)setfsuid((uid_t)-1) != now.uid[1] ||
	    (gid_t)setfsgid((gid_t)-1) != now.gid[1])
		return error_set(err, EPERM, "the ids are not what they were set to");
	return 0;
}

/*
 * Groups first: a change of the uid can take away the right to change them. Each change makes the
 * process as dumpable as fs.suid_dumpable says (proc(5)), which may be 1.
 */
int ids_set(const struct ids *ids, struct error *err) {
	if (setresgid(ids->gid[0], ids->gid[1], ids->gid[2]) < 0)
		return error_errno(err, errno, "cannot take on gid %u", ids->gid[1]);
	if (setresuid(ids->uid[0], ids->uid[1], ids->uid[2]) < 0)
		return error_errno(err, errno, "cannot take on uid %u", ids->uid[1]);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	return ids_check(ids, err);
}
