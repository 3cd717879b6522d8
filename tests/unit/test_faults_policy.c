#include "unit.h"

#include "flow_vault.h"
#include "flows.h"
#include "scratch.h"
#include "policy/approval.h"
#include "policy/find.h"
#include "policy/grant.h"
#include "policy/signature.h"
#include "policy/system.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * Policies with each call failing: one in the second of two layers, pinned, signed, granted and
 * approved.
 */

#define POLICY                                                                                           \
	"version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"hardened\"\npin = \"trusted\"\n"               \
	"[secrets]\nONE = \"first/one\"\nTWO = { template = \"a ${first/two} b\", required = false }\n"  \
	"[arguments]\nallow = [[\"pr\", \"list\", \"**\"]]\ndeny = [\"--debug*\"]\nprepend = [\"-x\"]\n" \
	"[environment]\ninherit = [\"LANG\"]\nset = { A = \"b\" }\n"                                     \
	"[filesystem]\nhidden = [\"/home\"]\n[process]\nexec = [\"/usr/bin/git\"]\nkeep_fds = [3]\n"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct layers layers;
static struct trust trust = {.sticky = true};

static void make_layers(void) {
	char list[512];
	struct error err;
	put("a/policies/usr/bin/other.toml", POLICY, 0644);
	put("b/policies/usr/bin/gh.toml", POLICY, 0644);
	put("a/pins/usr/bin/gh", "blake2b-256:" HEX "\n", 0644);
	put("b/pins/usr/bin/gh", "# of yesterday\nsha256:" HEX "\n", 0644);
	put("b/access/usr/bin/gh", "", 0644);
	snprintf(list, sizeof(list), "%s:%s", at("a"), at("b"));
	assert_int_equal(layers_parse(list, &layers, &err), 0);
	layers.grants = layers.count;
}

static void free_layers(void) {
	layers_free(&layers);
}

static int find(struct policy_found *ret_found, struct error *err) {
	static const char *const names[] = {"/usr/bin/gh"};
	return policy_find(&layers, names, 1, NULL, &trust, ret_found, err);
}

static int find_and_parse(struct error *err) {
	cleanup_policy_found struct policy_found found = {0};
	cleanup_policy struct policy *policy = NULL;
	int r = find(&found, err);
	/* A pin file that cannot be read is not one that is missing. */
	if (r == 0)
		assert_true(found.hashes.count == 2 && strstr(found.layer, "/b"));
	if (r == 0)
		r = policy_parse(found.text.bytes, found.text.size, found.file, &policy, err);
	if (r == 0)
		r = policy_for_system(policy, err);
	if (r == 0)
		assert_string_equal(policy->command, "/usr/bin/gh");
	return r;
}

static int find_one(struct error *err) {
	cleanup_policy_found struct policy_found found = {0};
	int r = policy_find_one(&layers, 1, "/usr/bin/gh", NULL, &trust, &found, err);
	if (r == 0)
		assert_string_equal(found.name, "/usr/bin/gh");
	return r;
}

static int user_layers(struct error *err) {
	struct layers found = {0};
	int r = layers_for_user(NULL, "/home/tester", &found, err);
	if (r == 0)
		assert_string_equal(found.paths[0], "/home/tester/.config/envseal");
	layers_free(&found);
	return r;
}

/* The error is the answer: never "allowed", where there is no grant. */
static int grants(struct error *err) {
	cleanup_grant struct grant grant = {0};
	int r = grant_read(&layers, 0, "/usr/bin/gh", NULL, &trust, &grant, err);
	if (r == 0)
		assert_true(grant.everybody && grant.layer == 1);
	if (r == 0)
		r = grant_check(&layers, "/usr/bin/gh", NULL, 12345, &trust, err);
	struct error refused;
	assert_true(grant_check(&layers, "/usr/bin/other", NULL, 12345, &trust, &refused) < 0);
	return r;
}

static void make_system(void) {
	put("system.toml", "service_uid = 64001\nrun_gid = 64002\n", 0644);
}

static int read_system(struct error *err) {
	struct system system = {0};
	int r = system_read(at("system.toml"), &trust, &system, err);
	if (r == 0)
		assert_int_equal(system.run_gid, 64002);
	return r;
}

/* Made by minisign 0.11. */
#define SIGNED "version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"none\"\npin = \"trusted\"\n"
static const char signature[] =
	"untrusted comment: signature from minisign secret key\n"
	"RUSZTSRpRqYzv2SkYF+YzyQdFi+kIi40B7L8dfgJFg+u9n9HTZ318bLI/5dZoFNiSaOFA+kA9yKEy57UZ/VR67omBg7PnqHoHQo=\n"
	"trusted comment: timestamp:1795393878\tfile:gh.toml\thashed\n"
	"wmwCjj4J4BJT+YQmr12T+INgkljUh1zytQrSv+SAciILJiR32qfB3mdhRjHyk8cYiohohK7Y0erSbbbBGkvKCg==\n";

static void make_signed(void) {
	put("b/policies/gh.toml.minisig", signature, 0644);
	put("keys/vendor.pub",
	    "untrusted comment: minisign public key BF33A64669244D99\n"
	    "RWSZTSRpRqYzv2YIx3HMhanTGPr8zt66uOZIuWUGlB+vRK+PRyWHggQ3\n",
	    0644);
}

static int signatures(struct error *err) {
	char layer[512];
	cleanup_free char *signer = NULL;
	struct buffer text = {.bytes = (char *)SIGNED, .size = sizeof(SIGNED) - 1};
	const struct signed_file file = {
		.layer = layer, .place = "policies/gh.toml", .text = &text};
	snprintf(layer, sizeof(layer), "%s", at("b"));
	int r = signature_check(&file, at("keys"), &trust, &signer, err);
	assert_true((r == 0) == (signer != NULL));
	return r;
}

static const struct policy_found approved = {.name = (char *)"/usr/bin/gh",
                                             .file = (char *)"/layer/policies/usr/bin/gh.toml",
                                             .text = {.bytes = (char *)"text", .size = 4},
                                             .pins = {.bytes = (char *)"pins", .size = 4}};
static const struct policy_found edited = {.name = (char *)"/usr/bin/gh",
                                           .file = (char *)"/layer/policies/usr/bin/gh.toml",
                                           .text = {.bytes = (char *)"texT", .size = 4},
                                           .pins = {.bytes = (char *)"pins", .size = 4}};

static int approve(struct error *err) {
	return approval_write(vault, &approved, "work", err);
}

static void is_approved(int r) {
	struct error err;
	int there = approval_check(vault, &approved, "work", &err);
	assert_true(there == 0 || (r < 0 && there == -ENOENT));
	untouched(r);
}

static void make_approval(void) {
	struct error err;
	make_vault();
	assert_int_equal(approve(&err), 0);
}

/* What fails is no approval, and never the text's that was edited. */
static int check_approval(struct error *err) {
	int r = approval_check(vault, &approved, "work", err);
	struct error refused;
	assert_true(approval_check(vault, &edited, "work", &refused) < 0);
	return r;
}

static int disapprove(struct error *err) {
	return approval_remove(vault, "/usr/bin/gh", "work", err);
}

static void is_disapproved(int r) {
	struct error err;
	if (r == 0)
		assert_int_equal(approval_check(vault, &approved, "work", &err), -ENOENT);
	untouched(r);
}

static void policy_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"policy", make_layers, find_and_parse, no_check, free_layers},
		{"policy of a layer", make_layers, find_one, no_check, free_layers},
		{"layers", nothing, user_layers, no_check, nothing},
		{"grant", make_layers, grants, no_check, free_layers},
		{"system.toml", make_system, read_system, no_check, nothing},
		{"signature", make_signed, signatures, no_check, nothing},
		{"approve", make_vault, approve, is_approved, free_vault},
		{"approval", make_approval, check_approval, untouched, free_vault},
		{"disapprove", make_approval, disapprove, is_disapproved, free_vault},
	};
	each_call(flows, ARRAY_SIZE(flows));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_flows),
	};
	trust.owner = geteuid();
	flows_begin();
	return flows_end(cmocka_run_group_tests(tests, NULL, NULL));
}
