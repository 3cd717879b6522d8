bin_PROGRAMS += envseal
envseal_SOURCES = \
	src/envseal.c \
	src/cmd/ask.c \
	src/cmd/ask.h \
	src/cmd/check.h \
	src/cmd/check_codes.c \
	src/cmd/check_files.c \
	src/cmd/check_rules.c \
	src/cmd/cmd.c \
	src/cmd/cmd.h \
	src/cmd/doctor.c \
	src/cmd/doctor.h \
	src/cmd/doctor_install.c \
	src/cmd/doctor_kernel.c \
	src/cmd/doctor_verdict.c \
	src/cmd/findings.c \
	src/cmd/findings.h \
	src/cmd/grants.c \
	src/cmd/grants.h \
	src/cmd/hash.c \
	src/cmd/init.c \
	src/cmd/init_system.c \
	src/cmd/init_system.h \
	src/cmd/list.c \
	src/cmd/mode.c \
	src/cmd/mode.h \
	src/cmd/options.c \
	src/cmd/options.h \
	src/cmd/policy.c \
	src/cmd/policy_allow.c \
	src/cmd/policy_approve.c \
	src/cmd/policy_check.c \
	src/cmd/policy_common.c \
	src/cmd/policy_common.h \
	src/cmd/policy_list.c \
	src/cmd/policy_new.c \
	src/cmd/policy_pin.c \
	src/cmd/policy_rows.c \
	src/cmd/policy_rows.h \
	src/cmd/policy_show.c \
	src/cmd/policy_state.c \
	src/cmd/policy_state.h \
	src/cmd/policy_text.c \
	src/cmd/policy_text.h \
	src/cmd/policy_walk.c \
	src/cmd/policy_walk.h \
	src/cmd/public_keys.c \
	src/cmd/public_keys.h \
	src/cmd/remove.c \
	src/cmd/run.c \
	src/cmd/shim.c \
	src/cmd/store.c \
	src/cmd/table.c \
	src/cmd/table.h
envseal_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
envseal_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS) $(JANSSON_LIBS)
