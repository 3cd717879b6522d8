#include "cmd/ask.h"

#include "cmd/cmd.h"
#include "run/unlocking.h"
#include "util/fd.h"
#include "util/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Below the first, no cost of Argon2id stops guessing; below the second, it hardly does. */
#define PASSPHRASE_MIN 8
#define PASSPHRASE_SHORT 12

bool ask_possible(void) {
	return terminal_present();
}

int ask_twice(const char *what, size_t max, struct secret **ret_line, struct error *err) {
	cleanup_secret struct secret *first = NULL;
	cleanup_secret struct secret *second = NULL;
	char prompt[512];
	snprintf(prompt, sizeof(prompt), "%s: ", what);
	int r = terminal_read_hidden(prompt, max, &first, err);
	if (r < 0)
		return r;
	if (first->size == 0)
		return error_set(err, EINVAL, "nothing was entered; an empty value is refused");
	snprintf(prompt, sizeof(prompt), "%s, again: ", what);
	r = terminal_read_hidden(prompt, max, &second, err);
	if (r < 0)
		return r;
	if (first->size != second->size ||
	    sodium_memcmp(first->bytes, second->bytes, first->size) != 0)
		return error_set(err, EINVAL, "the two entries differ; try again");
	*ret_line = steal_pointer(first);
	return 0;
}

int ask_from_fd(const char *number, struct secret **ret_line, struct error *err) {
	cleanup_secret struct secret *line = NULL;
	int fd = -1;
	int r = unlocking_parse_fd(number, &fd, err);
	if (r < 0)
		return error_wrap(err, r, "descriptor %d", fd);
	r = secret_read_fd(fd, VAULT_PASSPHRASE_MAX + 1, &line, err);
	if (r < 0)
		return error_wrap(err, r, "descriptor %d", fd);
	if (line->size > 0 && line->bytes[line->size - 1] == '\n')
		line->size--;
	if (line->size == 0 || line->size > VAULT_PASSPHRASE_MAX)
		return error_set(err, EINVAL, "descriptor %d: a passphrase has 1 to %d bytes", fd,
		                 VAULT_PASSPHRASE_MAX);
	*ret_line = steal_pointer(line);
	return 0;
}

int ask_new_passphrase(const char *number, struct secret **ret_passphrase, struct error *err) {
	cleanup_secret struct secret *passphrase = NULL;
	int r = number ? ask_from_fd(number, &passphrase, err)
	               : ask_twice("New passphrase of the vault", VAULT_PASSPHRASE_MAX, &passphrase,
	                           err);
	if (r < 0)
		return r;
	if (passphrase->size < PASSPHRASE_MIN)
		return error_set(err, EINVAL, "a passphrase needs at least %d characters",
		                 PASSPHRASE_MIN);
	if (passphrase->size < PASSPHRASE_SHORT)
		cmd_say("warning: a passphrase of fewer than %d characters can be guessed by "
		        "whoever copies the vault; several words are better",
		        PASSPHRASE_SHORT);
	*ret_passphrase = steal_pointer(passphrase);
	return 0;
}

int ask_letter(const char *question, const char *letters, char *ret_letter) {
	cleanup_fd int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -ENXIO;
	for (;;) {
		char answer[64] = "";
		if (fd_write_full(fd, question, strlen(question)) < 0)
			return -ENXIO;
		ssize_t n = read(fd, answer, sizeof(answer) - 1);
		if (n <= 0)
			return -ECANCELED;
		char letter = answer[0] == '\n' ? letters[0] : answer[0];
		if (strchr(letters, letter)) {
			*ret_letter = letter;
			return 0;
		}
	}
}
