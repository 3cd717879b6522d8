noinst_LIBRARIES += src/policy/libpolicy.a
src_policy_libpolicy_a_SOURCES = \
	src/policy/approval.c \
	src/policy/approval.h \
	src/policy/arguments.c \
	src/policy/arguments.h \
	src/policy/engine.c \
	src/policy/fields.c \
	src/policy/fields_process.c \
	src/policy/fields_secrets.c \
	src/policy/fields_secrets.h \
	src/policy/find.c \
	src/policy/find.h \
	src/policy/grant.c \
	src/policy/grant.h \
	src/policy/layers.c \
	src/policy/layers.h \
	src/policy/minisign.c \
	src/policy/minisign.h \
	src/policy/places.c \
	src/policy/policy.c \
	src/policy/policy.h \
	src/policy/quantity.c \
	src/policy/schema.c \
	src/policy/schema.h \
	src/policy/signature.c \
	src/policy/signature.h \
	src/policy/system.c \
	src/policy/system.h \
	src/policy/tiers.c \
	src/policy/variables.c \
	src/policy/variables.h
