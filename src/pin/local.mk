noinst_LIBRARIES += src/pin/libpin.a
src_pin_libpin_a_SOURCES = \
	src/pin/hash.c \
	src/pin/pin.c \
	src/pin/pin.h
