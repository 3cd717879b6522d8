noinst_LIBRARIES += src/run/librun.a
src_run_librun_a_SOURCES = \
	src/run/location.c \
	src/run/location.h
