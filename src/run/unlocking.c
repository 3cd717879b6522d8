#include "run/unlocking.h"

#include "run/location.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/pinentry.h"
#include "util/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define CREDENTIAL "envseal.key" /* the name that LoadCredential= has to use (systemd.exec(5)) */

/*
 * Where it was standard input, /dev/null takes its place: a program must not find another file
 * there.
 */
static void close_passphrase(struct unlocking *unlocking) {
	int fd = steal_fd(&unlocking->passphrase_fd);
	if (fd > STDERR_FILENO)
		close(fd);
	else if (fd >= 0)
		fd_null(fd);
}

/* Reads to the end of the file, without the last newline. It can be read only once. */
static int read_passphrase(struct unlocking *unlocking, struct secret **ret_answer,
                           struct error *err) {
	cleanup_secret struct secret *answer = NULL;
	int r = secret_read_fd(unlocking->passphrase_fd, VAULT_PASSPHRASE_MAX + 1, &answer, err);
	close_passphrase(unlocking);
	if (r < 0)
		return error_wrap(err, r, "--passphrase-fd");
	if (answer->size > 0 && answer->bytes[answer->size - 1] == '\n')
		answer->size--;
	if (answer->size == 0 || answer->size > VAULT_PASSPHRASE_MAX)
		return error_set(err, EINVAL, "--passphrase-fd: a passphrase has 1 to %d bytes",
		                 VAULT_PASSPHRASE_MAX);
	*ret_answer = steal_pointer(answer);
	return 0;
}

int unlocking_nobody_to_ask(struct error *err) {
	return error_set(
		err, ENOKEY,
		"a passphrase is needed and there is no terminal to ask on; start this from one, "
		"install " ENVSEAL_PINENTRY
		", use --passphrase-fd, or let ENVSEAL_KEY_FILE name a key file");
}

static int ask(void *context, const char *what, struct secret **ret_answer, struct error *err) {
	struct unlocking *unlocking = context;
	char prompt[64];
	if (unlocking->passphrase_fd >= 0)
		return read_passphrase(unlocking, ret_answer, err);
	int size = snprintf(prompt, sizeof(prompt), "%s of the vault: ", what);
	prompt[0] = (char)(prompt[0] - 'a' + 'A');
	int r = terminal_read_hidden(prompt, VAULT_PASSPHRASE_MAX, ret_answer, err);
	if (r != -ENXIO)
		return r;
	prompt[size - 1] = '\0';
	r = pinentry_ask(ENVSEAL_PINENTRY, "The envseal vault is locked.", prompt,
	                 unlocking->environment, VAULT_PASSPHRASE_MAX, ret_answer, err);
	return r == -ENXIO ? unlocking_nobody_to_ask(err) : r;
}

static int find_credential(struct unlocking *unlocking, struct error *err) {
	const char *directory = location_variable(unlocking->environment, "CREDENTIALS_DIRECTORY");
	if (!directory)
		return 0;
	if (directory[0] != '/')
		return error_set(err, EINVAL, "CREDENTIALS_DIRECTORY must be an absolute path");
	unlocking->credential = path_join(directory, CREDENTIAL);
	return unlocking->credential ? 0 : error_errno(err, ENOMEM, "CREDENTIALS_DIRECTORY");
}

int unlocking_prepare(struct unlocking *unlocking, char *const environment[], int passphrase_fd,
                      bool no_input, struct error *err) {
	*unlocking = (struct unlocking){.environment = environment, .passphrase_fd = passphrase_fd};
	int r = find_credential(unlocking, err);
	if (r < 0)
		return r;
	unlocking->how = (struct vault_unlock){
		.key_file = location_variable(environment, "ENVSEAL_KEY_FILE"),
		.credential = unlocking->credential,
		.keep = &unlocking->keep,
		.ask = passphrase_fd >= 0 || !no_input ? ask : NULL,
		.context = unlocking,
	};
	if (unlocking->how.key_file && unlocking->how.key_file[0] != '/')
		return error_set(err, EINVAL, "ENVSEAL_KEY_FILE must be an absolute path");
	return 0;
}

void unlocking_free(struct unlocking *unlocking) {
	if (unlocking->passphrase_fd > STDERR_FILENO)
		close_passphrase(unlocking);
	free(unlocking->credential);
	unlocking->credential = NULL;
}

int unlocking_parse_fd(const char *text, int *ret_fd, struct error *err) {
	if (fd_parse(text, ret_fd) < 0)
		return error_set(err, EINVAL,
		                 "--passphrase-fd needs the number of an open descriptor");
	return *ret_fd > STDERR_FILENO ? fd_set_cloexec(*ret_fd, true) : 0;
}

/*
 * Before anything is started: a child would share a standard descriptor, and with it the file's
 * beginning.
 */
int unlocking_take_fd(const char *text, int *ret_fd, struct error *err) {
	int fd = -1;
	int r = unlocking_parse_fd(text, &fd, err);
	if (r < 0)
		return r;
	if (fd <= STDERR_FILENO) {
		cleanup_fd int own = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		r = own < 0 ? -errno : fd_null(fd);
		if (r < 0)
			return error_errno(err, r, "--passphrase-fd");
		fd = steal_fd(&own);
	}
	*ret_fd = fd;
	return 0;
}
