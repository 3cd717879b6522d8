noinst_LIBRARIES += src/util/libutil.a
src_util_libutil_a_SOURCES = \
	src/util/buffer.c \
	src/util/buffer.h \
	src/util/capabilities.c \
	src/util/capabilities.h \
	src/util/clock.h \
	src/util/cleanup.h \
	src/util/error.c \
	src/util/error.h \
	src/util/fd.c \
	src/util/fd.h \
	src/util/file.c \
	src/util/file.h \
	src/util/fuse.c \
	src/util/fuse.h \
	src/util/ids.c \
	src/util/ids.h \
	src/util/json_line.c \
	src/util/json_line.h \
	src/util/missing.h \
	src/util/nearest.c \
	src/util/nearest.h \
	src/util/path.c \
	src/util/path.h \
	src/util/pinentry.c \
	src/util/pinentry.h \
	src/util/proc.c \
	src/util/proc.h \
	src/util/secret.c \
	src/util/secret.h \
	src/util/syscalls.h \
	src/util/terminal.c \
	src/util/terminal.h \
	src/util/trust.c \
	src/util/trust.h \
	src/util/version.h
