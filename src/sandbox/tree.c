#include "sandbox/tree.h"

#include "util/cleanup.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct process {
	pid_t pid;
	pid_t parent;
	unsigned long long started; /* clock ticks since boot: a reused PID has another */
	bool alive;                 /* not a zombie that waits for its parent */
	bool ours;
};

struct processes {
	struct process *items;
	size_t count;
	size_t room;
};

static void processes_free(struct processes *all) {
	free(all->items);
}

#define cleanup_processes __attribute__((cleanup(processes_free)))

int tree_adopt(struct error *err) {
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot adopt the target's orphans");
	return 0;
}

/* proc(5): "pid (name) state ppid ...", start time in field 22; the name may hold anything. */
static bool look(pid_t pid, struct process *ret_process) {
	char path[32], text[1024] = "";
	struct process found = {.pid = pid};
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	const char *mark = strrchr(text, ')');
	char state = 0;
	if (!mark ||
	    sscanf(mark + 1,
	           " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
	           "%llu",
	           &state, &found.parent, &found.started) != 3)
		return false;
	found.alive = state != 'Z' && state != 'X';
	*ret_process = found;
	return true;
}

static void add(struct processes *all, pid_t pid) {
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 1024;
		struct process *items = reallocarray(all->items, room, sizeof(*items));
		if (!items)
			return; /* the next pass sees fewer */
		all->items = items;
		all->room = room;
	}
	if (look(pid, &all->items[all->count]))
		all->count++;
}

static void list(struct processes *all) {
	cleanup_dir DIR *proc = opendir("/proc");
	struct dirent *entry;
	while (proc && (entry = readdir(proc)) != NULL) {
		char *end = NULL;
		long pid = strtol(entry->d_name, &end, 10);
		if (pid > 0 && *end == '\0')
			add(all, (pid_t)pid);
	}
}

static bool is_ours(const struct processes *all, pid_t root, pid_t pid) {
	if (pid == root)
		return true;
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].pid == pid)
			return all->items[i].ours;
	}
	return false;
}

/* A parent may have a higher number than its child, so this repeats until nothing changes. */
static void mark_ours(struct processes *all, pid_t root) {
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t i = 0; i < all->count; i++) {
			struct process *process = &all->items[i];
			if (!process->ours && is_ours(all, root, process->parent))
				process->ours = changed = true;
		}
	}
}

/* Signals by a descriptor, and checks again: the number may belong to another process by now. */
static void send(const struct process *process, int signal_number) {
	struct process now;
	cleanup_fd int fd = sys_pidfd_open(process->pid);
	bool unknown = fd < 0 && errno == ENOSYS; /* before Linux 5.3 */
	if ((fd < 0 && !unknown) || !look(process->pid, &now) || now.started != process->started)
		return;
	if (unknown)
		kill(process->pid, signal_number);
	else
		sys_pidfd_send_signal(fd, signal_number);
}

bool tree_signal_below(pid_t root, int signal_number) {
	cleanup_processes struct processes all = {0};
	bool any = false;
	list(&all);
	mark_ours(&all, root);
	for (size_t i = 0; i < all.count; i++) {
		if (!all.items[i].ours || !all.items[i].alive)
			continue;
		any = true;
		send(&all.items[i], signal_number);
	}
	return any;
}

void tree_signal(int signal_number) {
	if (getpid() == 1)
		kill(-1, signal_number);
	else
		tree_signal_below(getpid(), signal_number);
}

void tree_end(void) {
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		if (pid > 0 || (pid < 0 && errno == EINTR))
			continue;
		if (pid < 0)
			return; /* no child, so no descendant: they would be ours */
		tree_signal(SIGKILL);
		if (waitpid(-1, NULL, 0) < 0 && errno != EINTR)
			return;
	}
}
