#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/options.h"
#include "pin/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>

static int hash_file(const char *file, enum pin_algorithm algorithm,
                     char ret_text[static PIN_HASH_TEXT_MAX], struct error *err) {
	/* O_NONBLOCK: a FIFO must not block us. */
	cleanup_fd int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "cannot open '%s'", file);
	struct pin_hash hash;
	int r = pin_hash_fd(fd, algorithm, &hash, err);
	if (r < 0)
		return error_wrap(err, r, "'%s'", file);
	pin_hash_format(&hash, ret_text);
	return 0;
}

/* One file: only the hash, as a policy needs it. Several: with names, like b2sum(1). */
static int print(const char *file, const char *text, bool several, json_t *array) {
	if (!array) {
		printf(several ? "%s  %s\n" : "%s\n", text, file);
		return CMD_OK;
	}
	json_t *object = json_pack("{s:s,s:s}", "file", file, "hash", text);
	if (json_array_append_new(array, object) < 0)
		return cmd_fail("'%s' is not UTF-8, so JSON cannot name it", file);
	return CMD_OK;
}

static int hash_files(int count, char **files, enum pin_algorithm algorithm, json_t *array) {
	int status = CMD_OK;
	for (int i = 0; i < count; i++) {
		char text[PIN_HASH_TEXT_MAX];
		struct error err;
		if (hash_file(files[i], algorithm, text, &err) < 0)
			status = cmd_fail("%s", err.text);
		else if (print(files[i], text, count > 1, array) != CMD_OK)
			status = CMD_FAILED;
	}
	return status;
}

int cmd_hash(int argc, char **argv) {
	const char *name = pin_algorithm_name(PIN_BLAKE2B_256);
	const struct cmd_option own[] = {
		{"algorithm", "ALGORITHM", "blake2b-256 (default) or sha256", .value = &name}, {0}};
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	enum pin_algorithm algorithm;
	if (pin_algorithm_parse(name, &algorithm) < 0)
		return cmd_usage_error("--algorithm is one of: %s, %s",
		                       pin_algorithm_name(PIN_BLAKE2B_256),
		                       pin_algorithm_name(PIN_SHA256));
	if (argc == 0)
		return cmd_usage_error("hash needs at least one FILE");
	json_t *array = common.json ? json_array() : NULL;
	if (common.json && !array)
		return cmd_fail("out of memory");
	status = hash_files(argc, argv, algorithm, array);
	int printed = array ? json_print(array) : CMD_OK;
	return status == CMD_OK ? printed : status;
}
