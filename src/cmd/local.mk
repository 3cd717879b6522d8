bin_PROGRAMS += envseal
envseal_SOURCES = \
	src/envseal.c \
	src/cmd/cmd.h \
	src/cmd/options.c \
	src/cmd/options.h
envseal_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
envseal_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(JANSSON_LIBS)
