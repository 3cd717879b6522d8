noinst_LIBRARIES += src/vault/libvault.a
src_vault_libvault_a_SOURCES = \
	src/vault/batch.c \
	src/vault/bytes.h \
	src/vault/config.c \
	src/vault/config.h \
	src/vault/create.c \
	src/vault/fingerprint.c \
	src/vault/internal.h \
	src/vault/journal.c \
	src/vault/journal.h \
	src/vault/keep.c \
	src/vault/keep.h \
	src/vault/key_file.c \
	src/vault/keys.c \
	src/vault/keys.h \
	src/vault/list.c \
	src/vault/names.c \
	src/vault/names.h \
	src/vault/recovery.c \
	src/vault/rotate.c \
	src/vault/seal.c \
	src/vault/seal.h \
	src/vault/secrets.c \
	src/vault/slot_set.c \
	src/vault/slot_set.h \
	src/vault/slots.c \
	src/vault/slots.h \
	src/vault/store.c \
	src/vault/tree.c \
	src/vault/tree.h \
	src/vault/unlock.c \
	src/vault/vault.c \
	src/vault/vault.h \
	src/vault/walk.c \
	src/vault/walk.h \
	src/vault/writer.c \
	src/vault/writer.h
