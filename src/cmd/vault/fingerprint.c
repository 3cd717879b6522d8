#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/open.h"
#include "cmd/options.h"

#include <errno.h>
#include <jansson.h>

#define PHRASE_MIN 12

static int read_phrase(const struct cmd_common *common, const char *fd_text,
                       struct secret **ret_phrase, struct error *err) {
	cleanup_secret struct secret *phrase = NULL;
	if (!fd_text && common->no_input)
		return error_set(err, EINVAL, "--no-input needs --phrase-fd");
	int r = fd_text ? ask_from_fd(fd_text, &phrase, err)
	                : ask_twice("Phrase that both of you know", VAULT_PASSPHRASE_MAX, &phrase,
	                            err);
	if (r < 0)
		return r;
	if (phrase->size < PHRASE_MIN)
		return error_set(err, EINVAL, "the phrase needs at least %d characters",
		                 PHRASE_MIN);
	*ret_phrase = steal_pointer(phrase);
	return 0;
}

int cmd_fingerprint(int argc, char **argv) {
	bool shared = false;
	const char *phrase_fd = NULL;
	const struct cmd_option own[] = {
		{"shared", NULL, "ask for a phrase, to compare with another vault",
	         .flag = &shared},
		{"phrase-fd", "N", "read that phrase from descriptor N", .value = &phrase_fd},
		{0},
	};
	struct cmd_common common;
	struct error err;
	char text[VAULT_FINGERPRINT_SIZE];
	cleanup_vault struct vault *vault = NULL;
	cleanup_secret struct secret *phrase = NULL;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 1)
		return cmd_usage_error("fingerprint needs one NAME");
	if (cmd_open_vault(&common, true, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	if ((shared || phrase_fd) && read_phrase(&common, phrase_fd, &phrase, &err) < 0)
		return cmd_fail("%s", err.text);
	if (vault_value_fingerprint(vault, argv[0], phrase, text, &err) < 0)
		return cmd_fail("%s", err.text);
	if (common.json)
		return json_print(json_pack("{s:s, s:s}", "name", argv[0], "fingerprint", text));
	puts(text);
	return CMD_OK;
}
