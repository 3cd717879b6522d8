#include "cmd/ask.h"
#include "cmd/check/check.h"
#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/tool.h"
#include "policy/approval.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_SIZE_MAX ((size_t)1024 * 1024)

/*
 * Like visudo(8): edits a copy, which replaces the policy only if it is valid and the author
 * agrees. The result is approved in the same step, because its author has just read it.
 */
struct edit {
	struct cmd_common common;
	const char *profile;
	struct layers layers;
	struct vault *vault; /* NULL for the system's policies */
	struct policy_found before;
	char *path;      /* below the first layer */
	char *directory; /* the copy's own */
	char *copy;
	struct policy_loaded after; /* the copy, read back */
};

static void free_edit(struct edit *edit) {
	if (edit->copy)
		unlink(edit->copy);
	if (edit->directory)
		rmdir(edit->directory);
	free(edit->copy);
	free(edit->directory);
	free(edit->path);
	policy_found_free(&edit->before);
	policy_loaded_free(&edit->after);
	layers_free(&edit->layers);
	vault_free(edit->vault);
}

/* Only finds the policy: an invalid one can be edited too. */
static int find(struct edit *edit, const char *word, struct error *err) {
	const struct trust trust = policy_trust(&edit->layers);
	cleanup_policy_command struct policy_command command = {0};
	int r = policy_command_resolve(word, &command, err);
	if (r < 0)
		return r;
	const char *const names[] = {command.name, command.real};
	r = policy_find(&edit->layers, names, command.real ? 2 : 1, edit->profile, &trust,
	                &edit->before, err);
	if (r < 0)
		return r;
	edit->path = policy_path(edit->before.name, edit->profile);
	return edit->path ? 0 : error_errno(err, ENOMEM, "'%s'", word);
}

static int make_copy(struct edit *edit, struct error *err) {
	const char *temporary = getenv("TMPDIR");
	char *directory = NULL;
	if (asprintf(&directory, "%s/envseal-edit.XXXXXX",
	             temporary && temporary[0] ? temporary : "/tmp") < 0)
		return error_errno(err, ENOMEM, "'%s'", edit->path);
	if (!mkdtemp(directory)) {
		int r = error_errno(err, errno, "'%s'", directory);
		free(directory);
		return r;
	}
	edit->directory = directory;
	edit->copy = path_join(directory, path_base(edit->path));
	if (!edit->copy)
		return error_errno(err, ENOMEM, "'%s'", edit->path);
	cleanup_fd int fd = open(edit->copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno
	               : fd_write_full(fd, edit->before.text.bytes, edit->before.text.size);
	return r < 0 ? error_errno(err, r, "'%s'", edit->copy) : 0;
}

static int no_editor(struct error *err) {
	return error_set(err, ECANCELED, "there is no such editor; set VISUAL or EDITOR to one");
}

/*
 * Looks for the editor first: a shell's own error would repeat the variable, which may hold a
 * secret by mistake. Text that only a shell understands is left to the shell.
 */
static int look_for_editor(const char *chosen, struct error *err) {
	int status = 0;
	cleanup_free char *word = strndup(chosen, strcspn(chosen, " \t"));
	if (!word)
		return error_errno(err, ENOMEM, "cannot look for the editor");
	if (strpbrk(chosen, "|&;<>()$`\\\"'*?[]{}#~=%!\n"))
		return 0;
	char shell[] = "/bin/sh", option[] = "-c",
	     script[] = "command -v -- \"$1\" >/dev/null 2>&1";
	char *const argv[] = {shell, option, script, shell, word, NULL};
	int r = tool_run(argv, NULL, &status, err);
	if (r < 0)
		return r;
	return status == 0 ? 0 : no_editor(err);
}

/* Through a shell, as git(1) does: the variable may contain options. */
static int run_editor(const struct edit *edit, struct error *err) {
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
	const char *chosen = visual && visual[0] ? visual : editor && editor[0] ? editor : "vi";
	cleanup_free char *script = NULL;
	int status = 0;
	if (asprintf(&script, "%s \"$@\"", chosen) < 0)
		return error_errno(err, ENOMEM, "cannot start the editor");
	char shell[] = "/bin/sh", option[] = "-c";
	char *const argv[] = {shell, option, script, shell, edit->copy, NULL};
	int r = look_for_editor(chosen, err);
	if (r < 0)
		return r;
	r = tool_run(argv, NULL, &status, err);
	if (r < 0)
		return r;
	if (status == 127)
		return no_editor(err);
	if (status != 0)
		return error_set(err, ECANCELED,
		                 "the editor ended with status %d; nothing was changed", status);
	return r;
}

/* Opens the copy by name, because editors may write a new file; only we can write its directory. */
static int read_copy(struct edit *edit, struct buffer *ret_text, struct error *err) {
	struct stat st;
	cleanup_fd int fd =
		open(edit->copy, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", edit->copy);
	int r = S_ISREG(st.st_mode) ? fd_read_all(fd, FILE_SIZE_MAX, ret_text) : -EINVAL;
	return r < 0 ? error_errno(err, r, "'%s'", edit->copy) : 0;
}

static int read_back(struct edit *edit, struct error *err) {
	struct policy_loaded *after = &edit->after;
	policy_loaded_free(after);
	int r = read_copy(edit, &after->found.text, err);
	if (r < 0)
		return r;
	if (after->found.text.size == 0)
		return error_set(err, EBADMSG,
		                 "an empty file would mask the command; to do that: envseal policy "
		                 "mask %s",
		                 edit->before.name);
	after->found.name = strdup(edit->before.name);
	after->found.file = path_join(edit->layers.paths[0], edit->path);
	if (!after->found.name || !after->found.file)
		return error_errno(err, ENOMEM, "'%s'", edit->path);
	r = policy_parse(after->found.text.bytes, after->found.text.size, edit->path,
	                 &after->policy, err);
	if (r < 0)
		return r;
	return policy_check_command(after->policy, edit->before.name, edit->path, err);
}

static bool unchanged(const struct edit *edit) {
	const struct buffer *before = &edit->before.text, *after = &edit->after.found.text;
	return before->size == after->size && memcmp(before->bytes, after->bytes, after->size) == 0;
}

static void tell(void *context, const struct check_finding *finding) {
	(void)context;
	cmd_say("%s:%u: %s [%s: %s]", finding->file, finding->line, finding->text,
	        check_severity_name(finding->kind->severity), finding->kind->code);
}

static int ask(const struct edit *edit, const char *question, const char *letters, char *ret_letter,
               struct error *err) {
	int r = edit->common.no_input ? -ENXIO : ask_letter(question, letters, ret_letter);
	if (r == -ENXIO)
		return error_set(err, r, "there is no terminal to ask on; nothing was changed");
	return r < 0 ? error_set(err, r, "no answer; nothing was changed") : 0;
}

/* *ret_letter: 'e' to edit again, 's' to save, 'q' to leave everything as it is. */
static int judge(struct edit *edit, char *ret_letter, struct error *err) {
	static const struct checker checker = {.each = tell};
	int r = read_back(edit, err);
	if (r < 0) {
		cmd_fail("%s", err->text);
		return ask(edit, "(e)dit again, (q)uit: ", "eq", ret_letter, err);
	}
	if (unchanged(edit)) {
		*ret_letter = 'q';
		return 0;
	}
	check_text(&checker, &edit->after);
	policy_show_summary(&edit->after);
	return ask(edit,
	           edit->vault ? "(s)ave and approve, (e)dit again, (q)uit: "
	                       : "(s)ave, (e)dit again, (q)uit: ",
	           "seq", ret_letter, err);
}

/* Refuses to overwrite a policy that changed while the editor was open. */
static int check_still(const struct edit *edit, struct error *err) {
	const struct trust trust = policy_trust(&edit->layers);
	const char *const names[] = {edit->before.name};
	cleanup_policy_found struct policy_found now = {0};
	int r = policy_find(&edit->layers, names, 1, edit->profile, &trust, &now, err);
	if (r < 0)
		return r;
	if (strcmp(now.file, edit->before.file) != 0 || now.text.size != edit->before.text.size ||
	    memcmp(now.text.bytes, edit->before.text.bytes, now.text.size) != 0)
		return error_set(err, EBUSY, "'%s' changed meanwhile; nothing was written",
		                 now.file);
	return 0;
}

static int save(struct edit *edit, struct error *err) {
	cleanup_policy_loaded struct policy_loaded written = {0};
	const char *const names[] = {edit->before.name};
	int r = check_still(edit, err);
	if (r < 0)
		return r;
	r = policy_write(&edit->layers, edit->path, &edit->after.found.text, NULL, true, err);
	if (r < 0)
		return r;
	r = policy_load(&edit->layers, names, 1, edit->profile, &written, err);
	if (r < 0)
		return r;
	const struct buffer *text = &written.found.text;
	if (text->size != edit->after.found.text.size ||
	    memcmp(text->bytes, edit->after.found.text.bytes, text->size) != 0)
		return error_set(err, EBUSY, "'%s' changed meanwhile; read it, then approve it",
		                 written.found.file);
	if (edit->vault)
		r = approval_write(edit->vault, &written.found, edit->profile, err);
	if (r < 0)
		return r;
	cmd_say("wrote '%s'%s", written.found.file, edit->vault ? ", approved" : "");
	return 0;
}

static int edit_loop(struct edit *edit, struct error *err) {
	char letter = 'e';
	while (letter == 'e') {
		int r = run_editor(edit, err);
		if (r < 0)
			return r;
		r = judge(edit, &letter, err);
		if (r < 0)
			return r;
	}
	if (letter == 's')
		return save(edit, err);
	cmd_say("nothing was changed");
	return 0;
}

/* Opens the vault first, so that nobody writes a policy that cannot be approved afterwards. */
static int run(struct edit *edit, const char *word, struct error *err) {
	int r = policy_profile_check(edit->profile, err);
	if (r < 0)
		return r;
	r = cmd_layers(&edit->common, &edit->layers, err);
	if (r < 0)
		return r;
	if (edit->layers.grants == 0)
		r = cmd_open_vault(&edit->common, true, &edit->vault, err);
	if (r < 0)
		return r;
	r = find(edit, word, err);
	if (r < 0)
		return r;
	if (strcmp(edit->before.layer, edit->layers.paths[0]) != 0)
		cmd_say("'%s' belongs to another layer; what you save goes to '%s/%s' and "
		        "counts instead",
		        edit->before.file, edit->layers.paths[0], edit->path);
	r = make_copy(edit, err);
	if (r < 0)
		return r;
	return edit_loop(edit, err);
}

int cmd_policy_edit(int argc, char **argv) {
	__attribute__((cleanup(free_edit))) struct edit edit = {0};
	struct error err;
	const struct cmd_option own[] = {
		{"profile", "NAME", "edit the policy COMMAND@NAME", .value = &edit.profile}, {0}};
	int status = cmd_options(&argc, argv, own, &edit.common);
	if (status != CMD_OK)
		return status;
	if (argc != 1)
		return cmd_usage_error("one command is needed");
	return run(&edit, argv[0], &err) < 0 ? cmd_fail("%s", err.text) : CMD_OK;
}
