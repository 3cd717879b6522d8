#include "cmd/vault/init_system.h"

#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/path.h"
#include "util/trust.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

/* Numbers only: the account may not exist yet, and a name may change its number later. */
static int parse_id(const char *option, const char *text, uint32_t *ret_id, struct error *err) {
	char *end = NULL;
	errno = 0;
	unsigned long long id = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
	if (!end || *end != '\0' || errno != 0 || id == 0 || id >= UINT32_MAX)
		return error_set(err, EINVAL, "%s must be a number from 1 to 4294967294", option);
	*ret_id = (uint32_t)id;
	return 0;
}

static int agree(const char *option, const char *text, uint32_t there, struct error *err) {
	uint32_t asked = there;
	int r = text ? parse_id(option, text, &asked, err) : 0;
	if (r < 0)
		return r;
	if (asked != there)
		return error_set(
			err, EINVAL,
			"%s: '%s' says %u, which owns the vault's files; to change it, undo "
			"system mode first",
			option, SYSTEM_FILE, there);
	return r;
}

static int write_file(const struct system *system, struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	cleanup_fd int dir = -1;
	buffer_format(&text,
	              "# The ids of system mode, see envseal(1). The vault belongs to the first.\n"
	              "service_uid = %u\nrun_gid = %u\n",
	              system->service_uid, system->run_gid);
	if (text.failed)
		return error_errno(err, ENOMEM, "'%s'", SYSTEM_FILE);
	int r = file_make_directories(SYSTEM_LAYER, 0755, err);
	if (r < 0)
		return r;
	r = trust_open(SYSTEM_LAYER, O_RDONLY | O_DIRECTORY, &TRUST_ROOT, &dir, err);
	if (r < 0)
		return r;
	return file_write_atomic(dir, path_base(SYSTEM_FILE), text.bytes, text.size, 0644, false,
	                         SYSTEM_FILE, err);
}

static int write_ids(const char *service_uid, const char *run_gid, struct system *ret_system,
                     struct error *err) {
	struct system system = {0};
	if (!service_uid || !run_gid)
		return error_set(err, EINVAL,
		                 "there is no '%s' yet: give --service-uid and --run-gid, or run "
		                 "envseal-system-setup, which makes both accounts",
		                 SYSTEM_FILE);
	int r = parse_id("--service-uid", service_uid, &system.service_uid, err);
	if (r < 0)
		return r;
	r = parse_id("--run-gid", run_gid, &system.run_gid, err);
	if (r < 0)
		return r;
	r = write_file(&system, err);
	if (r < 0)
		return r;
	*ret_system = system;
	return 0;
}

int init_system(const char *service_uid, const char *run_gid, struct system *ret_system,
                struct error *err) {
	struct system system;
	if (geteuid() != 0)
		return error_set(err, EPERM, "only root can set up system mode");
	umask(022);
	int r = system_read(SYSTEM_FILE, &TRUST_ROOT, &system, err);
	if (r == -ENOENT)
		return write_ids(service_uid, run_gid, ret_system, err);
	if (r < 0)
		return r;
	r = agree("--service-uid", service_uid, system.service_uid, err);
	if (r < 0)
		return r;
	r = agree("--run-gid", run_gid, system.run_gid, err);
	if (r < 0)
		return r;
	*ret_system = system;
	return 0;
}
