noinst_LIBRARIES += src/toml/libtoml.a
src_toml_libtoml_a_SOURCES = \
	src/toml/arena.c \
	src/toml/datetime.c \
	src/toml/document.c \
	src/toml/internal.h \
	src/toml/key.c \
	src/toml/number.c \
	src/toml/scan.c \
	src/toml/string.c \
	src/toml/text.c \
	src/toml/toml.c \
	src/toml/toml.h \
	src/toml/containers.c \
	src/toml/value.c
