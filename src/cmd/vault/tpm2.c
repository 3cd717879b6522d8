#include "cmd/vault/tpm2.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#define TRANSPORT "device:/dev/tpmrm0"

/* A session with the TPM; an unused handle is ESYS_TR_NONE. */
struct tpm {
	TSS2_TCTI_CONTEXT *transport;
	ESYS_CONTEXT *esys;
	ESYS_TR primary;
	ESYS_TR session;
	ESYS_TR object;
};

static void tpm_close(struct tpm *tpm) {
	const ESYS_TR handles[] = {tpm->object, tpm->session, tpm->primary};
	for (size_t i = 0; tpm->esys && i < ARRAY_SIZE(handles); i++) {
		if (handles[i] != ESYS_TR_NONE)
			Esys_FlushContext(tpm->esys, handles[i]);
	}
	Esys_Finalize(&tpm->esys);
	Tss2_TctiLdr_Finalize(&tpm->transport);
}

#define cleanup_tpm __attribute__((cleanup(tpm_close)))

static int failed(int code, const char *step, TSS2_RC rc, struct error *err) {
	return error_set(err, code, "the TPM: %s failed (%#x; tpm2_rc_decode explains it)", step,
	                 (unsigned int)rc);
}

/* A storage key that every TPM 2.0 supports; the same parameters give the same key. */
static const TPM2B_PUBLIC storage_template = {
	.publicArea =
		{
			.type = TPM2_ALG_ECC,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT |
                                            TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                            TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
			.parameters.eccDetail =
				{
					.symmetric = {.algorithm = TPM2_ALG_AES,
                                                      .keyBits.aes = 128,
                                                      .mode.aes = TPM2_ALG_CFB},
					.scheme.scheme = TPM2_ALG_NULL,
					.curveID = TPM2_ECC_NIST_P256,
					.kdf.scheme = TPM2_ALG_NULL,
				},
		},
};

static const TPM2B_PUBLIC sealed_template = {
	.publicArea =
		{
			.type = TPM2_ALG_KEYEDHASH,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
			.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL,
		},
};

static int connect_tpm(struct tpm *tpm, struct error *err) {
	const char *transport = getenv("ENVSEAL_TPM2_TCTI");
	/* Keeps the library from writing to standard error. */
	setenv("TSS2_LOG", "all+none", 0);
	TSS2_RC rc = Tss2_TctiLdr_Initialize(transport ? transport : TRANSPORT, &tpm->transport);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Initialize(&tpm->esys, tpm->transport, NULL);
	if (rc != TSS2_RC_SUCCESS)
		return error_set(err, ENOKEY,
		                 "there is no usable TPM (" TRANSPORT ", or ENVSEAL_TPM2_TCTI)");
	return 0;
}

static int make_primary(struct tpm *tpm, struct error *err) {
	const TPM2B_SENSITIVE_CREATE sensitive = {0};
	const TPM2B_DATA outside = {0};
	const TPML_PCR_SELECTION pcrs = {0};
	TSS2_RC rc = Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	                                ESYS_TR_NONE, &sensitive, &storage_template, &outside,
	                                &pcrs, &tpm->primary, NULL, NULL, NULL, NULL);
	return rc ? failed(EIO, "making its storage key", rc, err) : 0;
}

/* Salted with the storage key and encrypted, so that listening on the bus reveals nothing. */
static int start_session(struct tpm *tpm, struct error *err) {
	const TPMT_SYM_DEF symmetric = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB};
	const TPMA_SESSION attributes =
		TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT | TPMA_SESSION_CONTINUESESSION;
	TSS2_RC rc = Esys_StartAuthSession(tpm->esys, tpm->primary, ESYS_TR_NONE, ESYS_TR_NONE,
	                                   ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_HMAC,
	                                   &symmetric, TPM2_ALG_SHA256, &tpm->session);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_TRSess_SetAttributes(tpm->esys, tpm->session, attributes, 0xff);
	return rc ? failed(EIO, "starting a session", rc, err) : 0;
}

static int tpm_open(struct tpm *tpm, struct error *err) {
	int r = connect_tpm(tpm, err);
	if (r < 0)
		return r;
	r = make_primary(tpm, err);
	return r < 0 ? r : start_session(tpm, err);
}

#define TPM_INIT                                                                                   \
	((struct tpm){.primary = ESYS_TR_NONE, .session = ESYS_TR_NONE, .object = ESYS_TR_NONE})

static int create(struct tpm *tpm, const struct secret *key, TPM2B_PRIVATE **ret_private,
                  TPM2B_PUBLIC **ret_public, struct error *err) {
	const TPM2B_DATA outside = {0};
	const TPML_PCR_SELECTION pcrs = {0};
	cleanup_secret struct secret *memory = NULL;
	int r = secret_new(sizeof(TPM2B_SENSITIVE_CREATE), &memory, err);
	if (r < 0)
		return r;
	/* The type holds two-byte numbers and bytes, so any even address is aligned. */
	TPM2B_SENSITIVE_CREATE *sensitive = (void *)memory->bytes;
	sensitive->sensitive.data.size = (UINT16)key->size;
	memcpy(sensitive->sensitive.data.buffer, key->bytes, key->size);
	TSS2_RC rc = Esys_Create(tpm->esys, tpm->primary, tpm->session, ESYS_TR_NONE, ESYS_TR_NONE,
	                         sensitive, &sealed_template, &outside, &pcrs, ret_private,
	                         ret_public, NULL, NULL, NULL);
	return rc ? failed(EIO, "sealing", rc, err) : 0;
}

int tpm2_seal(const struct secret *key, unsigned char ret_blob[static TPM2_BLOB_MAX],
              size_t *ret_size, struct error *err) {
	cleanup_tpm struct tpm tpm = TPM_INIT;
	TPM2B_PRIVATE *private_part = NULL;
	TPM2B_PUBLIC *public_part = NULL;
	size_t used = 0;
	int r = tpm_open(&tpm, err);
	if (r < 0)
		return r;
	r = create(&tpm, key, &private_part, &public_part, err);
	if (r < 0)
		return r;
	bool fits = !Tss2_MU_TPM2B_PRIVATE_Marshal(private_part, ret_blob, TPM2_BLOB_MAX, &used) &&
	            !Tss2_MU_TPM2B_PUBLIC_Marshal(public_part, ret_blob, TPM2_BLOB_MAX, &used);
	Esys_Free(private_part);
	Esys_Free(public_part);
	if (!fits)
		return error_set(err, EIO, "the key that the TPM sealed is too long for a slot");
	*ret_size = used;
	return 0;
}

static int load(struct tpm *tpm, const unsigned char *blob, size_t size, struct error *err) {
	TPM2B_PRIVATE private_part = {0};
	TPM2B_PUBLIC public_part = {0};
	size_t used = 0;
	if (Tss2_MU_TPM2B_PRIVATE_Unmarshal(blob, size, &used, &private_part) ||
	    Tss2_MU_TPM2B_PUBLIC_Unmarshal(blob, size, &used, &public_part) || used != size)
		return error_set(err, EBADMSG, "the slot 'tpm2' is damaged");
	TSS2_RC rc = Esys_Load(tpm->esys, tpm->primary, tpm->session, ESYS_TR_NONE, ESYS_TR_NONE,
	                       &private_part, &public_part, &tpm->object);
	return rc ? error_set(err, EKEYREJECTED,
	                      "this TPM does not open the slot 'tpm2': it is another machine's, or "
	                      "the TPM was cleared")
	          : 0;
}

int tpm2_unseal(void *context, const unsigned char *blob, size_t size, struct secret **ret_key,
                struct error *err) {
	cleanup_tpm struct tpm tpm = TPM_INIT;
	TPM2B_SENSITIVE_DATA *data = NULL;
	(void)context;
	int r = tpm_open(&tpm, err);
	if (r < 0)
		return r;
	r = load(&tpm, blob, size, err);
	if (r < 0)
		return r;
	TSS2_RC rc =
		Esys_Unseal(tpm.esys, tpm.object, tpm.session, ESYS_TR_NONE, ESYS_TR_NONE, &data);
	if (rc)
		return failed(EIO, "opening", rc, err);
	r = secret_from_bytes(data->buffer, data->size, ret_key, err);
	sodium_memzero(data, sizeof(*data));
	Esys_Free(data);
	return r;
}
