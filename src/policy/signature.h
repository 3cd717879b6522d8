#ifndef ENVSEAL_POLICY_SIGNATURE_H
#define ENVSEAL_POLICY_SIGNATURE_H

#include "util/buffer.h"
#include "util/error.h"
#include "util/trust.h"

/*
 * Signed policies: in a layer for which system.toml requires it, a policy or pin file is valid only
 * with a minisign signature beside it, FILE.minisig, by a key of trusted-keys.d
 * (doc/formats/signature.md).
 */

struct signed_file {
	const char *layer;         /* the layer's directory */
	const char *place;         /* below it: "policies/usr/bin/gh.toml" */
	const struct buffer *text; /* the file's bytes, read once: these are what is verified */
};

/*
 * Both files are reached by trusted walks. *ret_signer, if `ret_signer` is not NULL, gets
 * "KEY-FILE: TRUSTED COMMENT", which the caller frees.
 *
 * The trusted comment must name the file in a field `file:`, as minisign's own does: the end of its
 * place, cut at a slash; of a pin file, which does not say itself which command it is for, all of
 * its place.
 *
 * Whatever the reason, a file that is missing included, never -ENOENT, so that nobody takes it for
 * a layer that has nothing:
 *   -EKEYREJECTED  no signature, or none that counts; the text says why and what to do
 *   others         a file or directory could not be read, or is not trusted
 */
int signature_check(const struct signed_file *file, const char *keys, const struct trust *trust,
                    char **ret_signer, struct error *err);

#endif
