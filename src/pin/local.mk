noinst_LIBRARIES += src/pin/libpin.a
src_pin_libpin_a_SOURCES = \
	src/pin/hash.c \
	src/pin/header.c \
	src/pin/header.h \
	src/pin/pin.c \
	src/pin/pin.h
