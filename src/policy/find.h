#ifndef ENVSEAL_POLICY_FIND_H
#define ENVSEAL_POLICY_FIND_H

#include "policy/layers.h"
#include "policy/policy.h"
#include "util/buffer.h"
#include "util/error.h"
#include "util/trust.h"

/*
 * Finds the policy of a command: one open for each layer and name, never a scan. Files are reached
 * by a trusted walk (util/trust.h), and must be regular and at most 1 MiB.
 */

struct policy_found {
	char *name;   /* the name that had a policy */
	char *layer;  /* the layer's directory */
	char *file;   /* the policy file */
	char *signer; /* the signer, where the layer must be signed (policy/signature.h); else NULL
	               */
	struct buffer text; /* its bytes, as read once */
	struct buffer
		pins; /* every pin file of that name, in layer order, each framed by its length */
	struct policy_hashes hashes; /* what those pin files list */
};

/*
 * Asks all layers for names[0], then all for names[1], and so on; the first file wins whole.
 * `profile` may be NULL. The caller frees with policy_found_free.
 *   -ENOENT   no policy; the text says what to do
 *   -EACCES   masked: an empty file, or a link to /dev/null
 *   -EPERM    not trusted: owner or mode of the file or of a directory above it
 *   -EKEYREJECTED  the layer must be signed, and the file or a pin file has no signature that
 *                  counts
 *   -EBADMSG -EFBIG -EISDIR ...  the file or a pin file is not what it should be
 */
int policy_find(const struct layers *layers, const char *const names[], size_t name_count,
                const char *profile, const struct trust *trust, struct policy_found *ret_found,
                struct error *err);

/*
 * What one layer, by its index, has under one name, without its pins; `profile` was checked. The
 * caller frees. Errors as policy_find; -ENOENT: nothing.
 */
int policy_find_one(const struct layers *layers, size_t layer, const char *name,
                    const char *profile, const struct trust *trust, struct policy_found *ret_found,
                    struct error *err);

/* Whether `profile` can be one (NULL is none): [A-Za-z0-9._-], not starting with a dot. -EINVAL. */
int policy_profile_check(const char *profile, struct error *err);

void policy_found_free(struct policy_found *found);

#define cleanup_policy_found __attribute__((cleanup(policy_found_free)))

#endif
