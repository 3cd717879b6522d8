noinst_LIBRARIES += src/mask/libmask.a
src_mask_libmask_a_SOURCES = \
	src/mask/encoding.c \
	src/mask/encoding.h \
	src/mask/index.c \
	src/mask/index.h \
	src/mask/mask.c \
	src/mask/mask.h \
	src/mask/pattern.c \
	src/mask/pattern.h \
	src/mask/stream.c
