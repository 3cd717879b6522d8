noinst_LIBRARIES += src/sandbox/libsandbox.a
src_sandbox_libsandbox_a_SOURCES = \
	src/sandbox/aliases.c \
	src/sandbox/aliases.h \
	src/sandbox/cgroup.c \
	src/sandbox/cgroup.h \
	src/sandbox/confine.c \
	src/sandbox/confine.h \
	src/sandbox/copies.c \
	src/sandbox/copies.h \
	src/sandbox/devices.c \
	src/sandbox/diagnose.c \
	src/sandbox/diagnose.h \
	src/sandbox/envp.c \
	src/sandbox/envp.h \
	src/sandbox/exec_list.c \
	src/sandbox/exec_list.h \
	src/sandbox/filter.c \
	src/sandbox/hide.c \
	src/sandbox/init.c \
	src/sandbox/init.h \
	src/sandbox/interpreter.c \
	src/sandbox/interpreter.h \
	src/sandbox/landlock.c \
	src/sandbox/limits.c \
	src/sandbox/limits.h \
	src/sandbox/mounts.c \
	src/sandbox/mounts.h \
	src/sandbox/namespaces.c \
	src/sandbox/namespaces.h \
	src/sandbox/places.c \
	src/sandbox/places.h \
	src/sandbox/profile.h \
	src/sandbox/probe.c \
	src/sandbox/probe.h \
	src/sandbox/report.h \
	src/sandbox/root.c \
	src/sandbox/run_group.h \
	src/sandbox/spec.c \
	src/sandbox/spec.h \
	src/sandbox/starter.c \
	src/sandbox/steps.c \
	src/sandbox/steps.h \
	src/sandbox/tier.c \
	src/sandbox/tier.h \
	src/sandbox/tree.c \
	src/sandbox/tree.h

# The seccomp filters: compiled by libseccomp while building, so that no start has to (doc/decisions/filters.md).
noinst_PROGRAMS += src/sandbox/filters-compile
src_sandbox_filters_compile_SOURCES = \
	src/sandbox/filter_lists.c \
	src/sandbox/filter_lists.h \
	src/sandbox/filter_profiles.c \
	src/sandbox/filter_profiles.h \
	src/sandbox/filter_rows.c \
	src/sandbox/filter_rows.h \
	src/sandbox/filters-compile.c
src_sandbox_filters_compile_LDADD = $(SECCOMP_LIBS)

src/sandbox/filters.h: src/sandbox/filters-compile$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) src/sandbox && src/sandbox/filters-compile$(EXEEXT) >$@.tmp && mv $@.tmp $@
BUILT_SOURCES += src/sandbox/filters.h
CLEANFILES += src/sandbox/filters.h
src/sandbox/filter.$(OBJEXT): src/sandbox/filters.h
