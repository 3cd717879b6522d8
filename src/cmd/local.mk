bin_PROGRAMS += envseal
envseal_SOURCES = \
	src/envseal.c \
	src/cmd/ask.c \
	src/cmd/ask.h \
	src/cmd/cmd.c \
	src/cmd/cmd.h \
	src/cmd/hash.c \
	src/cmd/init.c \
	src/cmd/list.c \
	src/cmd/options.c \
	src/cmd/options.h \
	src/cmd/policy.c \
	src/cmd/public_keys.c \
	src/cmd/public_keys.h \
	src/cmd/remove.c \
	src/cmd/store.c
envseal_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
envseal_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(JANSSON_LIBS)
