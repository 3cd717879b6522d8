/* A terminal: on descriptors 0-2, or only the one that the session has. */
#include "ways.h"

#include <sys/ioctl.h>
#include <termios.h>

static int push_input(const void *what) {
	char letter = 'L';
	return result(syscall(SYS_ioctl, 0L, (unsigned long)TIOCSTI | *(const unsigned long *)what,
	                      &letter));
}

/* Only a console knows it: ENOTTY is a terminal's own answer. */
static int paste(const void *what) {
	char subcode = 3;
	long r = syscall(SYS_ioctl, 0L, (unsigned long)TIOCLINUX | *(const unsigned long *)what,
	                 &subcode);
	return r >= 0 || errno == ENOTTY || errno == EINVAL ? 0 : -errno;
}

static const unsigned long none = 0, bit_32 = 1UL << 32, bit_63 = 1UL << 63;

static int write_own_terminal(const void *what) {
	(void)what;
	return leak(open("/dev/tty", O_WRONLY | O_CLOEXEC));
}

/* What neither `stty sane` nor a new shell mends. */
static int leave_unusable(const void *what) {
	return result(ioctl(0, *(const unsigned long *)what, &none));
}

static const unsigned long discipline = TIOCSETD, exclusive = TIOCEXCL;

static int stop_output(const void *what) {
	(void)what;
	return result(tcflow(0, TCOOFF));
}

static const struct way ways[] = {
	{"tiocsti", BOTH | SEEN | MAYBE, push_input, &none},
	{"tiocsti-high-bit", BOTH | SEEN | MAYBE, push_input, &bit_32},
	{"tiocsti-highest-bit", BOTH | SEEN | MAYBE, push_input, &bit_63},
	{"tioclinux", BOTH, paste, &none},
	{"tioclinux-high-bit", BOTH, paste, &bit_32},
	{"tiocsetd", LOCKDOWN, leave_unusable, &discipline},
	{"tiocexcl", LOCKDOWN, leave_unusable, &exclusive},
	{"stopped-output", LOCKDOWN, stop_output, NULL},
	/* Standard input is another thing here: then the session's terminal was not given. */
	{"dev-tty", LOCKDOWN | SEEN, write_own_terminal, NULL},
};

const struct topic terminal_topic = {"terminal", ways, COUNT(ways)};
