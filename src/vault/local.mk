noinst_LIBRARIES += src/vault/libvault.a
src_vault_libvault_a_SOURCES = \
	src/vault/vault.h
