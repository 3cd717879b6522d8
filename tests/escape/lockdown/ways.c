/*
 *   ways list                       every way: "TOPIC NAME FLAGS"
 *   ways take STAGE TOPIC [NAME]    takes one way, or all of a topic: "NAME out", "NAME errno N" or
 *                                   "NAME signal N"
 *   ways stay STAGE NAME            leaves a process behind that tries to stay
 *   ways hold STAGE NAME            uses a way that is left open, says so, and waits for the end of
 *                                   its input
 *   ways victim                     a process as a target
 */
#include "ways.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const struct topic *const topics[] = {
	&files_topic, &sockets_topic,     &processes_topic, &kernel_topic,
	&calls_topic, &descriptors_topic, &terminal_topic,
};

static const char *directory = "";

const char *stage_path(const char *name) {
	static char paths[4][4096];
	static unsigned int next;
	char *path = paths[next++ % COUNT(paths)];
	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

const char *stage_text(const char *key) {
	static char text[256];
	char line[512], name[128];
	FILE *facts = fopen(stage_path("facts"), "re");
	text[0] = '\0';
	while (facts && fgets(line, sizeof(line), facts)) {
		if (sscanf(line, "%127s %255s", name, text) == 2 && strcmp(name, key) == 0)
			break;
		text[0] = '\0';
	}
	if (facts)
		fclose(facts);
	return text;
}

long stage_number(const char *key) {
	return strtol(stage_text(key), NULL, 10);
}

int result(long returned) {
	return returned < 0 ? -errno : 0;
}

int leak(int fd) {
	int r = fd < 0 ? -errno : result(write(fd, "LEAK", 4));
	if (fd >= 0)
		close(fd);
	return r;
}

/* In a child: what a way changes of its own process does not reach the next one. */
static void take(const struct way *way) {
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		alarm(10);
		int r = way->take(way->what);
		printf(r < 0 ? "%s errno %d\n" : "%s out\n", way->name, -r);
		fflush(stdout);
		_exit(0);
	}
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		printf("%s signal %d\n", way->name, WTERMSIG(status));
}

static void take_of(const struct topic *topic, const char *name) {
	for (size_t i = 0; i < topic->count; i++) {
		if (!name || strcmp(topic->ways[i].name, name) == 0)
			take(&topic->ways[i]);
	}
}

static void list(void) {
	for (size_t t = 0; t < COUNT(topics); t++) {
		for (size_t i = 0; i < topics[t]->count; i++)
			printf("%s %s %u\n", topics[t]->name, topics[t]->ways[i].name,
			       topics[t]->ways[i].flags);
	}
}

/* Lets itself be traced by anybody of its uid, whatever Yama says. */
static void be_victim(void) {
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv) {
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		list();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "victim") == 0)
		be_victim();
	if (argc > 2)
		directory = argv[2];
	if (argc == 4 && strcmp(argv[1], "stay") == 0)
		return outlive(argv[3]) ? 0 : 2;
	if (argc == 4 && strcmp(argv[1], "hold") == 0)
		return hold(argv[3], argv[3]) ? 0 : 2;
	for (size_t t = 0; argc > 3 && t < COUNT(topics); t++) {
		if (strcmp(argv[1], "take") == 0 && strcmp(topics[t]->name, argv[3]) == 0) {
			/* Some ways signal their own group, of which this is one. */
			signal(SIGUSR1, SIG_IGN);
			take_of(topics[t], argc > 4 ? argv[4] : NULL);
			return 0;
		}
	}
	fputs("usage: ways list | take STAGE TOPIC [NAME] | stay STAGE NAME | hold STAGE NAME | victim\n",
	      stderr);
	return 2;
}
