# staying.py WAYS PLACE ENVSEAL_EXEC PROGRAM: processes that try to outlive the run. Outside they
# do. In the tier none of them remains after the target ended, after the supervisor was killed, and
# after it was told to end.
import os
import signal
import subprocess
import sys
import time

from stage import Stage, ours

STAYERS = ["orphan", "session", "deaf", "reaper", "holder", "bully"]
# What happens while they are there. The target itself waits for the end of its input.
ENDS = {
    "the target ends": lambda run: run.stdin.close(),
    "SIGKILL to the supervisor": lambda run: run.kill(),
    "SIGTERM to the supervisor": lambda run: run.terminate(),
}


def there(stage, wanted, patience):
    """Whether processes of the stage are there (or gone), within some seconds."""
    until = time.monotonic() + patience
    while bool(stage.survivors()) != wanted:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def start(stage, argv, name):
    run = subprocess.Popen([*argv, "stay", stage.path, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           preexec_fn=lambda: os.setpgid(0, 0))
    if run.stdout.readline() != b"left\n":
        raise SystemExit(f"{name}: did not start")
    return run


def stays(place, ways, argv, name, end):
    with Stage(place, ways) as stage:
        run = start(stage, argv, name)
        problem = "was not there at all" if not there(stage, True, 5) else None
        end(run)
        run.wait(20)
        run.stdin.close()
        run.stdout.close()
        left = not there(stage, False, 5 if argv[0] != ways else 0.1)
        stage.end_survivors()
    return left, problem


def main():
    ways, place, envseal, program = sys.argv[1:]
    ours()
    problems, shown, closed = [], 0, 0
    for name in STAYERS:
        left, problem = stays(place, ways, [ways], name, ENDS["the target ends"])
        shown += left
        if not left:
            problems.append(f"{name}: does not even stay outside ({problem})")
        for how, end in ENDS.items():
            left, problem = stays(place, ways, [envseal, program], name, end)
            closed += not left
            if left or problem:
                problems.append(f"{name}: after {how}: {'stays' if left else problem}")
    print(*problems, sep="\n")
    print(f"staying: {shown} ways shown to work outside, {closed} times closed inside")
    return 1 if problems else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(main())
