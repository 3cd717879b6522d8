#include "cmd/mode.h"

#include "cmd/installed.h"
#include "util/cleanup.h"
#include "util/path.h"
#include "util/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static bool told_otherwise(const struct cmd_common *common) {
	return common->user || common->vault || common->layers || getenv("ENVSEAL_VAULT") ||
	       getenv("ENVSEAL_LAYERS");
}

void mode_enter(const struct system *system) {
	/* Auditors and the service must read these files; only the vault is secret. */
	umask(022);
	vault_serve(system->service_uid);
}

int mode_find(const struct cmd_common *common, bool *ret_system, struct error *err) {
	struct system system;
	*ret_system = false;
	if (geteuid() != 0 || told_otherwise(common))
		return 0;
	int r = system_read(SYSTEM_FILE, &TRUST_ROOT, &system, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_wrap(err, r, "system mode (--user is for your own vault)");
	mode_enter(&system);
	*ret_system = true;
	return 0;
}

bool mode_is_beside(const struct cmd_common *common) {
	struct error ignored;
	struct system system;
	struct privilege installed = PRIVILEGE_INIT;
	if (geteuid() == 0 || told_otherwise(common) ||
	    installed_privilege(ENVSEAL_EXEC, &installed, &ignored) < 0)
		return false;
	return installed.source != PRIVILEGE_NONE &&
	       system_read(SYSTEM_FILE, &TRUST_ROOT, &system, &ignored) == 0;
}

int mode_layers(struct layers *ret_layers, struct error *err) {
	struct system system;
	int r = system_read(SYSTEM_FILE, &TRUST_ROOT, &system, err);
	if (r < 0)
		return r;
	r = layers_for_system(ret_layers, err);
	if (r < 0)
		return r;
	ret_layers->signatures = system.require_signature;
	return 0;
}

int mode_check_place(struct error *err) {
	cleanup_fd int fd = -1;
	static const char vault[] = SYSTEM_VAULT;
	cleanup_free char *above = strndup(vault, (size_t)(path_base(vault) - vault));
	if (!above)
		return error_errno(err, ENOMEM, "'%s'", vault);
	int r = trust_open(above, O_PATH | O_DIRECTORY, &TRUST_ROOT, &fd, err);
	/* Only root can create what does not exist yet. */
	return r == -ENOENT ? 0 : r;
}
