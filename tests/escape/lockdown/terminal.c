/* A terminal: on descriptors 0-2, or only the one that the session has. */
#include "ways.h"

#include <sys/ioctl.h>

static int push_input(const void *what) {
	char letter = 'L';
	return result(syscall(SYS_ioctl, 0L, (unsigned long)TIOCSTI | *(const unsigned long *)what, &letter));
}

/* Only a console knows it: ENOTTY is a terminal's own answer. */
static int paste(const void *what) {
	char subcode = 3;
	long r = syscall(SYS_ioctl, 0L, (unsigned long)TIOCLINUX | *(const unsigned long *)what, &subcode);
	return r >= 0 || errno == ENOTTY || errno == EINVAL ? 0 : -errno;
}

static const unsigned long none = 0, bit_32 = 1UL << 32, bit_63 = 1UL << 63;

static int write_own_terminal(const void *what) {
	(void)what;
	return leak(open("/dev/tty", O_WRONLY | O_CLOEXEC));
}

static const struct way ways[] = {
	{"tiocsti", BOTH | SEEN | MAYBE, push_input, &none},
	{"tiocsti-high-bit", BOTH | SEEN | MAYBE, push_input, &bit_32},
	{"tiocsti-highest-bit", BOTH | SEEN | MAYBE, push_input, &bit_63},
	{"tioclinux", BOTH, paste, &none},
	{"tioclinux-high-bit", BOTH, paste, &bit_32},
	/* Standard input is another thing here: then the session's terminal was not given. */
	{"dev-tty", LOCKDOWN | SEEN, write_own_terminal, NULL},
};

const struct topic terminal_topic = {"terminal", ways, COUNT(ways)};
