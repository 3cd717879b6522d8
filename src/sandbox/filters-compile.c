/*
 * Runs while envseal is built, and prints the seccomp filters as C (filters.h): libseccomp's work takes as long
 * as half of a sandbox's mounts, and is the same every time. With an architecture's name (seccomp_arch_add(3)) it
 * prints that one's, which a test uses.
 */
#include "sandbox/filter_rows.h"
#include "util/cleanup.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_row(scmp_filter_ctx filter, const struct filter_row *row) {
	int r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned int)row->answer), row->call,
	                               row->comparisons, row->compare);
	/* For another architecture (a test) libseccomp cannot translate what it has no name for. */
	if (r == -EFAULT && seccomp_arch_exist(filter, seccomp_arch_native()) == -EEXIST)
		return 0;
	/* A call that this architecture does not have needs no rule. */
	return r == -EDOM || (r == -EINVAL && row->call < 0) ? 0 : r;
}

static int add_group(scmp_filter_ctx filter, const struct filter_group *group) {
	int r = 0;
	for (size_t i = 0; r == 0 && i < group->count; i++)
		r = add_row(filter, &group->rows[i]);
	return r == 0 && group->more ? group->more(filter) : r;
}

static int add_features(scmp_filter_ctx filter, uint32_t features) {
	int r = 0;
	for (size_t i = 0; r == 0 && i < filter_group_count; i++) {
		if (filter_groups[i].feature == 0 || (features & filter_groups[i].feature))
			r = add_group(filter, &filter_groups[i]);
	}
	return r;
}

/* What is common to all programs: foreign architectures and x32 end the process. */
static int prepare(scmp_filter_ctx filter, uint32_t architecture) {
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A tree of comparisons instead of a list: it sits in front of every system call. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0 && architecture != seccomp_arch_native()) {
		r = seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
		if (r == 0)
			r = seccomp_arch_add(filter, architecture);
	}
	return r;
}

/* libseccomp 2.5 writes a program to a descriptor, not to memory. */
static int export(scmp_filter_ctx filter, struct sock_filter *program, size_t *ret_count) {
	FILE *file = tmpfile();
	if (!file)
		return -errno;
	int r = seccomp_export_bpf(filter, fileno(file));
	if (r == 0) {
		rewind(file);
		*ret_count = fread(program, sizeof(*program), BPF_MAXINSNS, file);
	}
	fclose(file);
	return r < 0 || *ret_count > 0 ? r : -EIO;
}

static int compile(uint32_t architecture, uint32_t features, struct sock_filter *program, size_t *ret_count) {
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return -ENOMEM;
	int r = prepare(filter, architecture);
	if (r == 0)
		r = add_features(filter, features);
	if (r == 0)
		r = export(filter, program, ret_count);
	seccomp_release(filter);
	return r;
}

static void print_program(size_t number, const struct sock_filter *program, size_t count) {
	printf("static const struct sock_filter program_%zu[] = {\n", number);
	for (size_t i = 0; i < count; i++)
		printf("\t{0x%04x, %u, %u, 0x%08xU},\n", program[i].code, program[i].jt, program[i].jf,
		       program[i].k);
	printf("};\n\n");
}

/*
 * One program for each, and filter.c joins them to what a run needs, the first that fit first. So the tiers' own
 * come first, then what is left of them when a policy takes something away, then every feature alone.
 */
#define DEFAULT (SANDBOX_SECCOMP | SANDBOX_SURFACE)
#define HARDENED (DEFAULT | SANDBOX_NO_LISTEN)
#define LOCKDOWN (HARDENED | SANDBOX_FAMILIES | SANDBOX_WRITE_RULE | SANDBOX_NO_UNIX)

static const uint32_t combinations[] = {
	LOCKDOWN | SANDBOX_NO_SETID,
	LOCKDOWN,
	DEFAULT | SANDBOX_FAMILIES | SANDBOX_WRITE_RULE,
	HARDENED | SANDBOX_NO_SETID,
	HARDENED,
	DEFAULT,
	SANDBOX_NO_LISTEN | SANDBOX_NO_SETID,
	SANDBOX_SECCOMP,
	SANDBOX_SURFACE,
	SANDBOX_FAMILIES,
	SANDBOX_WRITE_RULE,
	SANDBOX_NO_SETID,
	SANDBOX_NO_LISTEN,
	SANDBOX_NO_UNIX,
	SANDBOX_NO_PATH_TRUNCATE,
};

static int print_combinations(uint32_t architecture) {
	static struct sock_filter program[BPF_MAXINSNS];
	for (size_t i = 0; i < ARRAY_SIZE(combinations); i++) {
		size_t count = 0;
		int r = compile(architecture, combinations[i], program, &count);
		if (r < 0) {
			fprintf(stderr, "filters-compile: combination %zu: %s\n", i, strerror(-r));
			return r;
		}
		print_program(i, program, count);
	}
	puts("static const struct program programs[] = {");
	for (size_t i = 0; i < ARRAY_SIZE(combinations); i++)
		printf("\t{0x%xU, program_%zu, ARRAY_SIZE(program_%zu)},\n", combinations[i], i, i);
	puts("};");
	return 0;
}

int main(int argc, char **argv) {
	uint32_t architecture = argc > 1 ? seccomp_arch_resolve_name(argv[1]) : seccomp_arch_native();
	if (architecture == 0) {
		fprintf(stderr, "filters-compile: libseccomp does not know the architecture '%s'\n", argv[1]);
		return 2;
	}
	puts("/* Made by filters-compile with libseccomp, for one architecture. */\n");
	if (print_combinations(architecture) < 0)
		return EXIT_FAILURE;
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
