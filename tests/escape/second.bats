#!/usr/bin/env bats
# Attacks by another authorised program of the same user, with arguments of the attacker's; and by
# signals that turn a program into its own debugger.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup_file() {
	build_spy
}

setup() {
	escape_setup
	out=$SYSTEM/run/out
	install -d -o "$CALLER_UID" "$out"
}

teardown() {
	escape_teardown
}

# with_the_run_group COMMAND...: what an authorised program is, without what keeps it.
with_the_run_group() {
	in_system setpriv --reuid="$CALLER_UID" --regid="$RUN_GID" --clear-groups -- "$@"
}

# beside_a_proc COMMAND...: where the host's processes are to be seen at /mnt, too, whatever a
# sandbox does to /proc.
beside_a_proc() {
	in_system bash -c 'mount -t proc proc /mnt && exec "$@"' beside_a_proc \
		setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- "$@"
}

@test "a second authorised program of the same user opens no door, not even by a smuggled /proc" {
	with_the_run_group env ONE=naive bash -c 'sleep 301 & exec sleep 302' 3>&- &
	starter=$!
	eventually find_victim
	with_the_run_group "$bin/spy" "$target" | grep -q '^took environ of '
	end_victim
	for victims in "${tiers[@]}"; do
		policy "$victims" "$bash"
		victim "$victims"
		for tier in "${tiers[@]}"; do
			policy "$tier" "$bin/spy"
			for pid in $(processes); do
				run -0 --separate-stderr go "$tier" "$bin/spy" "$pid"
				nothing "$(secrets_taken <<<"$output")"
				run -0 --separate-stderr beside_a_proc "$ENVSEAL_EXEC" "$bin/spy" --proc /mnt "$pid"
				nothing "$(secrets_taken <<<"$output")"
				# It did see the process there.
				run -0 --separate-stderr beside_a_proc "$ENVSEAL_EXEC" "$bin/spy" --proc /mnt --name "$pid"
				[ "$output" = "$(cat "/proc/$pid/comm")" ]
			done
		done
		end_victim
	done
}

# The other end hands in a descriptor for the host's /proc.
smuggle='import array, os, socket
place = socket.socket(socket.AF_UNIX)
place.bind("/run/out/socket")
place.listen()
print("ready", flush=True)
end = place.accept()[0]
proc = array.array("i", [os.open("/proc", os.O_RDONLY)])
end.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, proc)])
end.recv(1)'

take='import array, os, socket, sys
end = socket.socket(socket.AF_UNIX)
end.connect("/run/out/socket")
_, [(_, _, data)], _, _ = end.recvmsg(1, socket.CMSG_LEN(4))
proc = array.array("i", data)[0]
print(os.readlink("self", dir_fd=proc) != "" and "smuggled", flush=True)
for name in "environ", "mem", "maps":
    try:
        print(name, len(os.read(os.open(f"{sys.argv[1]}/{name}", os.O_RDONLY, dir_fd=proc), 1)))
    except OSError as error:
        if name == "mem" and error.errno == 5:
            print(name)
for name in "cwd", "root":
    try:
        print(name, os.readlink(f"{sys.argv[1]}/{name}", dir_fd=proc))
    except OSError:
        pass'

# smuggled COMMAND...: what it takes of $target through the descriptor.
smuggled() {
	rm -f "$out/socket" "$BATS_TEST_TMPDIR/said"
	as_caller "$python" -c "$smuggle" >"$BATS_TEST_TMPDIR/said" 3>&- &
	eventually grep -q ready "$BATS_TEST_TMPDIR/said"
	"$@" "$python" -I -c "$take" "$target" 2>/dev/null || true
}

@test "a descriptor for the host's /proc, handed in through a socket, opens no door either" {
	with_the_run_group env ONE=naive bash -c 'sleep 301 & exec sleep 302' 3>&- &
	starter=$!
	eventually find_victim
	[[ $(smuggled with_the_run_group) == *environ*mem*maps*cwd* ]]
	end_victim
	for victims in "${tiers[@]}"; do
		for tier in none hardened; do
			policy "$victims" "$bash"
			victim "$victims"
			policy "$tier" "$python"
			# In hardened the /proc that came in says nothing of oneself.
			took=$(smuggled as_caller "$ENVSEAL_EXEC")
			[ -z "$took" ] || [ "$took" = smuggled ]
			[ "$tier" != none ] || [ "$took" = smuggled ]
			end_victim
		done
	done
	policy lockdown "$python"
	[ -z "$(smuggled as_caller "$ENVSEAL_EXEC")" ]
	run -125 --separate-stderr as_caller "$ENVSEAL_EXEC" "$python" -c 'print("RAN")' </proc
	[ -z "$output" ]
}

# bats test_tags=thorough
@test "python and node, told to read the vault, the key and the lock, read nothing" {
	local by_python='import os, sys
for name in sys.argv[1:]:
    for way in (lambda: open(name).read(1), lambda: os.listdir(name), lambda: os.open(name, os.O_PATH | os.O_NOFOLLOW)):
        try:
            way()
            print(name)
        except (OSError, UnicodeDecodeError) as error:
            if not isinstance(error, OSError):
                print(name)'
	local by_node='const fs = require("fs");
for (const name of process.argv.slice(1))
	for (const way of [() => fs.readFileSync(name), () => fs.readdirSync(name), () => fs.copyFileSync(name, "/run/out/copy")])
		try { way(); console.log(name) } catch {}'
	node=$(realpath /usr/bin/node)
	# shellcheck disable=SC2046 # no white space in there
	set -- $(in_system find "$VAR/vault" -mindepth 1)
	[[ "$*" == *host.key*one.sealed* || "$*" == *one.sealed*host.key* ]]
	# The service could.
	run -0 in_system setpriv --reuid="$SERVICE_UID" --regid=0 --clear-groups "$python" -c "$by_python" "$@"
	grep -q host.key <<<"$output"
	nothing "$(as_caller "$python" -c "$by_python" "$@")"
	nothing "$(as_caller "$node" -e "$by_node" "$@")"
	for tier in "${tiers[@]}"; do
		policy "$tier" "$python"
		run -0 --separate-stderr go "$tier" "$python" -c "$by_python" "$@"
		nothing "$output"
		policy "$tier" "$node"
		run -0 --separate-stderr go "$tier" "$node" -e "$by_node" "$@"
		nothing "$output"
	done
}

# On a loopback of their own: the port is always the same.
on_one_loopback() {
	nsenter --target "$holder" --net -- "$@"
}

inspector_answers() {
	on_one_loopback bash -c 'exec 9<>/dev/tcp/127.0.0.1/9229' 2>/dev/null
}

# bats test_tags=thorough
@test "node made its own debugger by a signal listens nowhere" {
	node=$(realpath /usr/bin/node)
	unshare --net bash -c 'ip link set lo up && exec setpriv --reuid="$1" sleep 303' net "$CALLER_UID" 3>&- &
	holder=$!
	eventually grep -qx sleep "/proc/$holder/comm"
	local waiting='process.title = "node-waits"; setInterval(() => {}, 1000)'
	find_node() {
		target=$(pgrep -U "$CALLER_UID" -x node-waits)
	}
	on_one_loopback setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups "$node" -e "$waiting" 2>/dev/null 3>&- &
	eventually find_node
	attacker kill -USR1 "$target"
	eventually inspector_answers
	kill -KILL "$target"
	for tier in "${tiers[@]}"; do
		policy "$tier" "$node"
		starts "$tier" "$node" -e "$waiting"
		export -f in_system in_namespace
		on_one_loopback env -u HOME bash -c 'in_system "$@"' _ setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" \
			--clear-groups -- "${words[@]}" </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
		starter=$!
		eventually find_node
		attacker kill -USR1 "$target"
		# It tries, and says that it could not; it may end of that.
		eventually grep -qi 'inspector\|operation not permitted\|debugger' "$BATS_TEST_TMPDIR/said"
		run ! inspector_answers
		kill -KILL "$target" 2>/dev/null || true
		wait "$starter" || true
	done
}

# bats test_tags=thorough
@test "a JVM, where there is one, takes no agent from outside" {
	if ! command -v jcmd javac >/dev/null; then
		return 0
	fi
	java=$(realpath /usr/bin/java)
	echo 'class Waits { public static void main(String[] a) throws Exception { System.out.println("up"); Thread.sleep(60000); } }' \
		>"$SYSTEM/run/Waits.java"
	(cd "$SYSTEM/run" && javac Waits.java)
	find_java() {
		grep -qx up "$BATS_TEST_TMPDIR/said" && target=$(pgrep -U "$CALLER_UID" -x java)
	}
	# Where the program itself is, with a /tmp that all may write, as everywhere.
	attaches() {
		nsenter --mount --target "$target" chmod 1777 /tmp
		nsenter --mount --target "$1" timeout 20 setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups \
			jcmd "$target" VM.version 2>&1 | grep -q JDK
		local attached=$?
		in_namespace chmod 755 /tmp
		return "$attached"
	}
	as_caller "$java" -cp /run Waits >"$BATS_TEST_TMPDIR/said" 3>&- &
	starter=$!
	eventually find_java
	attaches "$target"
	end_victim
	for tier in none hardened; do
		policy "$tier" "$java"
		starts "$tier" "$java" -cp /run Waits
		: >"$BATS_TEST_TMPDIR/said"
		as_caller "${words[@]}" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
		starter=$!
		eventually find_java
		outside=$(pgrep -U "$CALLER_UID" -o -x 'java|envseal-exec')
		run ! attaches "$outside"
		end_victim
	done
}
