bin_PROGRAMS += envseal
envseal_SOURCES = \
	src/envseal.c \
	src/cmd/ask.c \
	src/cmd/ask.h \
	src/cmd/check.h \
	src/cmd/check_codes.c \
	src/cmd/check_files.c \
	src/cmd/check_interpreters.c \
	src/cmd/check_rules.c \
	src/cmd/cmd.c \
	src/cmd/cmd.h \
	src/cmd/doctor.c \
	src/cmd/doctor.h \
	src/cmd/doctor_install.c \
	src/cmd/doctor_kernel.c \
	src/cmd/doctor_verdict.c \
	src/cmd/dotenv.c \
	src/cmd/dotenv.h \
	src/cmd/duration.c \
	src/cmd/duration.h \
	src/cmd/findings.c \
	src/cmd/findings.h \
	src/cmd/fingerprint.c \
	src/cmd/explain.c \
	src/cmd/explain.h \
	src/cmd/explain_policy.c \
	src/cmd/explain_program.c \
	src/cmd/explain_sandbox.c \
	src/cmd/grants.c \
	src/cmd/grants.h \
	src/cmd/hash.c \
	src/cmd/import.c \
	src/cmd/init.c \
	src/cmd/init_system.c \
	src/cmd/init_system.h \
	src/cmd/lifecycle.c \
	src/cmd/list.c \
	src/cmd/mode.c \
	src/cmd/mode.h \
	src/cmd/options.c \
	src/cmd/options.h \
	src/cmd/packages.c \
	src/cmd/packages.h \
	src/cmd/policy.c \
	src/cmd/policy_allow.c \
	src/cmd/policy_approve.c \
	src/cmd/policy_check.c \
	src/cmd/policy_common.c \
	src/cmd/policy_common.h \
	src/cmd/policy_diff.c \
	src/cmd/policy_edit.c \
	src/cmd/policy_keys.c \
	src/cmd/policy_list.c \
	src/cmd/policy_mask.c \
	src/cmd/policy_new.c \
	src/cmd/policy_pin.c \
	src/cmd/policy_remove.c \
	src/cmd/policy_report.c \
	src/cmd/policy_rows.c \
	src/cmd/policy_rows.h \
	src/cmd/policy_show.c \
	src/cmd/policy_state.c \
	src/cmd/policy_state.h \
	src/cmd/policy_text.c \
	src/cmd/policy_text.h \
	src/cmd/policy_users.c \
	src/cmd/policy_users.h \
	src/cmd/policy_walk.c \
	src/cmd/policy_walk.h \
	src/cmd/pubkey.c \
	src/cmd/policy_who.c \
	src/cmd/public_keys.c \
	src/cmd/public_keys.h \
	src/cmd/recovery.c \
	src/cmd/recovery.h \
	src/cmd/remove.c \
	src/cmd/run.c \
	src/cmd/shim.c \
	src/cmd/rotate_key.c \
	src/cmd/slot.c \
	src/cmd/slot_add.c \
	src/cmd/store.c \
	src/cmd/table.c \
	src/cmd/table.h \
	src/cmd/tool.c \
	src/cmd/tool.h \
	src/cmd/tpm2.h \
	src/cmd/unlock.c \
	src/cmd/verify.c
if TPM2
envseal_SOURCES += src/cmd/tpm2.c
else
envseal_SOURCES += src/cmd/tpm2_none.c
endif
envseal_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(TSS2_CFLAGS)
envseal_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS) $(JANSSON_LIBS) $(TSS2_LIBS)
