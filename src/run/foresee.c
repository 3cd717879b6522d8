#include "run/foresee.h"

#include "run/filesystem.h"
#include "authority/identity.h"
#include "run/secrets.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool foresee_always(const struct run *run) {
	(void)run;
	return true;
}

bool foresee_command(const struct run *run) {
	return run->name && run->real;
}

bool foresee_found(const struct run *run) {
	return run->found.file != NULL;
}

bool foresee_policy(const struct run *run) {
	return run->policy != NULL;
}

bool foresee_program(const struct run *run) {
	return run->program.command != NULL;
}

/* Which the vault's key proves. */
bool foresee_approval(const struct run *run) {
	return run->found.file && (run->system || (run->vault && vault_is_open(run->vault)));
}

int foresee_vault(struct run *run, struct error *err) {
	run->vault_hidden = run->system && run->request->uid != 0;
	if (run->vault_hidden)
		return 0;
	/* Its files are the service user's, which a run would be. */
	if (run->system)
		vault_serve(run->request->privilege->service_uid);
	int r = run_unlock(run, err);
	return run->would_ask ? 0 : r;
}

/* Masking is not set up here, so what leads where is not looked at. */
static bool somebody_stays(const struct run *run) {
	return run_supervised(run) || (run->policy->mask != POLICY_MASK_NEVER && run->policy->secret_count > 0);
}

int foresee_sandbox(struct run *run, struct error *err) {
	int r = identity_check(run->policy, err);
	/* By trying: what is made for that is gone with the run. */
	if (r == 0)
		r = run_hold_limits(run, err);
	if (r == 0 && somebody_stays(run))
		r = launch_check(run->policy, run->request, &run->home, err);
	return r == 0 && run->plan.namespaces
	               ? filesystem_foresee(run->policy, run->plan.features, run->home.directory, err)
	               : r;
}

int foresee_secrets(struct run *run, struct error *err) {
	return run->vault ? secrets_foresee(run->policy, run->request->uid, run->vault, err) : 0;
}

static bool is_elf(int fd) {
	char magic[SELFMAG];
	return pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
	       memcmp(magic, ELFMAG, SELFMAG) == 0;
}

/* Other formats, that an administrator taught the kernel (binfmt_misc). */
static bool other_formats(void) {
	DIR *directory = opendir("/proc/sys/fs/binfmt_misc");
	int count = 0;
	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count > 4; /* ".", "..", "register", "status" */
}

/* In a sandbox there may be another one by then. */
static int try_directory(const struct policy *policy, struct error *err) {
	cleanup_fd int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = filesystem_enter(policy, err);
	if (r == 0 && (here < 0 || fchdir(here) < 0))
		r = error_errno(err, errno, "cannot come back to the working directory");
	return r;
}

int foresee_start(struct run *run, struct error *err) {
	const struct target *target = &run->program.target;
	int r = somebody_stays(run) ? 0 : try_directory(run->policy, err);
	if (r < 0)
		return r;
	if (is_elf(target->fd) || other_formats())
		return 0;
	run->outcome.status = EXIT_NOT_EXECUTABLE;
	return error_errno(err, ENOEXEC, "cannot execute '%s'", target->arg0);
}

/* Of several refusals the first is the run's; after it the status is nobody's. */
static void look(struct run *run, const struct run_work *work, struct run_explanation *explanation) {
	struct run_stage *stage = &explanation->stages[explanation->stage_count++];
	stage->name = work->name;
	if (!work->possible(run))
		return;
	run->outcome.status = EXIT_REFUSED;
	int r = work->dry(run, &stage->why);
	stage->state = r < 0 ? RUN_STAGE_REFUSED : RUN_STAGE_PASSED;
	if (r == 0)
		return;
	run_say_withheld(run, r, &stage->why);
	stage->status = run->outcome.status;
	if (!explanation->refusal)
		explanation->refusal = stage;
}

void run_explain(const struct request *request,
                 void (*tell)(void *context, const struct run_explanation *explanation), void *context) {
	__attribute__((cleanup(run_free))) struct run run = {
		.request = request,
		.record = RECORD_NONE,
		.around.cgroup_fd = -1,
		.cgroup = CGROUP_NONE,
		.launch = LAUNCH_NONE,
		.unlocking.passphrase_fd = -1,
		.explained = true,
	};
	struct run_explanation explanation = {.run = &run};
	output_init(&run.output);
	for (const struct run_work *work = run_works; work->name; work++) {
		if (work->dry && explanation.stage_count < RUN_STAGES_MAX)
			look(&run, work, &explanation);
	}
	tell(context, &explanation);
}

const struct run_stage *run_explanation_stage(const struct run_explanation *explanation, const char *name) {
	for (size_t i = 0; i < explanation->stage_count; i++) {
		if (strcmp(explanation->stages[i].name, name) == 0)
			return &explanation->stages[i];
	}
	return NULL;
}
