#include "cmd/grants.h"

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

/* As chgrp(1): a name first, for a name may consist of digits. */
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
		return error_set(err, EINVAL, "there is no group '%s'", word);
	*ret_gid = (gid_t)number;
	return 0;
}
