#!/usr/bin/env bats
# Standard descriptors that lockdown relays: the data, their order, and the end on both sides.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	python=$(realpath /usr/bin/python3)
	allow "$bash" lockdown
}

# on_sockets HOW SCRIPT: as streams.py says.
on_sockets() {
	timeout 30 "$python" "$BATS_TEST_DIRNAME/streams.py" "$1" "$ENVSEAL_EXEC" bash -c "$2"
}

@test "sockets on 0-2 are pipes inside, and carry everything" {
	run -0 on_sockets three 'cat; head -c 3000000 /dev/zero | tr "\0" x; echo last; echo err >&2
		for f in 0 1 2; do readlink /proc/self/fd/$f | cut -d: -f1 >&2; done; exit 3'
	[ "$output" = $'3 3000011 xxxxxxxxxxxlast\n err\npipe\npipe\npipe' ]
}

@test "one socket on 0-2, as from inetd: output and error stay in order" {
	run -0 on_sockets one 'cat; for i in 1 2 3; do echo out; echo err >&2; done; exit 3'
	[ "$output" = $'hello\nout\nerr\nout\nerr\nout\nerr\n 3' ]
}

@test "last words reach a slow reader; one who has gone is seen; one who never reads can be given up" {
	run -0 on_sockets slow 'head -c 400000 /dev/zero'
	[ "$output" = "400000 0" ]
	run -0 on_sockets deaf 'while :; do echo x; done'
	[ "$output" = -13 ]
	run -0 on_sockets stuck 'while :; do head -c 65536 /dev/zero; done & sleep 0.5; exit 0'
	[ "$output" = "True 0" ]
}

@test "a socket that can be connected again would lead out; lockdown has none" {
	aim='import os, socket; s = socket.socket(fileno=1); s.sendmsg([b"LEAKED"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, (2).to_bytes(4, "little"))])'
	send='import os, socket, subprocess, sys
a, b = socket.socketpair()
p = subprocess.Popen(sys.argv[1:], stdout=b, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL); b.close()
data, fds, *_ = socket.recv_fds(a, 64, 4); print(data, len(fds), p.wait())'
	allow "$python" hardened
	run -0 "$python" -c "$send" "$ENVSEAL_EXEC" "$python" -c "$aim"
	[ "$output" = "b'LEAKED' 1 0" ]
	allow "$python" lockdown
	run -0 "$python" -c "$send" "$ENVSEAL_EXEC" "$python" -c "$aim"
	[ "$output" = "b'' 0 1" ]
}

@test "a file without a path, as of a here-document, arrives" {
	echo first >"$HOME/file"
	echo second >>"$HOME/file"
	run -0 bash -c 'exec 5<"$0"; rm "$0"; "$ENVSEAL_EXEC" bash -c "cat; readlink /proc/self/fd/0 | cut -d: -f1" <&5' "$HOME/file"
	[ "$output" = $'first\nsecond\npipe' ]
}

@test "a file with a path is read from where the caller was, and can be sought in" {
	echo first >"$HOME/file"
	echo second >>"$HOME/file"
	allow "$python" lockdown
	run -0 bash -c 'exec 5<"$0"; read -r -u 5; "$ENVSEAL_EXEC" "$1" -c "import sys; print(sys.stdin.readline(), end=\"\"); sys.stdin.seek(0); print(sys.stdin.read())" <&5' \
		"$HOME/file" "$python"
	[ "$output" = $'second\nfirst\nsecond' ]
}

# Takes O_APPEND away from a descriptor, then writes over what was there.
undo='import fcntl, os, sys; n = int(sys.argv[1]); fcntl.fcntl(n, fcntl.F_SETFL, 0); os.lseek(n, 0, os.SEEK_SET); os.write(n, b"OVER"); os.ftruncate(n, 4)'

@test "a file that is open for appending can only be appended to" {
	log=$HOME/log
	for tier in hardened lockdown; do
		echo first >"$log"
		allow "$python" "$tier"
		"$ENVSEAL_EXEC" "$python" -c "$undo" 1 >>"$log" 2>&1 || true
		case $tier in
		hardened) [ "$(cat "$log")" = OVER ] ;;
		lockdown) [ "$(head -n 1 "$log")" = first ] ;;
		esac
	done
	echo first >"$log"
	"$ENVSEAL_EXEC" bash -c 'echo out; echo err >&2; echo out; exec 2>&-; head -c 300000 /dev/zero' >>"$log" 2>&1
	[ "$(head -c 18 "$log")" = $'first\nout\nerr\nout' ]
	[ "$(wc -c <"$log")" -eq 300018 ]
	# On any other number.
	extend "$python" $'[process]\nkeep_fds = [5]'
	refused 125 "appends to a file" "$ENVSEAL_EXEC" "$python" -c "$undo" 5 5>>"$log"
	[ "$(head -n 1 "$log")" = first ]
}

@test "what cannot be appended is an error" {
	run -125 --separate-stderr bash -c 'ulimit -f 8; "$ENVSEAL_EXEC" bash -c "head -c 20000 /dev/zero; exit 0" >>"$HOME/log"'
	said 'cannot write all of the output: File too large'
}

@test "with process.exec, the file on standard output does not become a program" {
	loader=$(readelf -l "$bash" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
	fill='cat /usr/bin/id; exec 4</proc/self/fd/1 && [ -f /proc/self/fd/4 ] && "$1" /proc/self/fd/4 -u >&2'
	extend "$bash" $'[process]\nexec = ["/usr/bin/cat"]'
	"$ENVSEAL_EXEC" bash -c "$fill" bash "$loader" >"$HOME/file" 2>"$HOME/said" || true
	cmp "$HOME/file" /usr/bin/id
	[ "$(cat "$HOME/said")" != "$(id -u)" ]
}
