#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/policy_common.h"
#include "cmd/policy_state.h"
#include "cmd/policy_walk.h"
#include "util/cleanup.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS 6

/* One line of the listing; the text of each column is owned. */
struct row {
	char *columns[COLUMNS];
};

struct listing {
	struct cmd_common common;
	bool verify;
	struct policy_vault vault;
	struct layers layers;
	struct policy_files files;
	struct row *rows;
	size_t row_count;
	json_t *json;
	bool bad;
};

static void free_listing(struct listing *listing) {
	for (size_t i = 0; i < listing->row_count; i++) {
		for (size_t c = 0; c < COLUMNS; c++)
			free(listing->rows[i].columns[c]);
	}
	free(listing->rows);
	json_decref(listing->json);
	policy_files_free(&listing->files);
	layers_free(&listing->layers);
	policy_vault_free(&listing->vault);
}

static char *secrets_text(const struct policy *policy) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	for (size_t i = 0; i < policy->secret_count; i++)
		buffer_format(&text, "%s%s=%s", i ? "," : "", policy->secrets[i].variable,
		              policy->secrets[i].secret);
	if (text.size == 0)
		buffer_char(&text, '-');
	return buffer_steal(&text);
}

static char *name_text(const struct policy_file *file) {
	char *text = NULL;
	if (asprintf(&text, "%s%s%s", file->name, file->profile ? "@" : "",
	             file->profile ? file->profile : "") < 0)
		return NULL;
	return text;
}

static void add_row(struct listing *listing, const struct policy_file *file, const char *tier,
                    char *secrets, const char *pin, const char *use) {
	struct row *row = &listing->rows[listing->row_count++];
	*row = (struct row){.columns = {name_text(file), strdup(tier), strdup(pin),
	                                strdup(use), secrets, strdup(file->layer)}};
}

static json_t *secrets_json(const struct policy *policy) {
	json_t *object = json_object();
	for (size_t i = 0; i < policy->secret_count; i++)
		json_object_set_new(object, policy->secrets[i].variable,
		                    json_string(policy->secrets[i].secret));
	return object;
}

static void add_policy(struct listing *listing, const struct policy_file *file,
                       const struct policy_loaded *loaded) {
	struct error ignored, err;
	const struct policy *policy = loaded->policy;
	const char *tier = policy_tier_name(policy->tier);
	const char *pin =
		policy_pin_state_name(policy_pin_state(loaded, listing->verify, &ignored));
	const char *title = policy_use_title(&listing->layers);
	cleanup_free char *use = NULL;
	if (policy_use(&listing->vault, &listing->layers, loaded, file->profile, &use, &err) < 0) {
		cmd_fail("%s", err.text);
		listing->bad = true;
	}
	add_row(listing, file, tier, secrets_text(policy), pin, use ? use : "?");
	json_t *object = json_pack("{s:s, s:s?, s:s, s:o, s:s, s:s, s:s, s:s}", "command",
	                           file->name, "profile", file->profile, "tier", tier, "secrets",
	                           secrets_json(policy), "pin", pin, title, use ? use : "?", "layer",
	                           file->layer, "file", file->file);
	if (object)
		json_array_append_new(listing->json, object);
	listing->bad |= !object;
}

static void add_mask(struct listing *listing, const struct policy_file *file) {
	add_row(listing, file, "masked", strdup("-"), "-", "-");
	json_t *object =
		json_pack("{s:s, s:s?, s:b, s:s, s:s}", "command", file->name, "profile",
	                  file->profile, "masked", 1, "layer", file->layer, "file", file->file);
	if (object)
		json_array_append_new(listing->json, object);
}

static void take(struct listing *listing, struct policy_file *file) {
	struct error err = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	switch (policy_file_load(&listing->layers, file, &loaded, &err)) {
	case POLICY_FILE_ACTIVE:
		add_policy(listing, file, &loaded);
		break;
	case POLICY_FILE_MASK:
		add_mask(listing, file);
		break;
	case POLICY_FILE_SHADOWED:
		break;
	case POLICY_FILE_BAD:
		cmd_fail("%s", err.text);
		listing->bad = true;
		break;
	}
}

static void print_rows(const struct listing *listing) {
	const char *use = listing->layers.grants > 0 ? "ALLOWED" : "APPROVED";
	const char *const titles[COLUMNS] = {"COMMAND", "TIER", "PIN", use, "SECRETS", "LAYER"};
	size_t widths[COLUMNS];
	for (size_t c = 0; c < COLUMNS; c++) {
		widths[c] = strlen(titles[c]);
		for (size_t i = 0; i < listing->row_count; i++) {
			size_t width = strlen(listing->rows[i].columns[c]);
			widths[c] = width > widths[c] ? width : widths[c];
		}
	}
	for (size_t i = 0; i <= listing->row_count; i++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			const char *text = i == 0 ? titles[c] : listing->rows[i - 1].columns[c];
			policy_print(stdout, text);
			printf("%*s", c + 1 < COLUMNS ? (int)(widths[c] - strlen(text)) + 2 : 0,
			       "");
		}
		putchar('\n');
	}
}

static bool complete(const struct listing *listing) {
	for (size_t i = 0; i < listing->row_count; i++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			if (!listing->rows[i].columns[c])
				return false;
		}
	}
	return true;
}

static int collect(struct listing *listing) {
	struct error err;
	int r = cmd_layers(&listing->common, &listing->layers, &err);
	if (r == 0)
		r = policy_files_collect(&listing->layers, &listing->files, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	policy_vault_open(&listing->common, &listing->vault);
	listing->rows = calloc(listing->files.count + 1, sizeof(*listing->rows));
	listing->json = json_array();
	if (!listing->rows || !listing->json)
		return cmd_fail("out of memory");
	for (size_t i = 0; i < listing->files.count; i++)
		take(listing, &listing->files.items[i]);
	return complete(listing) ? CMD_OK : cmd_fail("out of memory");
}

static int list(struct listing *listing) {
	int status = collect(listing);
	if (status != CMD_OK)
		return status;
	if (listing->common.json) {
		json_dumpf(listing->json, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (listing->row_count > 0) {
		print_rows(listing);
	} else {
		cmd_say("there are no policies; make one: envseal policy new COMMAND");
	}
	return listing->bad ? CMD_FAILED : CMD_OK;
}

int cmd_policy_list(int argc, char **argv) {
	struct listing listing = {0};
	const struct cmd_option own[] = {{.name = "verify", .flag = &listing.verify}, {0}};
	int r = cmd_options(&argc, argv, own, &listing.common);
	if (r != CMD_OK)
		return r < 0 ? CMD_OK : r;
	if (argc > 0)
		return cmd_usage_error("nothing but options is taken");
	r = list(&listing);
	free_listing(&listing);
	return r;
}
