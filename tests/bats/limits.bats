#!/usr/bin/env bats
# [limits]: each test first shows that there is no limit without the key. --status-fd. Streams
# through a supervisor.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	python=$(realpath /usr/bin/python3)
	started=()
	under=()
}

teardown() {
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

tiers="none hardened lockdown"

# limited COMMAND TIER LINE...: a policy with these lines below [limits].
limited() {
	local command=$1 tier=$2
	shift 2
	allow "$command" "$tier"
	extend "$command" "$(printf '%s\n' '[limits]' "$@")"
}

# recorded ARGUMENT...: envseal-exec with its records in $HOME/record; its status in $status.
recorded() {
	run --separate-stderr bash -c '"$ENVSEAL_EXEC" --status-fd 9 "$@" 9>"$HOME/record"' bash "$@"
}

# field NAME: of the line "finished"
field() {
	jq -r "select(.event == \"finished\") | .$1" "$HOME/record"
}

milliseconds() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

ended() {
	! kill -0 "$1" 2>/dev/null
}

# in_all_tiers LINE...: a copy of bash for each tier, with these lines below [limits].
in_all_tiers() {
	local tier
	for tier in $tiers; do
		cp "$bash" "$HOME/$tier"
		limited "$HOME/$tier" "$tier" "$@"
	done
}

# at_once STATUS SCRIPT: what each of them says, at the same time, into $HOME/said-TIER; all end
# with that status.
at_once() {
	local tier pid pids=()
	for tier in $tiers; do
		"${under[@]}" "$ENVSEAL_EXEC" "$HOME/$tier" -c "$2" >"$HOME/said-$tier" 2>&1 3>&- &
		pids+=("$!")
	done
	for pid in "${pids[@]}"; do
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq "$1" ]
	done
}

# The script goes on for good without a timeout.
@test "timeout: the command and all it started get TERM, and the status is 124" {
	in_all_tiers 'timeout = "1h"'
	at_once 0 'sleep 0.3; echo whole'
	in_all_tiers 'timeout = "1s"'
	at_once 124 'trap "echo child-term; wait; exit" TERM
		(trap "echo grandchild-term; exit" TERM; while :; do sleep 0.05; done) & echo on; while :; do wait; done'
	for tier in $tiers; do
		for word in on child-term grandchild-term; do
			grep -qx "$word" "$HOME/said-$tier"
		done
	done
}

# As does this one without a KILL.
@test "timeout: a process that ignores TERM is killed two seconds later, also outside the session" {
	in_all_tiers 'timeout = "200ms"'
	mark=$RANDOM$RANDOM
	before=$(milliseconds)
	at_once 124 "trap '' TERM HUP; (setsid sh -c ': $mark; trap \"\" TERM; while :; do sleep 0.1; done' &)
		while :; do sleep 0.1; done"
	[ $(($(milliseconds) - before)) -ge 2200 ]
	run -1 pgrep -f ": $mark; trap"
}

# Nor does it keep envseal-exec, which stops with it, from ending: nobody continues it.
@test "timeout: a command that stops itself does not stop the clock for its children" {
	in_all_tiers 'timeout = "300ms"'
	for tier in $tiers; do
		"$ENVSEAL_EXEC" "$HOME/$tier" -c '(while :; do echo x; sleep 0.05; done) & kill -STOP $$' >/dev/null 2>&1 3>&- &
		started+=("$!")
	done
	for supervisor in "${started[@]}"; do
		eventually ended "$supervisor"
		status=0
		wait "$supervisor" || status=$?
		[ "$status" -eq 124 ]
	done
}

@test "timeout: the clock starts with the command, not while the vault waits for its passphrase" {
	printf correct-horse | "$ENVSEAL" slot add passphrase --cost interactive --new-passphrase-fd 0 2>/dev/null
	limited "$bash" hardened 'timeout = "1s"'
	"$ENVSEAL" slot remove host-key 2>/dev/null
	run -0 bash -c '{ sleep 1.2; echo correct-horse; } | "$ENVSEAL_EXEC" --passphrase-fd 0 bash -c "echo in-time"'
	[ "$output" = in-time ]
}

# The exec is held up for longer than the timeout. The files of secrets are there by then, and have taken whatever number
# the clock's pipe had.
# bats test_tags=thorough
@test "timeout: the clock does not start with a secret that takes a number" {
	local rows=
	command -v strace >/dev/null || skip "strace is not installed"
	for number in {3..19}; do
		rows+="N$number = { secret = \"first/one\", deliver = \"fd\", descriptor = $number }\\n"
	done
	in_all_tiers 'timeout = "1s"'
	for tier in $tiers; do
		set_key "$HOME/$tier" secrets "$rows"
	done
	under=(strace -qq -f -o "|cat >>$HOME/trace" -e trace=execveat -e inject=execveat:delay_enter=1500000)
	at_once 0 'echo in-time'
	for tier in $tiers; do
		[ "$(cat "$HOME/said-$tier")" = in-time ]
	done
	[ "$(grep -c DELAYED "$HOME/trace")" -ge 3 ]
}

@test "the end of a supervised command in tier none is the end of what it started" {
	limited "$bash" none 'timeout = "1h"'
	run -0 "$ENVSEAL_EXEC" bash -c 'setsid sleep 71 >/dev/null 2>&1 & echo $!'
	eventually ended "$output"
	# Without a supervisor it goes on.
	allow "$bash" none
	run -0 "$ENVSEAL_EXEC" bash -c 'setsid sleep 72 >/dev/null 2>&1 & echo $!'
	kill -0 "$output"
	kill "$output"
}

@test "killing the supervisor ends a supervised tier none too" {
	limited "$bash" none 'timeout = "1h"'
	"$ENVSEAL_EXEC" bash -c 'trap "" TERM HUP; (setsid sleep 73) & echo ready; sleep 73' >"$HOME/said" 2>&1 3>&- &
	supervisor=$!
	started+=("$supervisor")
	eventually grep -q ready "$HOME/said"
	tree=$(descendants "$supervisor")
	[ "$(wc -l <<<"$tree")" -ge 2 ]
	kill -KILL "$supervisor"
	for pid in $tree; do
		eventually ended "$pid"
	done
}

@test "a supervised tier none keeps the caller's descriptors, and adds none of ours" {
	look='import os; print(*[f"{f} " + os.readlink(f"/proc/self/fd/{f}") for f in range(3, 1024) if os.path.exists(f"/proc/self/fd/{f}")])'
	allow "$python" none
	run -0 bash -c '"$ENVSEAL_EXEC" "$0" -c "$1" 77</etc/passwd' "$python" "$look"
	[[ $output == *"77 /etc/passwd"* ]]
	in_place=$output
	limited "$python" none 'timeout = "1h"'
	run -0 bash -c '"$ENVSEAL_EXEC" --status-fd 78 "$0" -c "$1" 77</etc/passwd 78>/dev/null' "$python" "$look"
	[ "$output" = "$in_place" ]
}

@test "job control and signals in a supervised tier none" {
	limited "$bash" none 'timeout = "1h"'
	for signal in TERM INT HUP QUIT USR1; do
		rm -f "$HOME/said" # the last one's "ready" is not this one's
		env --default-signal=INT,QUIT,HUP "$ENVSEAL_EXEC" bash -c \
			"trap 'echo got-$signal; exit 9' $signal; echo ready; while :; do sleep 0.05; done" >"$HOME/said" 2>&1 3>&- &
		supervisor=$!
		started+=("$supervisor")
		eventually grep -q ready "$HOME/said"
		kill "-$signal" "$supervisor"
		status=0
		wait "$supervisor" || status=$?
		[ "$status" -eq 9 ]
		grep -q "got-$signal" "$HOME/said"
	done
	run -0 --separate-stderr bash -c 'status=0; "$ENVSEAL_EXEC" bash -c "kill -TERM \$\$" || status=$?; echo $status'
	[ "$output" = 143 ]
}

@test "open_files, file_size and cpu_time are resource limits, soft and hard" {
	look='import resource as r; print(*[r.getrlimit(n) for n in (r.RLIMIT_NOFILE, r.RLIMIT_FSIZE, r.RLIMIT_CPU)])'
	for tier in $tiers; do
		limited "$python" "$tier" 'open_files = 33' 'file_size = "3M"' 'cpu_time = "7s"'
		run -0 "$ENVSEAL_EXEC" "$python" -c "$look"
		[ "$output" = "(33, 33) (3145728, 3145728) (7, 8)" ]
		# Raising one again takes a capability that nothing inside has.
		run -1 "$ENVSEAL_EXEC" "$python" -c 'import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (34, 34))'
		[[ $output == *"not allowed to raise"* ]]
	done
	# A limit that is lower already stays.
	run -0 bash -c 'ulimit -n 20; "$ENVSEAL_EXEC" "$0" -c "$1"' "$python" "$look"
	[[ $output == "(20, 20) "* ]]
}

@test "limits hold: files, their size" {
	files='import os; f = [os.open("/dev/null", 0) for i in range(100)]; print("opened")'
	write='import os, tempfile; f = tempfile.TemporaryFile(); f.write(bytes(2 << 20)); f.flush(); print("wrote")'
	for tier in $tiers; do
		allow "$python" "$tier"
		run -0 "$ENVSEAL_EXEC" "$python" -c "$files"
		run -0 "$ENVSEAL_EXEC" "$python" -c "$write"
		limited "$python" "$tier" 'open_files = 50' 'file_size = "1M"'
		run -1 "$ENVSEAL_EXEC" "$python" -c "$files"
		[[ $output == *"Too many open files"* ]]
		run -1 "$ENVSEAL_EXEC" "$python" -c "$write"
		[[ $output == *"File too large"* ]]
	done
}

# bats test_tags=thorough
@test "limits hold: processor time" {
	for tier in $tiers; do
		limited "$python" "$tier" 'cpu_time = "1s"'
		run -152 bash -c '"$ENVSEAL_EXEC" "$0" -c "while True: pass" 2>/dev/null' "$python" # SIGXCPU
	done
}

@test "memory holds, by a cgroup or by a resource limit, and the record says which" {
	eat='b = bytearray(150 << 20); print("ate")'
	for tier in $tiers; do
		allow "$python" "$tier"
		run -0 "$ENVSEAL_EXEC" "$python" -c "$eat"
		limited "$python" "$tier" 'memory = "100M"'
		recorded "$python" -c 'b = bytearray(30 << 20); print("ate")'
		[ "$status" -eq 0 ]
		[ "$output" = ate ]
		[ "$(field peak_memory)" -ge $((30 << 20)) ]
		[ "$(field peak_memory)" -le $((100 << 20)) ]
		recorded "$python" -c "$eat"
		[ "$output" != ate ]
		case $(field limits_by) in
		cgroup) [ "$status" -eq 137 ] ;;
		rlimit) [[ $status -eq 1 && $stderr == *MemoryError* ]] ;;
		*) false ;;
		esac
	done
}

@test "what reserves address space without using it runs under a memory limit" {
	limited "$python" hardened 'memory = "100M"'
	run -0 "$ENVSEAL_EXEC" "$python" -c 'import mmap; m = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE, prot=0); print("reserved")'
	[ "$output" = reserved ]
}

@test "processes holds for an ordinary user; root, whom the kernel exempts, is refused without a cgroup" {
	fork='import os, time
n = 0
try:
    for i in range(20):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        n += 1
except OSError as e:
    print(e.strerror)
print(n + 1)'
	for tier in hardened lockdown; do
		allow "$python" "$tier"
		run -0 "$ENVSEAL_EXEC" "$python" -c "$fork"
		[ "$output" = 21 ]
		limited "$python" "$tier" 'processes = 5'
		recorded "$python" -c "$fork"
		if [ "$status" -eq 125 ]; then
			[ "$(id -u)" -eq 0 ]
			[[ $stderr == *"limits.processes: the kernel does not apply this limit to root"* && -z $output ]]
			[ ! -s "$HOME/record" ]
		else
			[ "$output" = $'Resource temporarily unavailable\n5' ]
			[[ $(field limits_by) == cgroup || $(field limits_by) == rlimit ]]
		fi
	done
}

@test "a policy's limits are checked, with their place, and no value is shown" {
	allow "$bash" hardened
	good=$(<"$(policy_file "$bash")")
	for row in 'timeout = "30"' 'timeout = "zebra"' 'timeout = "0s"' 'timeout = 30' 'memory = "512"' 'memory = "1K"' \
		'memory = "-1M"' 'processes = 0' 'processes = "64"' 'open_files = 3' 'file_size = "1Q"' 'cpu_time = "100ms"' \
		'cpu_time = "99999999999999999999s"'; do
		printf '%s\n[limits]\n%s\n' "$good" "$row" >"$(policy_file "$bash")"
		run -125 --separate-stderr "$ENVSEAL_EXEC" bash -c 'echo RAN'
		[[ $stderr =~ toml:[0-9]+:[0-9]+:\ limits\.${row%% *}:\ must\ be ]]
		[[ $stderr != *zebra* && $stderr != *999* ]]
		[ -z "$output" ]
	done
}

@test "the record: started and finished, whole and valid, in every tier" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		recorded bash -c 'sleep 0.5; [ ! -e /proc/$$/fd/9 ] && echo gone; exit 7'
		[ "$status" -eq 7 ]
		[ "$output" = gone ]
		[ "$(wc -l <"$HOME/record")" -eq 2 ]
		[ "$(jq -r .event "$HOME/record")" = $'started\nfinished' ]
		[ "$(jq -sr '.[0].tier' "$HOME/record")" = "$tier" ]
		[ "$(jq -sr '.[0].command' "$HOME/record")" = "$bash" ]
		[ "$(field 'status, .signal, .timed_out, .seccomp_killed, .limits_by' | tr '\n' ' ')" = "7 null false false none " ]
		[ "$(field 'seconds >= 0.1 and .seconds < 60')" = true ]
		[ "$(field 'cpu > 0 and .cpu < 60 and .peak_memory > 1000000')" = true ]
	done
}

@test "the record: signals, timeouts, system calls that kill" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		recorded bash -c 'kill -USR1 $$'
		[ "$status" -eq 138 ]
		[ "$(field 'status, .signal, .timed_out' | tr '\n' ' ')" = "138 10 false " ]
		recorded bash -c 'kill -SYS $$'
		[ "$(field 'seccomp_killed')" = true ]
		limited "$bash" "$tier" 'timeout = "100ms"'
		recorded bash -c 'exec sleep 60'
		[ "$status" -eq 124 ]
		[ "$(field 'status, .signal, .timed_out' | tr '\n' ' ')" = "124 15 true " ]
	done
}

@test "the record counts the time of children, also of those nobody waited for" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		recorded bash -c '(for ((n = 0; n < 100000; n++)); do :; done) & wait'
		[ "$(field 'cpu >= 0.05')" = true ]
	done
}

@test "nothing is recorded where nothing ran" {
	allow "$bash" hardened
	sed -i 's/hardened/lockdown/' "$(policy_file "$bash")"
	recorded bash -c 'echo RAN'
	[ "$status" -eq 125 ]
	[ ! -s "$HOME/record" ]
}

@test "--status-fd: what cannot be one is refused" {
	allow "$bash" hardened
	for fd in 0 1 2 9 99999 -1 x 9x ''; do
		run -125 --separate-stderr "$ENVSEAL_EXEC" --status-fd "$fd" bash -c 'echo RAN' 9</etc/passwd
		[[ $stderr == *"--status-fd"* ]]
		[ -z "$output" ]
	done
}

@test "--status-fd: a reader that is gone or does not read neither kills nor hangs the run" {
	in_all_tiers
	run -0 "$python" -c '
import os, socket, subprocess, sys, time

def unread(kind):
    if kind == "gone":
        r, w = os.pipe()
        os.close(r)
        return None, w
    if kind == "pipe":
        r, w = os.pipe()
    else:
        r, w = (end.detach() for end in socket.socketpair())
    os.set_blocking(w, False)
    try:
        while True:
            os.write(w, b"\n" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(w, True)
    return r, w

before, runs = time.monotonic(), []
for program in sys.argv[1:]:
    for kind in "gone", "pipe", "socket":
        _, w = unread(kind)
        command = [os.environ["ENVSEAL_EXEC"], "--status-fd", str(w), program, "-c", "exit 5"]
        runs.append((kind, w, subprocess.Popen(command, pass_fds=[w])))
for kind, w, run in runs:
    print(kind, run.wait(60), os.get_blocking(w))
print("waited", time.monotonic() - before > 1.9)' "$HOME/none" "$HOME/hardened"
	[ "$output" = "$(printf '%s\n' {gone,pipe,socket}' 5 True' {gone,pipe,socket}' 5 True' 'waited True')" ]
}

@test "--status-fd: lines that had to wait arrive whole" {
	allow "$bash" hardened
	run -0 "$python" -c '
import json, os, subprocess, sys, threading, time
r, w = os.pipe()
os.set_blocking(w, False)
full = 0
try:
    while True:
        full += os.write(w, b"\n" * 4096)
except BlockingIOError:
    pass
os.set_blocking(w, True)
run = subprocess.Popen([os.environ["ENVSEAL_EXEC"], "--status-fd", str(w), "bash", "-c", "exit 5"], pass_fds=[w])
os.close(w)
time.sleep(0.3)
text = b""
while chunk := os.read(r, 777):
    text += chunk
print([json.loads(line)["event"] for line in text.split(b"\n") if line], run.wait())'
	[ "$output" = "['started', 'finished'] 5" ]
}

# streams SIZE SUM: that many zeros through each tier, in and out, have that sum.
streams() {
	in_all_tiers 'timeout = "1h"'
	for tier in $tiers; do
		run -0 bash -c 'head -c "$1" /dev/zero | "$ENVSEAL_EXEC" "$0" -c cat | sha256sum' "$HOME/$tier" "$1"
		[ "$output" = "$2  -" ]
	done
}

@test "what is large streams through, untouched, in both directions" {
	streams 64M 3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351
}

# bats test_tags=thorough
@test "a gigabyte streams through, untouched, in both directions" {
	streams 1G 49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14
}

@test "standard output and standard error keep their order" {
	for tier in $tiers; do
		limited "$bash" "$tier" 'timeout = "1h"'
		run -0 bash -c '"$ENVSEAL_EXEC" bash -c "for ((i = 0; i < 2000; i++)); do echo o\$i; echo e\$i >&2; done" 2>&1 | cmp - <(for ((i = 0; i < 2000; i++)); do echo o$i; echo e$i; done) && echo same'
		[ "$output" = same ]
	done
}

# init_of PID: the sandbox's first process, below the supervisor.
init_of() {
	init=$(pgrep -P "$1" -f envseal-sandbox-helper)
}

@test "timeout: stopping or starving PID 1 does not stop the clock" {
	for tier in $tiers; do
		limited "$bash" "$tier" 'timeout = "300ms"'
		"$ENVSEAL_EXEC" --status-fd 9 bash -c 'trap "" TERM; echo on; for n in {1..200}; do sleep 0.1; done; echo outlived' \
			9>"$HOME/record" >"$HOME/said" 3>&- &
		supervisor=$!
		started+=("$supervisor")
		eventually init_of "$supervisor"
		kill -STOP "$init"
		status=0
		wait "$supervisor" || status=$?
		[ "$status" -eq 124 ]
		[ "$(cat "$HOME/said")" = on ]
		[ "$(field timed_out)" = true ]
		eventually ended "$init"
	done
}

@test "timeout: a command in a namespace does not keep PID 1 from it by limits or priorities" {
	allow "$python" hardened
	run -1 "$ENVSEAL_EXEC" "$python" -c 'import resource as r; r.prlimit(1, r.RLIMIT_NOFILE, (0, 0))'
	[[ $output == *"not permitted"* ]]
	run -0 "$ENVSEAL_EXEC" "$python" -c 'import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (20, 20)); print(r.prlimit(1, r.RLIMIT_NPROC) != None)'
	limited "$python" hardened 'timeout = "300ms"'
	run -124 "$ENVSEAL_EXEC" "$python" -c '
import os, signal, time
cpu = {min(os.sched_getaffinity(0))}
os.sched_setaffinity(1, cpu)
os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))
os.sched_setaffinity(0, cpu)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end = time.monotonic() + 12
for n in range(100):
    if os.fork() == 0:
        break
while time.monotonic() < end:
    pass
print("outlived", flush=True)'
	[[ $output != *outlived* ]]
}

# measured WAY LENGTH: what tips over at which size, with a secret of that many bytes.
measured() {
	seal first/one "$(printf "%$2s" '' | tr ' ' x)"
	python3 -I "$BATS_TEST_DIRNAME/lengths.py" "$1" "$bash"
}

@test "neither limits nor /proc reveal a secret's length except in steps of 256 bytes" {
	for tier in none hardened; do
		allow "$bash" "$tier"
		for way in arguments stack; do
			at=$(measured "$way" 20)
			[ "$(measured "$way" 21)" = "$at" ]
			[ "$(measured "$way" 150)" = "$at" ]
			[ "$(measured "$way" 300)" = $((at - 256)) ]
		done
	done
	# A sandbox's description needs more than a small secret.
	allow "$bash" none
	sed -i 's|^ONE = .*|ONE = { secret = "first/one", deliver = "file" }|' "$(policy_file "$bash")"
	"$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
	at=$(measured file 20)
	[ "$(measured file 150)" = "$at" ]
	[ "$(measured file 300)" = $((at - 256)) ]
}

# memory_of VALUE: what everybody sees of the process that masks it.
memory_of() {
	seal first/one "$1"
	"$ENVSEAL_EXEC" bash -c 'echo started; sleep 300' >"$HOME/said" 3>&- &
	eventually grep -qs started "$HOME/said" || true
	grep -E '^Vm(Peak|Size|Lck|Data):' "/proc/$!/status"
	kill -KILL "$!"
	rm "$HOME/said"
}

@test "the memory for a template reveals only the same steps" {
	allow "$bash" hardened
	sed -i 's|^ONE = .*|ONE = { template = "${first/one}" }|' "$(policy_file "$bash")"
	"$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
	# With its guard (16 bytes) the longer one begins another page.
	at=$(memory_of "$(printf '%40944s' '' | tr ' ' a)")
	[ -n "$at" ]
	[ "$(memory_of "$(printf '%40945s' '' | tr ' ' a)")" = "$at" ]
}

@test "the memory for masking reveals only the same steps, and nothing of lines and letters" {
	allow "$bash" hardened
	sed -i 's/"never"/"always"/' "$(policy_file "$bash")"
	"$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
	at=$(memory_of "$(printf '%1500s' '' | tr ' ' a)")
	[ -n "$at" ]
	[ "$(memory_of "$(printf '%1300s' '' | tr ' ' a)")" = "$at" ]
	[ "$(memory_of "$(seq 1000 1299)")" = "$at" ]
	[ "$(memory_of "$(yes '"<&>/%é' | head -c 1500)")" = "$at" ]
	[ "$(memory_of "$(seq 1000 1999)")" != "$at" ]
}

@test "limits that are too low are refused with the least value" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		for size in 32 64 255; do
			refused 125 "stack limit is $size KiB.*at least 256 KiB \(ulimit -s 256\)" \
				bash -c 'ulimit -s '"$size"'; exec "$ENVSEAL_EXEC" bash -c "echo RAN"'
		done
		run -0 bash -c 'ulimit -s 256; exec "$ENVSEAL_EXEC" bash -c "echo RAN" bash $(printf "%0999d " {1..120})'
		[ "$output" = RAN ]
	done
}

@test "no limit of the caller's ends a start by a signal, hangs it, or changes what is run" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		run -0 python3 -I "$BATS_TEST_DIRNAME/sweep.py" "$bash" "$secret"
		[ "$output" = "0 wrong" ]
	done
}
