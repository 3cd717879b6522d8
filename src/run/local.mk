noinst_LIBRARIES += src/run/librun.a
src_run_librun_a_SOURCES = \
	src/run/decision.c \
	src/run/decision.h \
	src/run/environment.c \
	src/run/environment.h \
	src/run/foresee.c \
	src/run/foresee.h \
	src/run/hygiene.c \
	src/run/hygiene.h \
	src/run/launch.c \
	src/run/launch.h \
	src/run/location.c \
	src/run/location.h \
	src/run/mapper.c \
	src/run/mapper.h \
	src/run/privilege.c \
	src/run/privilege.h \
	src/run/program.c \
	src/run/program.h \
	src/run/relay.c \
	src/run/relay.h \
	src/run/request.h \
	src/run/resolve.c \
	src/run/resolve.h \
	src/run/run.c \
	src/run/run.h \
	src/run/script.c \
	src/run/script.h \
	src/run/supervise.c \
	src/run/supervise.h
