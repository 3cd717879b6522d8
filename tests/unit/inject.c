#include "inject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static struct {
	bool armed;
	long left;
	int error;
	const char *only; /* NULL: any */
	const char *struck;
} plan;

void inject_begin(long calls, int error) {
	inject_only(NULL, calls, error);
}

void inject_only(const char *call, long calls, int error) {
	plan.only = call;
	plan.struck = NULL;
	plan.left = calls;
	plan.error = error;
	plan.armed = true;
}

const char *inject_end(void) {
	plan.armed = false;
	return plan.struck;
}

static bool is_due(const char *call, int error) {
	if (!plan.armed || plan.struck || (plan.only && strcmp(plan.only, call) != 0) ||
	    plan.left-- > 0)
		return false;
	plan.struck = call;
	errno = error;
	return true;
}

static bool memory_is_due(const char *call) {
	return plan.error != EINTR && is_due(call, ENOMEM);
}

static bool call_is_due(const char *call) {
	return plan.error != EINTR && is_due(call, plan.error);
}

static bool interruptible_is_due(const char *call) {
	return is_due(call, plan.error);
}

#define WRAP(due, type, failed, name, parameters, ...)                                             \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters {                                                            \
		return due(#name) ? (failed) : __real_##name(__VA_ARGS__);                         \
	}

WRAP(memory_is_due, void *, NULL, malloc, (size_t size), size)
WRAP(memory_is_due, void *, NULL, calloc, (size_t count, size_t size), count, size)
WRAP(memory_is_due, void *, NULL, realloc, (void *old, size_t size), old, size)
WRAP(memory_is_due, void *, NULL, reallocarray, (void *old, size_t count, size_t size), old, count,
     size)
WRAP(memory_is_due, char *, NULL, strdup, (const char *text), text)
WRAP(memory_is_due, char *, NULL, strndup, (const char *text, size_t size), text, size)
WRAP(memory_is_due, char *, NULL, realpath, (const char *path, char *resolved), path, resolved)
WRAP(memory_is_due, void *, NULL, sodium_malloc, (size_t size), size)
WRAP(memory_is_due, locale_t, (locale_t)0, newlocale, (int mask, const char *name, locale_t base),
     mask, name, base)
WRAP(call_is_due, int, -1, fstat, (int fd, struct stat *st), fd, st)
WRAP(call_is_due, int, -1, fstatat, (int fd, const char *path, struct stat *st, int flags), fd,
     path, st, flags)
WRAP(call_is_due, int, -1, fstatfs, (int fd, struct statfs *st), fd, st)
WRAP(call_is_due, int, -1, fchmod, (int fd, mode_t mode), fd, mode)
WRAP(call_is_due, int, -1, fchown, (int fd, uid_t uid, gid_t gid), fd, uid, gid)
WRAP(call_is_due, int, -1, linkat,
     (int from, const char *name, int to, const char *new_name, int flags), from, name, to,
     new_name, flags)
WRAP(call_is_due, int, -1, renameat, (int from, const char *name, int to, const char *new_name),
     from, name, to, new_name)
WRAP(call_is_due, int, -1, unlinkat, (int fd, const char *name, int flags), fd, name, flags)
WRAP(call_is_due, int, -1, mkdir, (const char *path, mode_t mode), path, mode)
WRAP(call_is_due, int, -1, mkdirat, (int fd, const char *path, mode_t mode), fd, path, mode)
WRAP(call_is_due, ssize_t, -1, readlinkat, (int fd, const char *path, char *text, size_t size), fd,
     path, text, size)
WRAP(call_is_due, off_t, -1, lseek, (int fd, off_t offset, int from), fd, offset, from)
WRAP(call_is_due, DIR *, NULL, fdopendir, (int fd), fd)
WRAP(call_is_due, DIR *, NULL, opendir, (const char *path), path)
WRAP(call_is_due, struct dirent *, NULL, readdir, (DIR * dir), dir)
WRAP(call_is_due, int, -1, mlock, (const void *at, size_t size), at, size)
WRAP(interruptible_is_due, ssize_t, -1, read, (int fd, void *bytes, size_t size), fd, bytes, size)
WRAP(interruptible_is_due, ssize_t, -1, pread, (int fd, void *bytes, size_t size, off_t at), fd,
     bytes, size, at)
WRAP(interruptible_is_due, ssize_t, -1, write, (int fd, const void *bytes, size_t size), fd, bytes,
     size)
WRAP(interruptible_is_due, ssize_t, -1, sendfile, (int to, int from, off_t *offset, size_t size),
     to, from, offset, size)
WRAP(interruptible_is_due, int, -1, flock, (int fd, int operation), fd, operation)
/* Of so few bytes it is not interrupted (getrandom(2)). */
WRAP(call_is_due, ssize_t, -1, getrandom, (void *bytes, size_t size, unsigned int flags), bytes,
     size, flags)

/* No disk is waited for: these tests sync thousands of times. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
	(void)fd;
	return call_is_due("fsync") ? -1 : 0;
}

/* Nor for a hash that is to be slow: the same, at the lowest price. */
int __real_crypto_pwhash(unsigned char *out, unsigned long long out_size, const char *phrase,
                         unsigned long long size, const unsigned char *salt,
                         unsigned long long operations, size_t memory, int algorithm);
int __wrap_crypto_pwhash(unsigned char *out, unsigned long long out_size, const char *phrase,
                         unsigned long long size, const unsigned char *salt,
                         unsigned long long operations, size_t memory, int algorithm);
int __wrap_crypto_pwhash(unsigned char *out, unsigned long long out_size, const char *phrase,
                         unsigned long long size, const unsigned char *salt,
                         unsigned long long operations, size_t memory, int algorithm) {
	(void)operations;
	(void)memory;
	if (memory_is_due("crypto_pwhash"))
		return -1;
	return __real_crypto_pwhash(out, out_size, phrase, size, salt, crypto_pwhash_OPSLIMIT_MIN,
	                            crypto_pwhash_MEMLIMIT_MIN, algorithm);
}

/* Those with variable arguments take all that the kernel's calls have. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode) {
	return call_is_due("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int fd, const char *path, int flags, ...);
int __wrap_openat(int fd, const char *path, int flags, mode_t mode);
int __wrap_openat(int fd, const char *path, int flags, mode_t mode) {
	return call_is_due("openat") ? -1 : __real_openat(fd, path, flags, mode);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, long argument);
int __wrap_fcntl(int fd, int command, long argument) {
	return call_is_due("fcntl") ? -1 : __real_fcntl(fd, command, argument);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f) {
	return call_is_due("syscall") ? -1 : __real_syscall(number, a, b, c, d, e, f);
}

/* asprintf(3), which _FORTIFY_SOURCE gives another name. */
int __wrap_asprintf(char **ret_text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **ret_text, const char *format, ...) {
	va_list arguments;
	if (memory_is_due("asprintf"))
		return -1;
	va_start(arguments, format);
	int n = vasprintf(ret_text, format, arguments);
	va_end(arguments);
	return n;
}

int __wrap___asprintf_chk(char **ret_text, int flag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int __wrap___asprintf_chk(char **ret_text, int flag, const char *format, ...) {
	va_list arguments;
	(void)flag;
	if (memory_is_due("asprintf"))
		return -1;
	va_start(arguments, format);
	int n = vasprintf(ret_text, format, arguments);
	va_end(arguments);
	return n;
}
