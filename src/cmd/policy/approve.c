#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "policy/fields_secrets.h"
#include "policy/approval.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct approve {
	struct cmd_common common;
	const char *profile;
	bool yes;
};

static void show_secrets(const struct policy *policy) {
	for (size_t i = 0; i < policy->secret_count; i++) {
		const struct policy_secret *row = &policy->secrets[i];
		fprintf(stderr, "  secret     %s = \"", row->variable);
		cmd_print(stderr, row->secret);
		fputc('"', stderr);
		if (row->deliver != POLICY_DELIVER_ENV)
			fprintf(stderr, ", as %s", policy_delivery_name(row->deliver));
		if (row->descriptor)
			fprintf(stderr, " %d", row->descriptor);
		fputs(row->required ? "\n" : " (if there is one)\n", stderr);
	}
	if (policy->secret_count == 0)
		fputs("  secret     none\n", stderr);
}

static void show_pin(const struct policy_loaded *loaded) {
	size_t hashes = loaded->policy->hashes.count + loaded->found.hashes.count;
	if (loaded->policy->pin_trusted)
		fputs("  pin        any content, while only root can change it\n", stderr);
	else if (hashes > 0)
		fprintf(stderr, "  pin        %zu hash%s\n", hashes, hashes == 1 ? "" : "es");
	else
		fputs("  pin        none yet; run: envseal policy pin\n", stderr);
}

static void show_line(const char *label, const char *text) {
	fprintf(stderr, "  %-10s ", label);
	cmd_print(stderr, text);
	fputc('\n', stderr);
}

static void show_set(const struct policy *policy) {
	for (size_t i = 0; i < policy->environment.set_count; i++)
		show_line("sets", policy->environment.set[i].name);
}

void policy_show_summary(const struct policy_loaded *loaded) {
	const struct policy *policy = loaded->policy;
	show_line("command", policy->command);
	show_line("file", loaded->found.file);
	show_line("tier", policy_tier_name(policy->tier));
	show_pin(loaded);
	if (policy->script.interpreter)
		show_line("run by", policy->script.interpreter);
	show_line("network", policy->network.access == POLICY_NETWORK_HOST ? "host" : "none");
	show_set(policy);
	show_secrets(policy);
}

/* Asks on the terminal: standard input may come from another program. */
static int confirm(void) {
	char answer[16] = "";
	cleanup_fd int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	static const char question[] = "Approve this policy (y/N): ";
	if (fd < 0 || fd_write_full(fd, question, sizeof(question) - 1) < 0)
		return cmd_fail("there is no terminal to ask on; use --yes");
	ssize_t n = read(fd, answer, sizeof(answer) - 1);
	bool yes = n > 0 && (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
	return yes ? CMD_OK : cmd_fail("not approved");
}

static int agreed(const struct approve *approve) {
	if (approve->yes)
		return CMD_OK;
	if (approve->common.no_input || !isatty(STDIN_FILENO))
		return cmd_fail("there is no terminal to ask on; use --yes");
	return confirm();
}

static int approve_one(const struct approve *approve, const struct layers *layers,
                       const char *word) {
	struct error err;
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	cleanup_vault struct vault *vault = NULL;
	if (policy_load_word(layers, word, approve->profile, &loaded, &err) < 0)
		return cmd_fail("%s", err.text);
	policy_show_summary(&loaded);
	int status = agreed(approve);
	if (status != CMD_OK)
		return status;
	/* Approves the bytes that were shown, even if the file changed since. */
	if (cmd_open_vault(&approve->common, true, &vault, &err) < 0 ||
	    approval_write(vault, &loaded.found, approve->profile, &err) < 0)
		return cmd_fail("%s", err.text);
	cmd_say("approved '%s'", loaded.found.name);
	return CMD_OK;
}

int cmd_policy_approve(int argc, char **argv) {
	struct approve approve = {0};
	struct error err;
	cleanup_layers struct layers layers = {0};
	const struct cmd_option own[] = {
		{"profile", "NAME", "approve the policy COMMAND@NAME", .value = &approve.profile},
		{"yes", NULL, "do not ask", .flag = &approve.yes},
		{0},
	};
	int r = cmd_options(&argc, argv, own, &approve.common);
	if (r != CMD_OK)
		return r;
	if (argc < 1)
		return cmd_usage_error("a command is needed");
	if (cmd_layers(&approve.common, &layers, &err) < 0)
		return cmd_fail("%s", err.text);
	if (layers.grants > 0)
		return cmd_fail(
			"system policies need no approval; to say who may use them: envseal "
			"policy allow; for your own: --user");
	int status = CMD_OK;
	for (int i = 0; status == CMD_OK && i < argc; i++)
		status = approve_one(&approve, &layers, argv[i]);
	return status;
}
