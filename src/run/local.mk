noinst_LIBRARIES += src/run/librun.a
src_run_librun_a_SOURCES = \
	src/run/become.c \
	src/run/choose.c \
	src/run/choose.h \
	src/run/decision.c \
	src/run/decision.h \
	src/run/environment.c \
	src/run/environment.h \
	src/run/filesystem.c \
	src/run/filesystem.h \
	src/run/home.c \
	src/run/home.h \
	src/run/launch.c \
	src/run/launch.h \
	src/run/location.c \
	src/run/location.h \
	src/run/mode.c \
	src/run/mode.h \
	src/run/program.c \
	src/run/program.h \
	src/run/record.c \
	src/run/record.h \
	src/run/request.h \
	src/run/resolve.c \
	src/run/resolve.h \
	src/run/run.c \
	src/run/run.h \
	src/run/script.c \
	src/run/script.h \
	src/run/secrets.c \
	src/run/secrets.h \
	src/run/stages.c \
	src/run/stages.h \
	src/run/supervise.c \
	src/run/supervise.h \
	src/run/unlocking.c \
	src/run/unlocking.h
