#include "cmd/policy/grants.h"

#include "cmd/policy/common.h"
#include "policy/grant.h"
#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/trust.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <string.h>

static void add_who(struct buffer *text, const struct grant *grant) {
	const struct group *group = grant->group && !grant->everybody ? getgrgid(grant->gid) : NULL;
	if (grant->everybody)
		buffer_string(text, "all");
	else if (group)
		buffer_format(text, "group:%s", group->gr_name);
	else if (grant->group)
		buffer_format(text, "group:%u", grant->gid);
	else
		buffer_string(text, "root");
	if (grant->acl)
		buffer_string(text, "+acl");
}

int grants_text(const struct layers *layers, const char *name, const char *profile, char **ret_text,
                struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	cleanup_grant struct grant grant = {0};
	const struct trust trust = {.memory = layers->memory};
	int r = grant_read(layers, 0, name, profile, &trust, &grant, err);
	if (r < 0 && r != -ENOENT)
		return r;
	add_who(&text, &grant);
	char *stolen = buffer_steal(&text);
	if (!stolen)
		return error_errno(err, ENOMEM, "'%s'", name);
	*ret_text = stolen;
	return 0;
}

int grants_write(const struct layers *layers, const char *name, const char *profile, mode_t mode,
                 gid_t gid, struct error *err) {
	const struct file_look look = {.mode = mode, .uid = 0, .gid = gid};
	const struct buffer empty = BUFFER_INIT;
	cleanup_free char *file = grant_file("", name, profile);
	if (!file)
		return error_errno(err, ENOMEM, "'%s'", name);
	return policy_write(layers, file, &empty, &look, true, err);
}

int grants_take_away(const struct layers *layers, const char *name, const char *profile,
                     struct error *err) {
	cleanup_grant struct grant later = {0};
	int r = grant_read(layers, 1, name, profile, &TRUST_ROOT, &later, err);
	if (r >= 0)
		return grants_write(layers, name, profile, 0600, 0, err);
	if (r != -ENOENT)
		return r;
	cleanup_free char *file = grant_file("", name, profile);
	if (!file)
		return error_errno(err, ENOMEM, "'%s'", name);
	return policy_unlink(layers, file, err);
}

/* Like chgrp(1), tries the name first, because a name may consist of digits. */
int grants_group(const char *word, gid_t *ret_gid, struct error *err) {
	char *end = NULL;
	const struct group *group = getgrnam(word);
	if (group) {
		*ret_gid = group->gr_gid;
		return 0;
	}
	errno = 0;
	unsigned long long number = isdigit((unsigned char)word[0]) ? strtoull(word, &end, 10) : 0;
	if (!end || *end != '\0' || errno != 0 || number >= (gid_t)-1)
		return error_set(err, EINVAL, "there is no such group");
	*ret_gid = (gid_t)number;
	return 0;
}
