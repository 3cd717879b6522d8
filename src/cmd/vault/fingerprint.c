#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/options.h"

#include <errno.h>
#include <jansson.h>

#define PHRASE_MIN 12

static int read_phrase(const struct cmd_common *common, const char *fd_text, struct secret **ret_phrase,
                       struct error *err) {
	int r = fd_text ? ask_from_fd(fd_text, ret_phrase, err)
	        : common->no_input
	                ? error_set(err, EINVAL, "--no-input, and --phrase-fd is not given")
	                : ask_twice("Phrase that both of you know", VAULT_PASSPHRASE_MAX, ret_phrase, err);
	if (r == 0 && (*ret_phrase)->size < PHRASE_MIN)
		return error_set(err, EINVAL, "the phrase needs at least %d characters", PHRASE_MIN);
	return r;
}

int cmd_fingerprint(int argc, char **argv) {
	bool shared = false;
	const char *phrase_fd = NULL;
	const struct cmd_option own[] = {
		{.name = "shared", .flag = &shared},
		{.name = "phrase-fd", .value = &phrase_fd},
		{0},
	};
	struct cmd_common common;
	struct error err;
	char text[VAULT_FINGERPRINT_SIZE];
	cleanup_vault struct vault *vault = NULL;
	cleanup_secret struct secret *phrase = NULL;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status < 0 ? CMD_OK : status;
	if (argc != 1)
		return cmd_usage_error("fingerprint needs one NAME");
	int r = cmd_open_vault(&common, true, &vault, &err);
	if (r == 0 && (shared || phrase_fd))
		r = read_phrase(&common, phrase_fd, &phrase, &err);
	if (r == 0)
		r = vault_value_fingerprint(vault, argv[0], phrase, text, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	if (common.json)
		return json_print(json_pack("{s:s, s:s}", "name", argv[0], "fingerprint", text));
	puts(text);
	return CMD_OK;
}
