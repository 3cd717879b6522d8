/*
 * envseal-exec as AFL++ runs it (tests/fuzz/afl): the same program with other ends. To die by its
 * target's signal, as usual, would look like a crash of its own; states that it must never reach
 * end in a crash.
 */
#include "run/request.h"

#include <errno.h>
#include <stdlib.h>

static int run_and_judge(const struct request *request, struct outcome *ret_outcome,
                         struct error *err) {
	int r = run_request(request, ret_outcome, err);
	/* A sandbox that is gone before it executed the target, and did not say why. */
	bool sandbox_died =
		r == -ECHILD || (r == 0 && ret_outcome->signal && !ret_outcome->elapsed);
	bool unsaid = r < 0 && (err->text[0] == '\0' || ret_outcome->status < EXIT_REFUSED);
	if (sandbox_died || unsaid || r > 0)
		abort();
	ret_outcome->signal = 0;
	return r;
}

#define run_request run_and_judge
#include "envseal-exec.c"
