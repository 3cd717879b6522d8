# The two programs that run before or beside a target. Static where the libraries allow it.
if STATIC_EXEC
EXEC_LDFLAGS = -static-pie -Wl,-z,relro,-z,now,-z,noexecstack
else
EXEC_LDFLAGS = $(AM_LDFLAGS)
endif
