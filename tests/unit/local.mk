# One cmocka program a module. All link the same libraries, in the order of HACKING.md's arrows.
UNIT_LIBS = \
	src/run/librun.a \
	src/stdio/libstdio.a \
	src/mask/libmask.a \
	src/authority/libauthority.a \
	src/policy/libpolicy.a \
	src/sandbox/libsandbox.a \
	src/audit/libaudit.a \
	src/vault/libvault.a \
	src/pin/libpin.a \
	src/toml/libtoml.a \
	src/util/libutil.a
UNIT_LINK = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS) $(CMOCKA_LIBS)
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'

UNIT_TESTS =
if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
# Some tests get a directory of their own.
SCRATCH = tests/unit/scratch.c tests/unit/scratch.h
EXTRA_DIST += tests/unit/run tests/unit/unit.h tests/unit/sanitizers.supp

# The unit tests of a build with --enable-sanitizers. Every report is a failure.
#? check-sanitizers  run the unit tests with ASan and UBSan; configure with --enable-sanitizers
check-sanitizers: $(check_PROGRAMS)
	@test -n "$(SANITIZERS)" || { echo "check-sanitizers: configure with --enable-sanitizers first" >&2; exit 1; }
	@for program in $(UNIT_TESTS); do echo "$$program" && \
		LSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/unit/sanitizers.supp" "./$$program$(EXEEXT)" || exit 1; done
.PHONY: check-sanitizers

UNIT_TESTS += tests/unit/test_approval
tests_unit_test_approval_SOURCES = tests/unit/test_approval.c $(SCRATCH)
tests_unit_test_approval_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_approval_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_arguments
tests_unit_test_arguments_SOURCES = tests/unit/test_arguments.c
tests_unit_test_arguments_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_arguments_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_audit
tests_unit_test_audit_SOURCES = tests/unit/test_audit.c
tests_unit_test_audit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_audit_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_cgroup
tests_unit_test_cgroup_SOURCES = tests/unit/test_cgroup.c
tests_unit_test_cgroup_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cgroup_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=open -Wl,--wrap=openat -Wl,--wrap=fstatfs \
	-Wl,--wrap=fgetxattr -Wl,--wrap=mkdirat -Wl,--wrap=unlinkat
tests_unit_test_cgroup_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_find
tests_unit_test_find_SOURCES = tests/unit/test_find.c $(SCRATCH)
tests_unit_test_find_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_find_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_mask
tests_unit_test_mask_SOURCES = tests/unit/test_mask.c
tests_unit_test_mask_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_mask_LDADD = $(UNIT_LINK)

# Compares the matcher with a slow and simple one.
MASK_SECONDS = 60
#? check-mask      compare the matcher with a slow and simple one, for MASK_SECONDS=600
check-mask: tests/unit/test_mask$(EXEEXT)
	MASK_SECONDS=$(MASK_SECONDS) tests/unit/test_mask$(EXEEXT)
.PHONY: check-mask

UNIT_TESTS += tests/unit/test_header
tests_unit_test_header_SOURCES = tests/unit/test_header.c
tests_unit_test_header_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_header_LDADD = $(UNIT_LINK)

# The linker sends each call in this list through inject.c.
INJECT = -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray -Wl,--wrap=strdup \
	-Wl,--wrap=strndup -Wl,--wrap=asprintf -Wl,--wrap=__asprintf_chk -Wl,--wrap=realpath \
	-Wl,--wrap=sodium_malloc -Wl,--wrap=newlocale -Wl,--wrap=crypto_pwhash -Wl,--wrap=open -Wl,--wrap=openat \
	-Wl,--wrap=fcntl -Wl,--wrap=syscall -Wl,--wrap=fstat -Wl,--wrap=fstatat -Wl,--wrap=fstatfs \
	-Wl,--wrap=fchmod -Wl,--wrap=fchown -Wl,--wrap=fsync -Wl,--wrap=linkat -Wl,--wrap=renameat \
	-Wl,--wrap=unlinkat -Wl,--wrap=mkdir -Wl,--wrap=mkdirat -Wl,--wrap=readlinkat -Wl,--wrap=lseek \
	-Wl,--wrap=fdopendir -Wl,--wrap=opendir -Wl,--wrap=readdir -Wl,--wrap=mlock -Wl,--wrap=read \
	-Wl,--wrap=pread -Wl,--wrap=write -Wl,--wrap=sendfile -Wl,--wrap=flock -Wl,--wrap=getrandom
FLOWS = $(SCRATCH) tests/unit/flows.c tests/unit/flows.h tests/unit/inject.c tests/unit/inject.h
FLOW_VAULT = tests/unit/flow_vault.c tests/unit/flow_vault.h

UNIT_TESTS += tests/unit/test_faults_keys
tests_unit_test_faults_keys_SOURCES = tests/unit/test_faults_keys.c $(FLOWS) $(FLOW_VAULT)
tests_unit_test_faults_keys_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_faults_keys_LDFLAGS = $(AM_LDFLAGS) $(INJECT)
tests_unit_test_faults_keys_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_faults_mask
tests_unit_test_faults_mask_SOURCES = tests/unit/test_faults_mask.c $(FLOWS)
tests_unit_test_faults_mask_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_faults_mask_LDFLAGS = $(AM_LDFLAGS) $(INJECT)
tests_unit_test_faults_mask_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_faults_pin
tests_unit_test_faults_pin_SOURCES = tests/unit/test_faults_pin.c $(FLOWS)
tests_unit_test_faults_pin_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_faults_pin_LDFLAGS = $(AM_LDFLAGS) $(INJECT)
tests_unit_test_faults_pin_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_faults_policy
tests_unit_test_faults_policy_SOURCES = tests/unit/test_faults_policy.c $(FLOWS) $(FLOW_VAULT)
tests_unit_test_faults_policy_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_faults_policy_LDFLAGS = $(AM_LDFLAGS) $(INJECT)
tests_unit_test_faults_policy_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_faults_vault
tests_unit_test_faults_vault_SOURCES = tests/unit/test_faults_vault.c $(FLOWS) $(FLOW_VAULT)
tests_unit_test_faults_vault_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_faults_vault_LDFLAGS = $(AM_LDFLAGS) $(INJECT)
tests_unit_test_faults_vault_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_grant
tests_unit_test_grant_SOURCES = tests/unit/test_grant.c $(SCRATCH)
tests_unit_test_grant_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_grant_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_mapper
tests_unit_test_mapper_SOURCES = tests/unit/test_mapper.c
tests_unit_test_mapper_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_mapper_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_policy
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c
tests_unit_test_policy_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policy_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_signature
tests_unit_test_signature_SOURCES = tests/unit/test_signature.c $(SCRATCH)
tests_unit_test_signature_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_signature_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_stages
tests_unit_test_stages_SOURCES = tests/unit/test_stages.c src/cmd/explain/preview.c
tests_unit_test_stages_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_stages_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_system
tests_unit_test_system_SOURCES = tests/unit/test_system.c $(SCRATCH)
tests_unit_test_system_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_system_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_toml
tests_unit_test_toml_SOURCES = tests/unit/test_toml.c
tests_unit_test_toml_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_toml_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc
tests_unit_test_toml_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_util
tests_unit_test_util_SOURCES = tests/unit/test_util.c $(SCRATCH)
tests_unit_test_util_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=openat -Wl,--wrap=__openat_2 \
	-Wl,--wrap=open -Wl,--wrap=seteuid -Wl,--wrap=setfsuid
tests_unit_test_util_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_variables
tests_unit_test_variables_SOURCES = tests/unit/test_variables.c
tests_unit_test_variables_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_variables_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_vault
tests_unit_test_vault_SOURCES = tests/unit/test_vault.c $(SCRATCH)
tests_unit_test_vault_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_vault_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_limits
tests_unit_test_limits_SOURCES = tests/unit/test_limits.c
tests_unit_test_limits_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_limits_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_pin
tests_unit_test_pin_SOURCES = tests/unit/test_pin.c
tests_unit_test_pin_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pin_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_run
tests_unit_test_run_SOURCES = tests/unit/test_run.c
tests_unit_test_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_sandbox
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c $(SCRATCH)
tests_unit_test_sandbox_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sandbox_LDADD = $(UNIT_LINK)

UNIT_TESTS += tests/unit/test_filters
tests_unit_test_filters_SOURCES = tests/unit/test_filters.c
tests_unit_test_filters_CPPFLAGS = $(UNIT_CPPFLAGS) \
	-DFILTERS_COMPILE='"$(abs_top_builddir)/src/sandbox/filters-compile"'
tests_unit_test_filters_LDADD = $(UNIT_LINK)

# Contains the configured layers, so it is rebuilt when configure got other places.
tests/unit/test_variables-test_variables.$(OBJEXT): Makefile
