#include "fuzz.h"

/* The helper as it is, but for the name of its main, which alone need not say what it returns. */
int helper_main(int argc, char **argv, char **envp);
#define main helper_main
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wreturn-type"
#include "envseal-sandbox-helper.c"
#pragma clang diagnostic pop
#undef main

/*
 * libFuzzer target of the helper's arguments, each of which ends with a NUL. What is taken are
 * descriptors that are open, and the target's arguments are all that follows a "--" which belongs
 * to no option.
 */

#define WORDS_MAX 32

/* Word 0 is the helper's name. */
static int split(char *text, size_t size, char *ret_words[static WORDS_MAX + 1]) {
	int count = 0;
	ret_words[count++] = (char *)"envseal-sandbox-helper";
	for (size_t at = 0; at < size && count < WORDS_MAX; at += strlen(text + at) + 1)
		ret_words[count++] = text + at;
	ret_words[count] = NULL;
	return count;
}

static void check_fd(int fd) {
	MUST(fd >= 0 && fcntl(fd, F_GETFD) >= 0);
}

static void check_arguments(const struct arguments *arguments, char *const *words,
                            char *const *argv, int argc) {
	const int first = (int)(arguments->argv - argv);
	check_fd(arguments->target_fd);
	if (arguments->spec_fd != -1)
		check_fd(arguments->spec_fd);
	MUST(first > 0 && first < argc);
	MUST(strcmp(words[first], "--") == 0 && words[first] != arguments->arg0);
	MUST(arguments->argv[0] == arguments->arg0);
	for (int i = first + 1; i <= argc; i++)
		MUST(argv[i] == words[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *words[WORDS_MAX + 1], *argv[WORDS_MAX + 1];
	struct arguments arguments;
	char *text = malloc(size + 1);
	MUST(text);
	memcpy(text, bytes, size);
	text[size] = '\0';
	int argc = split(text, size, words);
	memcpy(argv, words, sizeof(argv));
	optind = 0; /* getopt(3): from the start again */
	opterr = 0;
	int r = parse(argc, argv, &arguments);
	MUST(r == 0 || r == -EINVAL);
	if (r == 0)
		check_arguments(&arguments, words, argv, argc);
	free(text);
	return 0;
}
