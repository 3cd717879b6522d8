#include "cmd/tool.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static int wait_for(pid_t pid, int *ret_status) {
	int status = 0;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	return 0;
}

static _Noreturn void become_quiet(char *const argv[], int output) {
	static char path[] = "PATH=" ENVSEAL_SECURE_PATH, language[] = "LC_ALL=C";
	char *const environment[] = {path, language, NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0 && dup2(null, 0) == 0 && dup2(null, 2) == 2 && dup2(output, 1) == 1)
		execve(argv[0], argv, environment);
	_exit(127);
}

int tool_output(char *const argv[], size_t max, struct buffer *ret_output, int *ret_status,
                struct error *err) {
	int from = -1, to = -1;
	cleanup_buffer struct buffer output = BUFFER_INIT;
	if (access(argv[0], X_OK) < 0)
		return error_errno(err, errno, "'%s'", argv[0]);
	int r = fd_pipe(&from, &to, err);
	if (r < 0)
		return r;
	pid_t pid = fork();
	if (pid == 0)
		become_quiet(argv, to);
	close(to);
	r = pid < 0 ? -errno : fd_read_all(from, max, &output);
	close(from);
	int waited = pid < 0 ? 0 : wait_for(pid, ret_status);
	if (r < 0 || waited < 0)
		return error_errno(err, r < 0 ? r : waited, "'%s'", argv[0]);
	*ret_output = output;
	output = BUFFER_INIT;
	return 0;
}

int tool_run(char *const argv[], const int *keep, int *ret_status, struct error *err) {
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	pid_t pid = fork();
	if (pid < 0)
		return error_errno(err, errno, "'%s'", argv[0]);
	if (pid == 0) {
		for (; keep && *keep >= 0; keep++)
			fd_set_cloexec(*keep, false);
		execve(argv[0], argv, environ);
		_exit(127);
	}
	/* Like system(3): Ctrl-C in the editor must not end us. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	int r = wait_for(pid, ret_status);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return r < 0 ? error_errno(err, r, "'%s'", argv[0]) : 0;
}
