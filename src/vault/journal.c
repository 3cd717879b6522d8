#include "vault/journal.h"

#include "util/fd.h"
#include "vault/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "journal"
#define SIZE_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define TITLE "envseal journal 1\n"
#define SUM_BYTES 16
#define SUM_HEX (2 * SUM_BYTES)

void journal_free(struct journal *journal) {
	buffer_free(&journal->text);
}

static void sum(const void *bytes, size_t size, char ret_hex[static SUM_HEX + 1]) {
	unsigned char digest[SUM_BYTES];
	crypto_generichash(digest, sizeof(digest), bytes, size, NULL, 0);
	sodium_bin2hex(ret_hex, SUM_HEX + 1, digest, sizeof(digest));
}

/* Names contain no blanks, so the words of a line can be separated by them. */
static void add(struct journal *journal, const char *verb, const char *name, const char *second,
                const struct seal_bytes *content) {
	char hex[SUM_HEX + 1];
	sum(content->bytes, content->size, hex);
	buffer_format(&journal->text, "%s %s %s %s\n", verb, name, second, hex);
}

void journal_put(struct journal *journal, const char *name, const struct staged *staged,
                 const struct seal_bytes *content) {
	add(journal, "put", name, staged->name, content);
}

void journal_drop(struct journal *journal, const char *name, const char *kept,
                  const struct seal_bytes *content) {
	add(journal, "drop", name, kept, content);
}

/* One line, cut into its words. */
struct step {
	char verb[8];
	char name[VAULT_NAME_MAX + 1];
	char second[VAULT_NAME_MAX + 1]; /* the staged file, or the name that must be there */
	char sum[SUM_HEX + 1];
};

static bool is_put(const struct step *step) {
	return strcmp(step->verb, "put") == 0;
}

static bool step_parse(const char *line, size_t length, struct step *ret_step) {
	struct error ignored;
	struct step step = {0};
	char text[sizeof(step)];
	if (length >= sizeof(text))
		return false;
	memcpy(text, line, length);
	text[length] = '\0';
	if (sscanf(text, "%7s %255s %255s %32s", step.verb, step.name, step.second, step.sum) != 4)
		return false;
	if (vault_name_check(step.name, &ignored) < 0 ||
	    vault_name_check(step.second, &ignored) < 0)
		return false;
	*ret_step = step;
	return is_put(&step) || strcmp(step.verb, "drop") == 0;
}

static bool has_sum(const struct seal_bytes *content, const struct step *step) {
	char hex[SUM_HEX + 1];
	sum(content->bytes, content->size, hex);
	return strcmp(hex, step->sum) == 0;
}

/* The step was done before, or its file was never completely written. */
static bool is_gone(int r) {
	return r == -ENOENT || r == -EBADMSG;
}

/* 1: the staged file is still to be moved. 0: it was moved, or never completely written. */
static int is_staged(const struct vault *vault, const struct step *step, struct error *err) {
	cleanup_fd int fd = -1;
	cleanup_seal_bytes struct seal_bytes content = {0};
	int r = layout_open_file(vault->writer.staging, step->second, step->second, &fd, NULL, err);
	if (is_gone(r))
		return 0;
	if (r < 0)
		return r;
	r = vault_read_file(fd, step->name, step->second, &content, err);
	if (is_gone(r))
		return 0;
	if (r < 0)
		return r;
	return has_sum(&content, step);
}

static int put(struct vault *vault, const struct step *step, struct error *err) {
	struct staged staged;
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	const struct layout_tree tree = vault_tree(vault, LAYOUT_SECRETS);
	if (strlen(step->second) >= sizeof(staged.name))
		return 0;
	int r = is_staged(vault, step, err);
	if (r <= 0)
		return r;
	memcpy(staged.name, step->second, strlen(step->second) + 1);
	r = layout_find(&tree, step->name, true, &place, err);
	if (r < 0)
		return r;
	return writer_publish(&vault->writer, &staged, place.fd, place.file, true, place.path, err);
}

/* 1: the name still has the content that is to go, and the other name is there. */
static int is_to_go(const struct vault *vault, const struct step *step, struct error *err) {
	cleanup_seal_bytes struct seal_bytes content = {0};
	int r = vault_has(vault, step->second, err);
	if (is_gone(r))
		return 0;
	if (r < 0)
		return r;
	r = vault_read_sealed(vault, LAYOUT_SECRETS, step->name, &content, err);
	if (is_gone(r))
		return 0;
	if (r < 0)
		return r;
	return has_sum(&content, step);
}

static int drop(struct vault *vault, const struct step *step, struct error *err) {
	int r = is_to_go(vault, step, err);
	if (r <= 0)
		return r;
	r = vault_drop(vault, LAYOUT_PREVIOUS, step->name, err);
	if (r < 0 && r != -ENOENT)
		return r;
	r = vault_drop(vault, LAYOUT_SECRETS, step->name, err);
	return r == -ENOENT ? 0 : r;
}

/* False: no earlier value is kept, so the step stored a new secret. */
static bool stage_previous(struct vault *vault, const char *name, struct staged *ret_staged) {
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	const struct layout_tree tree = vault_tree(vault, LAYOUT_PREVIOUS);
	struct error ignored;
	return layout_find(&tree, name, false, &place, &ignored) == 0 &&
	       writer_stage_link(&vault->writer, place.fd, place.file, place.path, ret_staged,
	                         &ignored) == 0;
}

static void undo_put(struct vault *vault, const struct step *step) {
	struct error ignored;
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	struct staged staged;
	const struct layout_tree tree = vault_tree(vault, LAYOUT_SECRETS);
	if (!stage_previous(vault, step->name, &staged))
		vault_drop(vault, LAYOUT_SECRETS, step->name, &ignored);
	else if (layout_find(&tree, step->name, false, &place, &ignored) == 0)
		writer_publish(&vault->writer, &staged, place.fd, place.file, true, place.path,
		               &ignored);
}

static int do_step(struct vault *vault, const struct step *step, struct error *err) {
	return is_put(step) ? put(vault, step, err) : drop(vault, step, err);
}

/* Does the steps in the text `at` until one fails. *ret_done: how many were done. */
static int do_steps(struct vault *vault, const char *at, size_t *ret_done, struct error *err) {
	for (*ret_done = 0; *at; ++*ret_done) {
		struct step step;
		size_t length = strcspn(at, "\n");
		if (!step_parse(at, length, &step))
			return error_set(err, EBADMSG,
			                 "'%s/" FILE_NAME "' is damaged; move it away",
			                 vault->directory);
		int r = do_step(vault, &step, err);
		if (r < 0)
			return r;
		at += length + (at[length] == '\n');
	}
	return 0;
}

/* Only puts need undoing: a drop is always the last step, and undoes itself when it fails. */
static void undo_steps(struct vault *vault, const char *at, size_t count) {
	for (size_t i = 0; i < count; i++) {
		struct step step;
		size_t length = strcspn(at, "\n");
		if (step_parse(at, length, &step) && is_put(&step))
			undo_put(vault, &step);
		at += length + (at[length] == '\n');
	}
}

/* May fail: when a journal reappears after a power failure, its steps have no effect. */
static void remove_journal(const struct vault *vault) {
	if (unlinkat(vault->dirfd, FILE_NAME, 0) == 0)
		fsync(vault->dirfd);
}

static int write_journal(struct vault *vault, const struct journal *journal, struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	char hex[SUM_HEX + 1];
	if (journal->text.failed)
		return error_errno(err, ENOMEM, "vault '%s'", vault->directory);
	sum(journal->text.bytes, journal->text.size, hex);
	buffer_format(&text, TITLE "%s\n", hex);
	buffer_append(&text, journal->text.bytes, journal->text.size);
	if (text.failed || text.size > SIZE_MAX_BYTES)
		return error_set(err, ENOMEM, "vault '%s': too much at once", vault->directory);
	return writer_write(&vault->writer, vault->dirfd, FILE_NAME, text.bytes, text.size, false,
	                    FILE_NAME, err);
}

int journal_commit(struct vault *vault, struct journal *journal, struct error *err) {
	size_t done = 0;
	int r = write_journal(vault, journal, err);
	if (r < 0)
		return r;
	r = do_steps(vault, journal->text.bytes, &done, err);
	/* The failed step may be half done, so it is undone as well. */
	if (r < 0)
		undo_steps(vault, journal->text.bytes, done + 1);
	remove_journal(vault);
	return r;
}

static int read_journal(const struct vault *vault, struct buffer *ret_text, struct error *err) {
	char path[LAYOUT_PATH_MAX];
	cleanup_fd int fd = -1;
	snprintf(path, sizeof(path), "%s/" FILE_NAME, vault->directory);
	int r = layout_open_file(vault->dirfd, FILE_NAME, path, &fd, NULL, err);
	if (r < 0)
		return r;
	r = fd_read_all(fd, SIZE_MAX_BYTES, ret_text);
	if (r < 0)
		return error_errno(err, r, "cannot read '%s'", path);
	return 0;
}

/* The steps, without title and checksum. NULL: the journal is damaged. */
static const char *check_journal(const struct buffer *text) {
	char hex[SUM_HEX + 1];
	const size_t head = strlen(TITLE) + SUM_HEX + 1;
	if (text->size < head || memcmp(text->bytes, TITLE, strlen(TITLE)) != 0)
		return NULL;
	const char *steps = text->bytes + head;
	sum(steps, text->size - head, hex);
	return memcmp(text->bytes + strlen(TITLE), hex, SUM_HEX) == 0 ? steps : NULL;
}

int journal_follow(struct vault *vault, struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	size_t done = 0;
	int r = read_journal(vault, &text, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	const char *steps = check_journal(&text);
	if (!steps)
		return error_set(err, EBADMSG, "'%s/" FILE_NAME "' is damaged; move it away",
		                 vault->directory);
	r = do_steps(vault, steps, &done, err);
	if (r < 0)
		return error_wrap(err, r, "a change that was interrupted cannot be finished");
	remove_journal(vault);
	return 0;
}
