#include "cmd/installed.h"

#include "authority/withheld.h"
#include "util/capabilities.h"
#include "util/proc.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * In a user namespace the kernel honours set-id bits only of ids that are mapped there
 * (user_namespaces(7)).
 */
static const char *withheld(const char *program, const struct stat *st) {
	bool mapped = st->st_uid != PROC_UNMAPPED_ID && st->st_gid != PROC_UNMAPPED_ID;
	return withheld_cause(program, withheld_in_user_namespace() && mapped);
}

/* What execve(2) would make of the file's bits; `secure` is AT_SECURE (capabilities(7)). */
static void execute(const char *program, const struct stat *st, struct privilege *privilege,
                    bool *ret_both) {
	bool effective = false;
	bool set_id = file_sets_user(st, privilege->uid) || file_sets_group(st, privilege->gid);
	uint64_t capabilities = capabilities_of_file(program, &effective);
	bool asked = set_id || (privilege->uid != 0 && capabilities_are_both(capabilities));
	privilege->withheld = asked ? withheld(program, st) : NULL;
	if (privilege->withheld)
		return;
	if (set_id && file_sets_user(st, privilege->uid))
		privilege->effective_uid = st->st_uid;
	privilege->given_gid = set_id && file_sets_group(st, privilege->gid);
	if (privilege->given_gid)
		privilege->effective_gid = st->st_gid;
	privilege->secure = set_id || (privilege->uid != 0 && capabilities);
	*ret_both = privilege->effective_uid == 0 || capabilities_are_both(capabilities);
}

int installed_privilege(const char *program, struct privilege *ret_privilege, struct error *err) {
	struct privilege privilege = PRIVILEGE_INIT;
	struct stat st;
	bool both = false;
	if (stat(program, &st) < 0)
		return error_errno(err, errno, "'%s'", program);
	privilege.uid = privilege.effective_uid = getuid();
	privilege.gid = getgid();
	privilege.effective_gid = getegid();
	execute(program, &st, &privilege, &both);
	if (privilege.secure || (privilege.uid == 0 && !privilege.withheld)) {
		int r = privilege_classify(&privilege, both, err);
		if (r < 0)
			return r;
	}
	*ret_privilege = privilege;
	return 0;
}
