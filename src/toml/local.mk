noinst_LIBRARIES += src/toml/libtoml.a
src_toml_libtoml_a_SOURCES = \
	src/toml/toml.h
