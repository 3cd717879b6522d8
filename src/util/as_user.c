#include "util/as_user.h"

#include <errno.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

/* No id at all: setfsuid(2) refuses it and says what is in force, which is its only way to fail. */
#define ASK ((id_t)-1)

/* Every change of these ids makes us as dumpable as fs.suid_dumpable says (proc(5)), which may be 1. */
static int stay_undumpable(int before, struct error *err) {
	if (before == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	return 0;
}

static int switch_to(uid_t uid, gid_t gid, struct error *err) {
	if ((uid_t)setfsuid(ASK) == uid && (gid_t)setfsgid(ASK) == gid)
		return 0;
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	setfsgid(gid);
	setfsuid(uid);
	if ((uid_t)setfsuid(ASK) != uid || (gid_t)setfsgid(ASK) != gid)
		return error_set(err, EPERM, "cannot take on uid %u and gid %u for files", uid, gid);
	return stay_undumpable(dumpable, err);
}

int as_user_begin(struct error *err) {
	return switch_to(getuid(), getgid(), err);
}

int as_user_end(struct error *err) {
	return switch_to(geteuid(), getegid(), err);
}
