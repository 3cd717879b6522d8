noinst_LIBRARIES += src/run/librun.a
src_run_librun_a_SOURCES = \
	src/run/encoding.c \
	src/run/encoding.h \
	src/run/environment.c \
	src/run/environment.h \
	src/run/hygiene.c \
	src/run/hygiene.h \
	src/run/launch.c \
	src/run/launch.h \
	src/run/location.c \
	src/run/location.h \
	src/run/mask.c \
	src/run/mask.h \
	src/run/mask_index.c \
	src/run/mask_index.h \
	src/run/mask_stream.c \
	src/run/pattern.c \
	src/run/pattern.h \
	src/run/program.c \
	src/run/program.h \
	src/run/record.c \
	src/run/record.h \
	src/run/relay.c \
	src/run/relay.h \
	src/run/request.h \
	src/run/resolve.c \
	src/run/resolve.h \
	src/run/run.c \
	src/run/script.c \
	src/run/script.h \
	src/run/secrets.c \
	src/run/secrets.h \
	src/run/supervise.c \
	src/run/supervise.h
