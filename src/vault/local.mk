noinst_LIBRARIES += src/vault/libvault.a
src_vault_libvault_a_SOURCES = \
	src/vault/bytes.h \
	src/vault/config.c \
	src/vault/config.h \
	src/vault/create.c \
	src/vault/internal.h \
	src/vault/keys.c \
	src/vault/keys.h \
	src/vault/list.c \
	src/vault/names.c \
	src/vault/names.h \
	src/vault/seal.c \
	src/vault/seal.h \
	src/vault/secrets.c \
	src/vault/slots.c \
	src/vault/slots.h \
	src/vault/tree.c \
	src/vault/tree.h \
	src/vault/vault.c \
	src/vault/vault.h
