noinst_LIBRARIES += src/sandbox/libsandbox.a
src_sandbox_libsandbox_a_SOURCES = \
	src/sandbox/confine.c \
	src/sandbox/confine.h \
	src/sandbox/devices.c \
	src/sandbox/diagnose.c \
	src/sandbox/diagnose.h \
	src/sandbox/environment.c \
	src/sandbox/environment.h \
	src/sandbox/filter.c \
	src/sandbox/init.c \
	src/sandbox/init.h \
	src/sandbox/landlock.c \
	src/sandbox/mounts.c \
	src/sandbox/mounts.h \
	src/sandbox/namespaces.c \
	src/sandbox/namespaces.h \
	src/sandbox/report.h \
	src/sandbox/seccomp.c \
	src/sandbox/spec.c \
	src/sandbox/spec.h \
	src/sandbox/starter.c \
	src/sandbox/steps.c \
	src/sandbox/steps.h \
	src/sandbox/tier.c \
	src/sandbox/tier.h
