#!/usr/bin/env bats
# The system calls that a target cannot make, and the programs that it cannot start
# (process.seccomp, process.exec).
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	python=$(realpath /usr/bin/python3)
	open_place
	loader=$(loader_of "$bash")
}

teardown() {
	close_place
}

# loader_of PROGRAM: the dynamic loader that its header names.
loader_of() {
	"$python" - "$1" <<-'SCRIPT'
		import struct, sys
		elf = open(sys.argv[1], "rb").read()
		start, size, count = struct.unpack_from("<Q", elf, 32)[0], *struct.unpack_from("<HH", elf, 54)
		for i in range(count):
		    kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", elf, start + i * size)
		    if kind == 3:
		        print(elf[offset:offset + length - 1].decode())
	SCRIPT
}

# confined COMMAND TIER LINE...: a policy with those lines in [process].
confined() {
	allow "$1" "$2"
	extend "$1" "$(printf '%s\n' '[process]' "${@:3}")"
}

@test "the doors of other architectures end the program in every tier" {
	[ "$(uname -m)" = x86_64 ] || skip "these doors are x86-64's"
	doors=$(cat "$BATS_TEST_DIRNAME/doors.py")
	for door in x32 i386; do
		# A host may lack it: the kernel knows no such call, or the processor has no such
		# gate.
		run "$python" -c "$doors" "$door"
		if [[ $status-$output == 0-False || $status -eq 139 ]]; then
			absent "the door $door of system calls"
			continue
		fi
		[ "$status-$output" = 0-True ]
		for tier in none hardened lockdown; do
			allow "$python" "$tier"
			run -159 bash -c '"$ENVSEAL_EXEC" "$@"' - "$python" -c "$doors" "$door"
		done
	done
}

@test "a call outside of the profile ends the program in every tier" {
	for tier in none hardened lockdown; do
		confined "$bash" "$tier" 'seccomp = "default"'
		run -0 "$ENVSEAL_EXEC" bash -c '(exit 0); echo forked'
		[ "$output" = forked ]
		confined "$bash" "$tier" 'seccomp = "essential"'
		run -0 "$ENVSEAL_EXEC" bash -c 'echo "$((6 * 7)) $ONE"'
		[ "$output" = "42 $secret" ]
		run -159 --separate-stderr bash -c '"$ENVSEAL_EXEC" bash -c "(exit 0); echo forked"; exit $?'
		[ -z "$output" ]
	done
}

@test "PID 1 is not under the profile: stopping, signals and the end still work" {
	confined "$bash" hardened 'seccomp = "essential"'
	run -143 bash -c '"$ENVSEAL_EXEC" bash -c "echo ready; while :; do :; done" >"$HOME/said" &
		until [ -s "$HOME/said" ]; do sleep 0.05; done; kill -STOP $!; kill -CONT $!; kill -TERM $!; wait $!'
	[ "$(cat "$HOME/said")" = ready ]
}

@test "no profile loosens lockdown" {
	"$python" -c "$(cat "$BATS_TEST_DIRNAME/sockets.py")" | grep -q '^vsock: \|^dgram pair: made'
	"$python" -c "$(cat "$BATS_TEST_DIRNAME/syscalls.py")" | grep -q 'keyctl: works'
	for profile in default network unrestricted; do
		confined "$python" lockdown "seccomp = \"$profile\""
		run -0 --separate-stderr "$ENVSEAL_EXEC" "$python" -c "$(cat "$BATS_TEST_DIRNAME/sockets.py")"
		for refusal in unix packet vsock alg 'netlink audit' 'dgram pair' 'raw pair' listen; do
			[[ $output == *"$refusal: refused"* ]]
		done
		[[ $output == *"inet: made"* ]]
	done
	for tier in hardened lockdown; do
		confined "$python" "$tier" 'seccomp = "unrestricted"'
		run -0 "$ENVSEAL_EXEC" "$python" -c "$(cat "$BATS_TEST_DIRNAME/syscalls.py")"
		[[ $output != *works* ]]
	done
}

@test "the caller's session keyring stays outside of hardened and lockdown" {
	# A key that only who possesses the session keyring may see, which /proc/keys then lists.
	with_key='
import ctypes, os, platform, sys
libc = ctypes.CDLL(None)
keyctl, add_key = (250, 248) if platform.machine() == "x86_64" else (219, 217)
libc.syscall(keyctl, 1, 0)
key = libc.syscall(add_key, b"user", b"envseal-probe", b"x", 1, -3)
libc.syscall(keyctl, 5, key, 0x3f000000)
os.execvp(sys.argv[1], sys.argv[1:])'
	allow "$bash" none
	run -0 "$python" -c "$with_key" "$ENVSEAL_EXEC" bash -c 'cat /proc/keys'
	[[ $output == *envseal-probe* ]] || skip "this kernel lists no keys"
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		run -0 "$python" -c "$with_key" "$ENVSEAL_EXEC" bash -c 'cat /proc/keys'
		[[ $output != *envseal-probe* ]]
	done
}

# Ways to start /usr/bin/id from bash, each printing "started"; says which did.
ways='
direct() { /usr/bin/id >/dev/null && echo started; }
loader() { "$1" /usr/bin/id >/dev/null && echo started; }
copied() { "$2/copy" >/dev/null && echo started; }
copied_loader() { "$1" "$2/copy" >/dev/null && echo started; }
script() { "$2/script"; }
for way in "${@:3}"; do
	[ "$("$way" "$1" "$2")" != started ] || echo "$way"
done
'

# ways_in: those that work, in bash, with the loader and a directory with copies.
ways_in() {
	run -0 --separate-stderr "$ENVSEAL_EXEC" bash -c "$ways" bash "$loader" "$place" direct loader copied copied_loader script
	[ "${lines[*]}" = "$1" ] || {
		printf 'not "%s" but "%s"\n' "$1" "${lines[*]}"
		return 1
	}
}

prepare_copies() {
	cp /usr/bin/id "$place/copy"
	printf '#!/bin/sh\necho started\n' >"$place/script"
	chmod 755 "$place/copy" "$place/script"
}

@test "exec: a program that is not listed cannot be started, not by the loader, a copy or a script" {
	prepare_copies
	for tier in hardened lockdown; do
		confined "$bash" "$tier" 'seccomp = "default"'
		ways_in 'direct loader copied copied_loader script'
		for list in '[]' '["/usr/bin/env"]'; do
			confined "$bash" "$tier" "exec = $list"
			ways_in ''
		done
		confined "$bash" "$tier" 'exec = ["/usr/bin/id"]'
		ways_in 'direct loader'
	done
}

# Native ways, which a shell does not have.
native='
import ctypes, errno, os, shutil, subprocess, sys
loader, *names = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
def fill(path, to):
    with open(path, "rb") as source:
        os.write(to, source.read())
def run(*arguments, **options):
    return subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options).returncode == 0
def memfd(flags):
    fd = libc.memfd_create(b"copy", flags)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "memfd_create")
    fill("/usr/bin/id", fd)
    return fd
def memory():
    fd = memfd(0)
    return run(f"/proc/self/fd/{fd}", pass_fds=[fd])
def sealed_memory():
    try:
        fd = memfd(8)  # MFD_NOEXEC_SEAL, of Linux 6.3
    except OSError as error:
        return "absent" if error.errno == errno.EINVAL else False
    return run(loader, f"/proc/self/fd/{fd}", pass_fds=[fd])
def tmpfs(place, *before):
    shutil.copy("/usr/bin/id", place)
    os.chmod(place, 0o755)
    return run(*before, place)
def anonymous():
    fd = os.open("/tmp", os.O_TMPFILE | os.O_RDWR, 0o755)
    fill("/usr/bin/id", fd)
    copy = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)
    os.close(fd)
    return run(f"/proc/self/fd/{copy}", pass_fds=[copy])
def execveat():
    fd = os.open("/usr/bin/id", os.O_RDONLY)
    child = os.fork()
    if child == 0:
        os.dup2(os.open("/dev/null", os.O_RDWR), 1)
        try:
            os.execve(fd, ["id"], {})
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
ways = {
    "memory": memory, "sealed memory": sealed_memory, "execveat": execveat, "O_TMPFILE": anonymous,
    "/tmp": lambda: tmpfs("/tmp/id"), "/tmp by the loader": lambda: tmpfs("/tmp/id", loader),
    "/dev/shm by the loader": lambda: tmpfs("/dev/shm/id", loader),
    "/run by the loader": lambda: tmpfs("/run/id", loader),
    "in the way of a library": lambda: tmpfs("/usr/lib/envseal-id"),
    "itself": lambda: run("/proc/self/exe", "-c", ""),
}
for name in names:
    try:
        print(name, ways[name]())
    except OSError:
        print(name, False)
'

# native_ways ANSWER NAME...: each answers that.
native_ways() {
	run -0 "$ENVSEAL_EXEC" "$python" -c "$native" "$loader" "${@:2}"
	[ "$output" = "$(printf "%s $1\n" "${@:2}")" ] || {
		printf 'not all %s: %s\n' "$1" "$output"
		return 1
	}
}

@test "exec: memory files, tmpfs copies and descriptors cannot be started" {
	confined "$python" hardened 'seccomp = "default"'
	sealed=('sealed memory')
	run -0 "$ENVSEAL_EXEC" "$python" -c "$native" "$loader" "${sealed[@]}"
	[ "$output" != 'sealed memory absent' ] || { absent "memory files that are sealed against execution" && sealed=(); }
	for tier in hardened lockdown; do
		confined "$python" "$tier" 'seccomp = "default"'
		ways=(memory "${sealed[@]}" execveat O_TMPFILE /tmp '/tmp by the loader' '/dev/shm by the loader')
		[ "$tier" = hardened ] || ways+=('/run by the loader')
		native_ways True "${ways[@]}"
		for list in '[]' '["/usr/bin/env"]'; do
			confined "$python" "$tier" "exec = $list"
			native_ways False "${ways[@]}" 'in the way of a library'
			# Documented: the program itself can be started again.
			native_ways True itself
		done
	done
}

@test "exec: files are moved and linked from one directory to another, as without a list" {
	for tier in hardened lockdown; do
		confined "$bash" "$tier" 'exec = ["/usr/bin/mkdir", "/usr/bin/mv", "/usr/bin/ln"]'
		run -0 "$ENVSEAL_EXEC" bash -c 'mkdir /tmp/one /tmp/two && echo moved >/tmp/one/file && mv /tmp/one/file /tmp/two &&
			ln /tmp/two/file /tmp/one/link && echo "$(</tmp/one/link)"'
		[ "$output" = moved ]
	done
}

@test "exec: what is listed can be started, with its loader and its libraries, through links too" {
	ln -s /usr/bin/id "$place/link"
	for tier in hardened lockdown; do
		confined "$bash" "$tier" "exec = [\"/usr/bin/env\", \"$place/link\"]"
		run -0 "$ENVSEAL_EXEC" bash -c '/usr/bin/env id -u; /bin/env -i /usr/bin/env; echo "$?"'
		echo "$output"
		[ "$output" = "$(id -u)"$'\n0' ]
	done
	# Renames from directory to directory stay possible.
	confined "$bash" hardened 'exec = ["/usr/bin/mv", "/usr/bin/mkdir"]'
	run -0 "$ENVSEAL_EXEC" bash -c 'mkdir /tmp/a && : >/tmp/f && mv /tmp/f /tmp/a/f && [ -e /tmp/a/f ] && echo moved'
	[ "$output" = moved ]
}

@test "exec: a listed program cannot be changed from inside" {
	cp /usr/bin/id "$place/own"
	chmod 755 "$place/own"
	confined "$bash" hardened "exec = [\"$place/own\"]"
	run -0 "$ENVSEAL_EXEC" bash -c "(: >>$place/own) 2>/dev/null || echo kept; $place/own -u"
	[ "$output" = $'kept\n'"$(id -u)" ]
	allow "$bash" hardened
	run -0 "$ENVSEAL_EXEC" bash -c "(: >>$place/own) 2>/dev/null || echo kept; $place/own -u"
	[ "$output" = "$(id -u)" ]
}

@test "exec: a script needs its interpreter listed too" {
	printf '#!/usr/bin/env -S echo interpreted\n' >"$place/script"
	chmod 755 "$place/script"
	confined "$bash" hardened "exec = [\"$place/script\"]"
	run -126 "$ENVSEAL_EXEC" bash -c "$place/script"
	confined "$bash" hardened "exec = [\"$place/script\", \"/usr/bin/env\", \"/usr/bin/echo\"]"
	run -0 "$ENVSEAL_EXEC" bash -c "$place/script"
	[[ $output == interpreted* ]]
}

@test "exec: what is left and documented: programs among the libraries, by the loader" {
	library=$(git --exec-path 2>/dev/null)/git-http-push
	[[ -x $library && $library == /usr/lib* ]] || skip "git's programs among the libraries are not installed"
	confined "$bash" hardened 'exec = []'
	run -126 "$ENVSEAL_EXEC" bash -c "$library -h"
	run "$ENVSEAL_EXEC" bash -c "$loader $library -h"
	[[ $output == *usage* ]]
}

@test "exec: a missing program, a directory and a directory on 0-2 are refused" {
	confined "$bash" hardened 'exec = ["/usr/bin/none-such"]'
	run -125 "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ $output == *"/usr/bin/none-such"* && $output != *RAN* ]]
	confined "$bash" hardened 'exec = ["/usr/bin"]'
	run -125 "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ $output == *"not a regular file"* && $output != *RAN* ]]
	confined "$bash" hardened 'exec = []'
	# A directory from outside lies on a mount that is not noexec.
	run -125 "$ENVSEAL_EXEC" bash -c "$loader /proc/self/fd/0/id" </usr/bin
	[[ $output == *"is a directory"* ]]
	allow "$bash" hardened
	run -0 "$ENVSEAL_EXEC" bash -c "$loader /proc/self/fd/0/id -u" </usr/bin
	[ "$output" = "$(id -u)" ]
}

@test "exec: refused in tier none, where it cannot hold" {
	allow "$bash" none
	run -0 "$ENVSEAL_EXEC" bash -c 'echo RAN'
	extend "$bash" $'[process]\nexec = []' || true
	run -125 "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ $output == *"process.exec: has no effect in tier 'none'"* && $output != *RAN* ]]
}

@test "exec: a script's interpreter runs the sealed script, and nothing else" {
	printf '#!%s\nimport subprocess\nprint("script ran", flush=True)\nsubprocess.run(["/usr/bin/id"])\n' "$ENVSEAL_EXEC" >"$HOME/tool"
	chmod 755 "$HOME/tool"
	"$ENVSEAL" policy new "$HOME/tool" --tier hardened --secret ONE=first/one --interpreter "$python" 2>/dev/null
	run -0 "$ENVSEAL_EXEC" "$HOME/tool"
	[[ $output == *"script ran"*uid=* ]]
	extend "$HOME/tool" $'[process]\nexec = []'
	run -1 "$ENVSEAL_EXEC" "$HOME/tool"
	[[ $output == *"script ran"*PermissionError* && $output != *uid=* ]]
}

# bats test_tags=every-call,thorough
@test "a failing call of the exec list's steps ends the run" {
	command -v strace >/dev/null || skip "strace is not installed"
	confined "$bash" hardened 'exec = ["/usr/bin/env"]'
	for call in mount_setattr open_tree move_mount statfs,statfs64 landlock_create_ruleset landlock_add_rule \
		landlock_restrict_self keyctl; do
		times=0
		while times=$((times + 1)) && [ "$times" -le 20 ]; do
			run strace -qq -f -o "$HOME/trace" -e trace="$call" -e inject="$call:error=EIO:when=$times" \
				"$ENVSEAL_EXEC" bash -c 'echo RAN'
			grep -q INJECTED "$HOME/trace" || break
			[ "$status" -eq 125 ]
			[[ $output != *RAN* ]]
		done
		echo "$call: $((times - 1))"
		[ "$times" -gt 1 ]
		[ "$status" -eq 0 ]
	done
}
