noinst_LIBRARIES += src/policy/libpolicy.a
src_policy_libpolicy_a_SOURCES = \
	src/policy/approval.h \
	src/policy/find.h \
	src/policy/layers.h \
	src/policy/policy.h \
	src/policy/variables.h
