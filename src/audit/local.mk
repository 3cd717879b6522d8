noinst_LIBRARIES += src/audit/libaudit.a
src_audit_libaudit_a_SOURCES = \
	src/audit/audit.h \
	src/audit/record.c \
	src/audit/syslog.c \
	src/audit/syslog.h
