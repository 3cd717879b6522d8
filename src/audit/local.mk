noinst_LIBRARIES += src/audit/libaudit.a
src_audit_libaudit_a_SOURCES = \
	src/audit/audit.c \
	src/audit/audit.h \
	src/audit/syslog.c \
	src/audit/syslog.h
