#include "authority/actor.h"

#include "authority/identity.h"

#include <errno.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct {
	bool callers_files; /* the filesystem ids are the real ids */
	bool policys_user;  /* the effective ids are process.user's, if any */
} actors[] = {
	[ACTOR_SERVICE] = {false, false},
	[ACTOR_CALLER] = {true, false},
	[ACTOR_TARGET] = {true, true},
	[ACTOR_OWNER] = {false, true},
};

/*
 * Not an id: setfsuid(2) refuses it and returns the one in force, which is the only way to read it.
 */
#define ASK ((id_t)-1)

/*
 * Every change of these ids resets the dumpable flag to fs.suid_dumpable (proc(5)), which may be 1.
 */
static int stay_undumpable(int before, struct error *err) {
	if (before == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	return 0;
}

static int take_files_of(uid_t uid, gid_t gid, struct error *err) {
	if ((uid_t)setfsuid(ASK) == uid && (gid_t)setfsgid(ASK) == gid)
		return 0;
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	setfsgid(gid);
	setfsuid(uid);
	if ((uid_t)setfsuid(ASK) != uid || (gid_t)setfsgid(ASK) != gid)
		return error_set(err, EPERM, "cannot take on uid %u and gid %u for files", uid,
		                 gid);
	return stay_undumpable(dumpable, err);
}

static int change_user(bool to_policys, const struct policy *policy, struct error *err) {
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	int r = to_policys ? identity_borrow(policy, err) : identity_return(policy, err);
	return r < 0 ? r : stay_undumpable(dumpable, err);
}

static bool is_policys_user(enum actor actor, const struct policy *policy) {
	return actors[actor].policys_user && policy->process.as_other;
}

int actor_switch(enum actor from, enum actor to, const struct policy *policy, struct error *err) {
	bool was_other = is_policys_user(from, policy), will_be_other = is_policys_user(to, policy);
	int r = was_other != will_be_other ? change_user(will_be_other, policy, err) : 0;
	if (r < 0)
		return r;
	/*
	 * Only root can have process.user, and root's real and effective ids are the same
	 * otherwise.
	 */
	if (actors[to].callers_files && !will_be_other)
		return take_files_of(getuid(), getgid(), err);
	return take_files_of(geteuid(), getegid(), err);
}
