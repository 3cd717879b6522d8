/*
 * Runs while envseal is built, and prints the seccomp filters as C (filters.h). At run time,
 * libseccomp would take half as long as all mounts of a sandbox, with the same result every time.
 * With an architecture's name (seccomp_arch_add(3)) it prints the filters of that one, for a test;
 * with --calls the calls of the profiles, for the documents.
 */
#include "sandbox/filter_lists.h"
#include "sandbox/filter_profiles.h"
#include "sandbox/filter_rows.h"
#include "util/cleanup.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_row(scmp_filter_ctx filter, const struct filter_row *row) {
	int r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned int)row->answer), row->call,
	                               row->comparisons, row->compare);
	/*
	 * Of another architecture (a test) libseccomp cannot translate calls that it has no name
	 * for.
	 */
	if (r == -EFAULT && seccomp_arch_exist(filter, seccomp_arch_native()) == -EEXIST)
		return 0;
	/* A call that this architecture does not have needs no rule. */
	return r == -EDOM || (r == -EINVAL && row->call < 0) ? 0 : r;
}

static int add_group(scmp_filter_ctx filter, const struct filter_group *group) {
	for (size_t i = 0; i < group->count; i++) {
		int r = add_row(filter, &group->rows[i]);
		if (r < 0)
			return r;
	}
	return group->more ? group->more(filter) : 0;
}

static int add_features(scmp_filter_ctx filter, uint32_t architecture, uint32_t features) {
	(void)architecture;
	for (size_t i = 0; i < filter_group_count; i++) {
		if (filter_groups[i].feature != 0 && !(features & filter_groups[i].feature))
			continue;
		int r = add_group(filter, &filter_groups[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What is common to all programs: foreign architectures and x32 end the process. */
static int prepare(scmp_filter_ctx filter, uint32_t architecture) {
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r < 0)
		return r;
	/* A tree of comparisons instead of a list: it sits in front of every system call. */
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r < 0 || architecture == seccomp_arch_native())
		return r;
	r = seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
	return r < 0 ? r : seccomp_arch_add(filter, architecture);
}

/* libseccomp 2.5 writes a program to a descriptor, not to memory. */
static int export(scmp_filter_ctx filter, struct sock_filter *program, size_t *ret_count) {
	cleanup_file FILE *file = tmpfile();
	if (!file)
		return -errno;
	int r = seccomp_export_bpf(filter, fileno(file));
	if (r < 0)
		return r;
	rewind(file);
	*ret_count = fread(program, sizeof(*program), BPF_MAXINSNS, file);
	return *ret_count > 0 ? 0 : -EIO;
}

/*
 * libseccomp has no rule for "not one of these": it takes one comparison of an argument in each
 * rule. So this program is put together here. It does not check the architecture, and follows one
 * that does (filter.c joins them in the order of the table).
 */
struct assembly {
	struct sock_filter *at;
	uint32_t architecture;
};

static void put(struct assembly *into, struct sock_filter instruction) {
	*into->at++ = instruction;
}

static size_t size_of_range(const struct filter_range *range) {
	return range->first == range->last ? 1 : 2;
}

static size_t size_of_ranges(const struct filter_list *list, size_t first) {
	size_t size = 0;
	for (size_t i = first; i < list->count; i++)
		size += size_of_range(&list->allowed[i]);
	return size;
}

/* Where it is in the range it goes `past` instructions on: behind the others, and the refusal. */
static void put_range(struct assembly *into, const struct filter_range *range, uint8_t past) {
	const uint8_t nothing = 0;
	if (range->first == range->last) {
		put(into, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, range->first,
		                                       past, nothing));
		return;
	}
	put(into,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, range->first, nothing, 1));
	put(into,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, range->last, nothing, past));
}

/* A register is 64 bits wide in the machine's own order (seccomp(2)). */
static uint32_t low_half(unsigned int argument) {
	const uint32_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0;
	return (uint32_t)offsetof(struct seccomp_data, args) +
	       argument * (uint32_t)sizeof(uint64_t) + low;
}

static void put_list(struct assembly *into, const struct filter_list *list) {
	int call = seccomp_syscall_resolve_name_arch(into->architecture, list->call);
	size_t size = size_of_ranges(list, 0);
	if (call < 0)
		return;
	put(into, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0,
	                                       (uint8_t)(size + 3)));
	put(into, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low_half(list->argument)));
	for (size_t i = 0; i < list->count; i++)
		put_range(into, &list->allowed[i], (uint8_t)(size_of_ranges(list, i + 1) + 1));
	put(into, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	                                       SECCOMP_RET_ERRNO | (uint32_t)list->answer));
	put(into, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

static size_t assemble_lists(uint32_t architecture, struct sock_filter *program) {
	struct assembly into = {program, architecture};
	put(&into, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                        offsetof(struct seccomp_data, nr)));
	for (size_t i = 0; i < filter_list_count; i++)
		put_list(&into, &filter_lists[i]);
	put(&into, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	return (size_t)(into.at - program);
}

#define ARM_PRIVATE_CALLS                                                                          \
	0xf0000U /* set_tls and others, far above the rest; no other architecture has any there */

static size_t assemble_known(uint32_t architecture, struct sock_filter *program) {
	struct assembly into = {program, architecture};
	int base = seccomp_syscall_resolve_name_arch(architecture, "io_uring_setup") - 425;
	const uint32_t last = (uint32_t)(base + FILTER_LAST_CALL);
	put(&into, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                        offsetof(struct seccomp_data, nr)));
	put(&into, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 0, 2));
	put(&into,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ARM_PRIVATE_CALLS, 1, 0));
	put(&into, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
	put(&into, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	return (size_t)(into.at - program);
}

/* What libseccomp has no words for. */
static const struct {
	uint32_t feature;
	size_t (*assemble)(uint32_t architecture, struct sock_filter *program);
} assemblies[] = {{SANDBOX_LISTS, assemble_lists}, {SANDBOX_KNOWN_CALLS, assemble_known}};

/* The action for calls without a rule, and the function that adds the rules. */
struct recipe {
	uint32_t otherwise;
	int (*add)(scmp_filter_ctx filter, uint32_t architecture, uint32_t what);
};

static int build(const struct recipe *recipe, scmp_filter_ctx filter, uint32_t architecture,
                 uint32_t what, struct sock_filter *program, size_t *ret_count) {
	int r = prepare(filter, architecture);
	if (r < 0)
		return r;
	r = recipe->add(filter, architecture, what);
	return r < 0 ? r : export(filter, program, ret_count);
}

static int compile(const struct recipe *recipe, uint32_t architecture, uint32_t what,
                   struct sock_filter *program, size_t *ret_count) {
	for (size_t i = 0; recipe->add == add_features && i < ARRAY_SIZE(assemblies); i++) {
		if (what != assemblies[i].feature)
			continue;
		*ret_count = assemblies[i].assemble(architecture, program);
		return 0;
	}
	scmp_filter_ctx filter = seccomp_init(recipe->otherwise);
	if (!filter)
		return -ENOMEM;
	int r = build(recipe, filter, architecture, what, program, ret_count);
	seccomp_release(filter);
	return r;
}

static void print_program(const char *name, size_t number, const struct sock_filter *program,
                          size_t count) {
	printf("static const struct sock_filter %s_%zu[] = {\n", name, number);
	for (size_t i = 0; i < count; i++)
		printf("\t{0x%04x, %u, %u, 0x%08xU},\n", program[i].code, program[i].jt,
		       program[i].jf, program[i].k);
	printf("};\n\n");
}

/*
 * One program for each entry; filter.c joins the first that fit into the filter of a run. The
 * tiers' own come first, then what is left of them when a policy takes something away, then every
 * feature alone.
 */
#define DEFAULT (SANDBOX_SECCOMP | SANDBOX_SURFACE | SANDBOX_CORE_LIMIT)
#define HARDENED (DEFAULT | SANDBOX_NO_LISTEN)
#define LOCKDOWN (HARDENED | SANDBOX_FAMILIES | SANDBOX_WRITE_RULE | SANDBOX_NO_UNIX)

static const uint32_t combinations[] = {
	LOCKDOWN | SANDBOX_NO_SETID,
	LOCKDOWN,
	DEFAULT | SANDBOX_FAMILIES | SANDBOX_WRITE_RULE,
	HARDENED | SANDBOX_NO_SETID,
	HARDENED,
	DEFAULT,
	SANDBOX_NO_LISTEN | SANDBOX_CORE_LIMIT | SANDBOX_NO_SETID,
	SANDBOX_NO_LISTEN | SANDBOX_CORE_LIMIT,
	SANDBOX_SECCOMP,
	SANDBOX_SURFACE,
	SANDBOX_FAMILIES,
	SANDBOX_WRITE_RULE,
	SANDBOX_NO_SETID,
	SANDBOX_NO_LISTEN,
	SANDBOX_NO_UNIX,
	SANDBOX_NO_PATH_TRUNCATE,
	SANDBOX_EXEC_LIST,
	SANDBOX_CORE_LIMIT,
	SANDBOX_NO_RESIZE | SANDBOX_NO_FOREGROUND,
	SANDBOX_NO_RESIZE,
	SANDBOX_NO_FOREGROUND,
	SANDBOX_LISTS,
	SANDBOX_KNOWN_CALLS,
};

static const struct recipe of_features = {SCMP_ACT_ALLOW, add_features};

static bool has(const struct filter_calls *calls, int call) {
	for (size_t i = 0; i < calls->count; i++) {
		if (calls->calls[i].number == call)
			return true;
	}
	return false;
}

static bool allowed(uint32_t profile, int call) {
	for (size_t i = 0; i < filter_calls_count; i++) {
		if (filter_calls[i].from <= profile && has(&filter_calls[i], call))
			return true;
	}
	return false;
}

static const struct filter_soft_call *soft(int call) {
	for (size_t i = 0; i < filter_soft_call_count; i++) {
		if (filter_soft_calls[i].call == call)
			return &filter_soft_calls[i];
	}
	return NULL;
}

/* Old calls that stand for several others: libseccomp handles them when it adds those others. */
static bool is_door(const char *name) {
	static const char *const doors[] = {"socketcall", "ipc", "syscall"};
	for (size_t i = 0; i < ARRAY_SIZE(doors); i++) {
		if (strcmp(name, doors[i]) == 0)
			return true;
	}
	return false;
}

static uint32_t action_for(uint32_t profile, int call) {
	const struct filter_soft_call *known = soft(call);
	if (allowed(profile, call))
		return SCMP_ACT_ALLOW;
	return known ? SCMP_ACT_ERRNO((unsigned int)known->answer) : SCMP_ACT_KILL_PROCESS;
}

/* A call that is newer than the tables: programs cope with ENOSYS, as on an older kernel. */
#define NOT_KNOWN SCMP_ACT_ERRNO(ENOSYS)
#define NUMBER_MAX 8000 /* above the base of every architecture, mips' n32 included */

static int add_profile(scmp_filter_ctx filter, uint32_t architecture, uint32_t profile) {
	for (int number = 0; number < NUMBER_MAX; number++) {
		cleanup_free char *name = seccomp_syscall_resolve_num_arch(architecture, number);
		if (!name || is_door(name))
			continue;
		int call = seccomp_syscall_resolve_name(name);
		uint32_t action = action_for(profile, call);
		int r = action == NOT_KNOWN ? 0 : seccomp_rule_add(filter, action, call, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct recipe of_profiles = {NOT_KNOWN, add_profile};

static int print_programs(const struct recipe *recipe, uint32_t architecture, const char *name,
                          const uint32_t *list, size_t count) {
	static struct sock_filter program[BPF_MAXINSNS];
	for (size_t i = 0; i < count; i++) {
		size_t instructions = 0;
		int r = compile(recipe, architecture, list[i], program, &instructions);
		if (r < 0) {
			fprintf(stderr, "filters-compile: %s %zu: %s\n", name, i, strerror(-r));
			return r;
		}
		print_program(name, i, program, instructions);
	}
	printf("static const struct program %ss[] = {\n", name);
	for (size_t i = 0; i < count; i++)
		printf("\t{0x%xU, %s_%zu, ARRAY_SIZE(%s_%zu)},\n", list[i], name, i, name, i);
	puts("};\n");
	return 0;
}

static int print_all(uint32_t architecture) {
	static const uint32_t profiles[] = {SANDBOX_PROFILE_ESSENTIAL, SANDBOX_PROFILE_MINIMAL,
	                                    SANDBOX_PROFILE_IO, SANDBOX_PROFILE_COMPUTE,
	                                    SANDBOX_PROFILE_NETWORK};
	int r = print_programs(&of_features, architecture, "combination", combinations,
	                       ARRAY_SIZE(combinations));
	return r < 0 ? r
	             : print_programs(&of_profiles, architecture, "profile", profiles,
	                              ARRAY_SIZE(profiles));
}

/* doc/seccomp.md's table of the groups. */
static int print_calls(void) {
	/* clang-format off */
	static const char *const profiles[] = {
		[SANDBOX_PROFILE_ESSENTIAL] = "essential", [SANDBOX_PROFILE_MINIMAL] = "minimal",
		[SANDBOX_PROFILE_IO] = "io",               [SANDBOX_PROFILE_COMPUTE] = "compute",
		[SANDBOX_PROFILE_NETWORK] = "network",
	};
	/* clang-format on */
	for (size_t i = 0; i < filter_calls_count; i++) {
		const struct filter_calls *group = &filter_calls[i];
		printf("| %s | %s |", profiles[group->from], group->name);
		for (size_t j = 0; j < group->count; j++)
			printf(" %s", group->calls[j].name);
		puts(" |");
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* From 448 on: what libseccomp 2.5 has no names for. */
static const char *const later[] = {
	"process_mrelease",  "futex_waitv",      "set_mempolicy_home_node",
	"cachestat",         "fchmodat2",        "map_shadow_stack",
	"futex_wake",        "futex_wait",       "futex_requeue",
	"statmount",         "listmount",        "lsm_get_self_attr",
	"lsm_set_self_attr", "lsm_list_modules", "mseal",
	"setxattrat",        "getxattrat",       "listxattrat",
	"removexattrat",     "open_tree_attr",   "file_getattr",
	"file_setattr",
};
#define FIRST_LATER 448

static bool is_listed(const char *name) {
	for (size_t i = 0; i < filter_list_count; i++) {
		if (strcmp(filter_lists[i].call, name) == 0)
			return true;
	}
	return false;
}

/* What lockdown does with a call, under every profile. */
static const char *decision(int call, const char *name) {
	const char *found = is_listed(name) ? "part" : "allowed";
	for (size_t i = 0; i < filter_group_count; i++) {
		const struct filter_group *group = &filter_groups[i];
		bool applies = group->feature == 0 || (group->feature & (LOCKDOWN | SANDBOX_LISTS));
		for (size_t j = 0; applies && j < group->count; j++) {
			if (group->rows[j].call != call)
				continue;
			if (group->rows[j].comparisons == 0)
				return "refused";
			found = "part";
		}
	}
	return found;
}

/* For doc/lockdown.md: "DECISION NAME" for every call that this machine's kernels have. */
static int print_decisions(void) {
	for (int number = 0; number <= LATER_CALL(FILTER_LAST_CALL); number++) {
		cleanup_free char *known =
			seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
		int index = number - LATER_CALL(FIRST_LATER);
		const char *name = known ? known : index >= 0 ? later[index] : NULL;
		if (name)
			printf("%s %s\n", decision(number, name), name);
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
	if (argc > 1 && strcmp(argv[1], "--decisions") == 0)
		return print_decisions();
	if (argc > 1 && strcmp(argv[1], "--calls") == 0)
		return print_calls();
	uint32_t architecture =
		argc > 1 ? seccomp_arch_resolve_name(argv[1]) : seccomp_arch_native();
	if (architecture == 0) {
		fprintf(stderr, "filters-compile: libseccomp does not know the architecture '%s'\n",
		        argv[1]);
		return 2;
	}
	puts("/* Made by filters-compile with libseccomp, for one architecture. */\n");
	if (print_all(architecture) < 0)
		return EXIT_FAILURE;
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
