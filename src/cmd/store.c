#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/public_keys.h"

#include <errno.h>
#include <unistd.h>

/* A terminal hands over lines of at most 4095 bytes and drops the rest (termios(3)). */
#define TYPED_MAX 4094

struct request {
	const char *name;
	bool force;
	bool raw;
	bool no_input;
};

/* `echo secret | envseal store NAME` means the secret without the newline. */
static void strip_newline(struct secret *value) {
	if (value->size > 0 && value->bytes[value->size - 1] == '\n')
		value->size--;
}

static int read_piped(bool raw, struct secret **ret_value, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	int r = secret_read_fd(STDIN_FILENO, VAULT_VALUE_MAX + 1, &value, err);
	if (r < 0 && r != -EFBIG)
		return error_wrap(err, r, "standard input");
	if (r == 0 && !raw)
		strip_newline(value);
	if (r == -EFBIG || value->size > VAULT_VALUE_MAX)
		return error_set(err, EFBIG, "the value on standard input has more than %zu bytes",
		                 VAULT_VALUE_MAX);
	if (value->size == 0)
		return error_set(err, EINVAL,
		                 "the value on standard input is empty; nothing is stored");
	*ret_value = steal_pointer(value);
	return 0;
}

static int read_value(const struct request *request, struct secret **ret_value, struct error *err) {
	if (!isatty(STDIN_FILENO))
		return read_piped(request->raw, ret_value, err);
	if (request->no_input)
		return error_set(err, EINVAL,
		                 "--no-input, and standard input is a terminal; give the value "
		                 "on standard input");
	char prompt[VAULT_NAME_MAX + 16];
	snprintf(prompt, sizeof(prompt), "Value of %s", request->name);
	int r = ask_twice(prompt, TYPED_MAX, ret_value, err);
	if (r == -EFBIG)
		return error_set(err, r,
		                 "a terminal cannot take more than %d bytes; give the value on "
		                 "standard input",
		                 TYPED_MAX);
	return r;
}

/* Before a value is read at all, so that nobody types one to an altered vault. */
static int check_key(const struct vault *vault, struct error *err) {
	int r = public_keys_compare(vault, err);
	if (r != -ENOENT)
		return r;
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	vault_fingerprint(vault_public_key(vault), fingerprint);
	cmd_say("warning: %s, so that its key %s cannot be compared", err->text, fingerprint);
	return 0;
}

static int refuse_existing(const struct vault *vault, const struct request *request,
                           struct error *err) {
	int r = request->force ? -ENOENT : vault_has(vault, request->name, err);
	if (r == 0)
		return error_set(err, EEXIST, "there is a secret '%s' already; --force replaces it",
		                 request->name);
	return r == -ENOENT ? 0 : r;
}

static int store(const struct request *request, struct vault *vault, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	int r = check_key(vault, err);
	if (r == 0)
		r = refuse_existing(vault, request, err);
	if (r == 0)
		r = read_value(request, &value, err);
	if (r == 0)
		r = vault_store(vault, request->name, value, 0, request->force, err);
	return r;
}

int cmd_store(int argc, char **argv) {
	struct request request = {0};
	const struct cmd_option own[] = {
		{.name = "force", .flag = &request.force},
		{.name = "raw", .flag = &request.raw},
		{0},
	};
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status < 0 ? CMD_OK : status;
	if (argc != 1)
		return cmd_usage_error(
			argc == 0 ? "store needs the secret's NAME"
				  : "store takes one NAME; the value is never an argument, "
				    "give it on standard input");
	request.name = argv[0];
	request.no_input = common.no_input;
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	if (vault_name_check(request.name, &err) < 0 ||
	    cmd_open_vault(&common, false, &vault, &err) < 0 || store(&request, vault, &err) < 0)
		return cmd_fail("%s", err.text);
	vault_fingerprint(vault_public_key(vault), fingerprint);
	cmd_say("stored '%s', sealed to key %s", request.name, fingerprint);
	return CMD_OK;
}
