noinst_LIBRARIES += src/stdio/libstdio.a
src_stdio_libstdio_a_SOURCES = \
	src/stdio/descriptors.c \
	src/stdio/descriptors.h \
	src/stdio/output.c \
	src/stdio/output.h \
	src/stdio/readers.c \
	src/stdio/readers.h \
	src/stdio/relay.c \
	src/stdio/relay.h \
	src/stdio/session.c \
	src/stdio/session.h
