# The two programs that run before or beside a target. Static where the libraries allow it.
if STATIC_EXEC
EXEC_LINK = $(COVERAGE_LDFLAGS) -static-pie -Wl,-z,relro,-z,now,-z,noexecstack
EXEC_STUBS = src/sandbox/nss_stubs.c
else
EXEC_LINK = $(AM_LDFLAGS)
if WITH_SANITIZERS
EXEC_STUBS = src/sandbox/sanitizers.c
else
EXEC_STUBS =
endif
endif
EXTRA_DIST += src/sandbox/nss_stubs.c src/sandbox/sanitizers.c

pkglibexec_PROGRAMS += envseal-sandbox-helper
envseal_sandbox_helper_SOURCES = src/envseal-sandbox-helper.c $(EXEC_STUBS)
if COVERAGE
envseal_sandbox_helper_SOURCES += tests/coverage/elsewhere.c
endif
envseal_sandbox_helper_LDFLAGS = $(EXEC_LINK)
envseal_sandbox_helper_LDADD = src/sandbox/libsandbox.a src/util/libutil.a $(CAPNG_LIBS)

bin_PROGRAMS += envseal-exec
envseal_exec_SOURCES = src/envseal-exec.c $(EXEC_STUBS)
envseal_exec_LDFLAGS = $(EXEC_LINK)
envseal_exec_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)

# These have a configured path compiled in: they are made again when configure was told another.
src/policy/layers.$(OBJEXT) src/run/mode.$(OBJEXT) src/run/environment.$(OBJEXT) \
	src/run/launch.$(OBJEXT) src/run/resolve.$(OBJEXT) src/run/stages.$(OBJEXT) $(envseal_OBJECTS): Makefile
