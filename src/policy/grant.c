#include "policy/grant.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* acl(5): a file has this attribute only when its ACL is more than its mode. */
#define ACL_ATTRIBUTE "system.posix_acl_access"

char *grant_file(const char *layer, const char *name, const char *profile) {
	char *file = NULL;
	if (asprintf(&file, "%s/access%s%s%s", layer, name, profile ? "@" : "",
	             profile ? profile : "") < 0)
		return NULL;
	return file;
}

static int check_regular(int fd, const char *file, struct error *err) {
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", file);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EPERM, "'%s' is not a regular file; remove it", file);
	return 0;
}

/* Links are refused: the permissions of another file would decide. */
static int open_grant(const char *file, int flags, const struct trust *trust, int *ret_fd,
                      struct error *err) {
	cleanup_fd int fd = -1;
	int r = trust_open(file, flags | O_NOFOLLOW, trust, &fd, err);
	if (r == -ELOOP)
		return error_set(err, EPERM,
		                 "'%s' is a symbolic link; a regular file belongs there", file);
	if (r < 0)
		return r;
	r = check_regular(fd, file, err);
	if (r < 0)
		return r;
	*ret_fd = steal_fd(&fd);
	return 0;
}

/* -ENOENT: this layer says nothing. */
static int ask_layer(const char *layer, const char *name, const char *profile,
                     const struct trust *trust, struct error *err) {
	cleanup_fd int fd = -1;
	cleanup_free char *file = grant_file(layer, name, profile);
	if (!file)
		return error_errno(err, ENOMEM, "'%s'", name);
	return open_grant(file, O_RDONLY, trust, &fd, err);
}

static int ask_layers(const struct layers *layers, const char *name, const char *profile,
                      const struct trust *trust, struct error *err) {
	for (size_t i = 0; i < layers->grants; i++) {
		int r = ask_layer(layers->paths[i], name, profile, trust, err);
		if (r != -ENOENT)
			return r;
	}
	return -EACCES;
}

static int refuse(const char *name, const char *profile, uid_t uid, struct error *err) {
	return error_set(err, EACCES,
	                 "uid %u may not use the policy of '%s'%s%s; root allows a group with: "
	                 "envseal policy allow %s%s%s --group GROUP",
	                 uid, name, profile ? " in profile " : "", profile ? profile : "", name,
	                 profile ? " --profile " : "", profile ? profile : "");
}

int grant_check(const struct layers *layers, const char *name, const char *profile, uid_t uid,
                const struct trust *trust, struct error *err) {
	if (uid == 0)
		return 0;
	int r = ask_layers(layers, name, profile, trust, err);
	if (r == -EACCES)
		return refuse(name, profile, uid, err);
	if (r < 0)
		return error_wrap(err, r, "grant of '%s'", name);
	return 0;
}

/* By the name in /proc: fgetxattr(2) refuses a descriptor opened with O_PATH. */
static bool has_acl(int fd) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return getxattr(path, ACL_ATTRIBUTE, NULL, 0) > 0;
}

static int read_layer(const struct layers *layers, size_t layer, const char *name,
                      const char *profile, const struct trust *trust, struct grant *ret_grant,
                      struct error *err) {
	cleanup_fd int fd = -1;
	struct stat st;
	cleanup_free char *file = grant_file(layers->paths[layer], name, profile);
	if (!file)
		return error_errno(err, ENOMEM, "'%s'", name);
	int r = open_grant(file, O_PATH, trust, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", file);
	*ret_grant = (struct grant){
		.file = steal_pointer(file),
		.layer = layer,
		.everybody = st.st_mode & S_IROTH,
		.group = st.st_mode & S_IRGRP,
		.gid = st.st_gid,
		.acl = has_acl(fd),
	};
	return 0;
}

int grant_read(const struct layers *layers, size_t first, const char *name, const char *profile,
               const struct trust *trust, struct grant *ret_grant, struct error *err) {
	for (size_t i = first; i < layers->grants; i++) {
		int r = read_layer(layers, i, name, profile, trust, ret_grant, err);
		if (r != -ENOENT)
			return r;
	}
	return error_set(err, ENOENT, "nobody but root may use the policy of '%s'", name);
}

void grant_free(struct grant *grant) {
	free(grant->file);
	*grant = (struct grant){0};
}
