noinst_LIBRARIES += src/authority/libauthority.a
src_authority_libauthority_a_SOURCES = \
	src/authority/actor.c \
	src/authority/actor.h \
	src/authority/hygiene.c \
	src/authority/hygiene.h \
	src/authority/identity.c \
	src/authority/identity.h \
	src/authority/mapper.c \
	src/authority/mapper.h \
	src/authority/privilege.c \
	src/authority/privilege.h \
	src/authority/system_ids.c \
	src/authority/system_ids.h \
	src/authority/withheld.c \
	src/authority/withheld.h
