#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/duration.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/vault/public_keys.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Fewer than 16 characters out of 62 could be guessed. */
#define GENERATE_MIN 16
#define GENERATE_MAX 4096

/* A terminal delivers at most 4095 bytes of a line and drops the rest (termios(3)). */
#define TYPED_MAX 4094

struct storing {
	const char *name;
	bool force;
	bool raw;
	bool sealed;
	bool no_input;
	size_t generate; /* characters; 0: a value is given */
	int64_t expires;
	bool replaced;
};

/* `echo secret | envseal store NAME` means the secret without the newline. */
static void strip_newline(struct secret *value) {
	if (value->size > 0 && value->bytes[value->size - 1] == '\n')
		value->size--;
}

static int read_piped(const struct storing *storing, struct secret **ret_value, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	const size_t max = VAULT_VALUE_MAX + (storing->sealed ? VAULT_SEAL_OVERHEAD_MAX : 0);
	int r = secret_read_fd(STDIN_FILENO, max + 1, &value, err);
	if (r < 0 && r != -EFBIG)
		return error_wrap(err, r, "standard input");
	if (value && !storing->raw)
		strip_newline(value);
	if (!value || value->size > max)
		return error_set(err, EFBIG, "the value on standard input has more than %zu bytes",
		                 max);
	if (value->size == 0)
		return error_set(err, EINVAL,
		                 "the value on standard input is empty; nothing is stored");
	*ret_value = steal_pointer(value);
	return 0;
}

static int read_value(const struct storing *storing, struct secret **ret_value, struct error *err) {
	if (!isatty(STDIN_FILENO))
		return read_piped(storing, ret_value, err);
	if (storing->no_input)
		return error_set(err, EINVAL,
		                 "standard input is a terminal, and --no-input is given; give the "
		                 "value on standard input");
	char prompt[VAULT_NAME_MAX + 16];
	snprintf(prompt, sizeof(prompt), "Value of %s", storing->name);
	int r = ask_twice(prompt, TYPED_MAX, ret_value, err);
	if (r == -EFBIG)
		return error_set(err, r,
		                 "a terminal cannot take more than %d bytes; give the value on "
		                 "standard input",
		                 TYPED_MAX);
	return r;
}

/* Letters and digits only: safe in a shell, a URL or a configuration file. */
static int generate(size_t size, struct secret **ret_value, struct error *err) {
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	struct secret *value = NULL;
	int r = secret_new(size, &value, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < size; i++)
		value->bytes[i] =
			(unsigned char)alphabet[randombytes_uniform(sizeof(alphabet) - 1)];
	*ret_value = value;
	return 0;
}

static int refuse_existing(const struct vault *vault, struct storing *storing, struct error *err) {
	int r = vault_has(vault, storing->name, err);
	storing->replaced = r >= 0;
	if (storing->force)
		return 0;
	if (r >= 0)
		return error_set(err, EEXIST, "secret '%s' already exists; --force replaces it",
		                 storing->name);
	return r == -ENOENT ? 0 : r;
}

static int store(struct storing *storing, struct vault *vault, struct error *err) {
	cleanup_secret struct secret *value = NULL;
	/* Checks before reading, so that nobody types a value for an altered vault. */
	int r = public_keys_check(vault, err);
	if (r < 0)
		return r;
	r = refuse_existing(vault, storing, err);
	if (r < 0)
		return r;
	r = storing->generate ? generate(storing->generate, &value, err)
	                      : read_value(storing, &value, err);
	if (r < 0)
		return r;
	return storing->sealed ? vault_store_sealed(vault, storing->name, value->bytes, value->size,
	                                            storing->force, err)
	                       : vault_store(vault, storing->name, value, storing->expires,
	                                     storing->force, err);
}

static int parse(struct storing *storing, const char *length, const char *expires) {
	struct error err;
	char *end = NULL;
	if (length) {
		storing->generate = strtoul(length, &end, 10);
		if (length[0] < '0' || length[0] > '9' || *end != '\0' ||
		    storing->generate < GENERATE_MIN || storing->generate > GENERATE_MAX)
			return cmd_usage_error("--generate takes a number of characters, %d to %d",
			                       GENERATE_MIN, GENERATE_MAX);
	}
	if (expires && duration_parse_end(expires, time(NULL), &storing->expires, &err) < 0)
		return cmd_usage_error("--expires: %s", err.text);
	if (storing->sealed && (length || expires || storing->raw))
		return cmd_usage_error("--sealed excludes --generate, --expires and --raw");
	if (storing->raw && length)
		return cmd_usage_error("--generate and --raw exclude each other");
	storing->raw |= storing->sealed;
	return CMD_OK;
}

int cmd_store(int argc, char **argv) {
	struct storing storing = {0};
	const char *length = NULL;
	const char *expires = NULL;
	/* clang-format off */
	const struct cmd_option own[] = {
		{"force", NULL, "replace the secret if it exists", .flag = &storing.force},
		{"raw", NULL, "keep the last newline of standard input", .flag = &storing.raw},
		{"sealed", NULL, "standard input was sealed "
"elsewhere for this vault", .flag = &storing.sealed},
		{"generate", "N", "store N random letters and digits", .value = &length},
		{"expires", "WHEN", "refuse the secret from then on: "
"90d, or 2027-06-30", .value = &expires},
		{0},
	};
	/* clang-format on */
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 1)
		return cmd_usage_error(
			argc == 0 ? "store needs the secret's NAME"
				  : "store takes one NAME; the value is never an argument, "
				    "give it on standard input");
	status = parse(&storing, length, expires);
	if (status != CMD_OK)
		return status;
	storing.name = argv[0];
	storing.no_input = common.no_input;
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	if (vault_name_check(storing.name, &err) < 0 ||
	    cmd_open_vault(&common, false, &vault, &err) < 0 || store(&storing, vault, &err) < 0)
		return cmd_fail("%s", err.text);
	vault_fingerprint(vault_public_key(vault), fingerprint);
	cmd_say("stored '%s', sealed to key %s", storing.name, fingerprint);
	if (storing.replaced)
		cmd_say("the previous value is kept until: envseal prune");
	return CMD_OK;
}
