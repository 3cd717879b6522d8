#!/usr/bin/env bats
# The three tiers as seen from inside, each compared with the view from outside.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

teardown() {
	close_place
}

setup() {
	running_setup
	python=$(realpath /usr/bin/python3)
}

# same_namespaces TIER NAME...: those are the caller's; the tier's others are new.
check_namespaces() {
	local tier=$1 name kept=" $2 " outside
	inside "$tier" 'cd /proc/self/ns; for n in user pid ipc mnt net uts; do echo "$n $(readlink $n)"; done'
	while read -r name link; do
		outside=$(readlink "/proc/self/ns/$name")
		if [[ $kept == *" $name "* ]]; then
			[ "$link" = "$outside" ]
		else
			[ "$link" != "$outside" ]
		fi
	done <<<"$output"
}

@test "namespaces are what the tier says" {
	check_namespaces none "user pid ipc mnt net uts"
	check_namespaces hardened "net uts"
	check_namespaces lockdown "uts"
}

# bats test_tags=root
@test "no tier without its namespaces" {
	need_root "its files have no owner in a user namespace without root"
	# A user namespace in which no further one may be made, and no capability to do without.
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		run -125 --separate-stderr unshare --user --map-root-user sh -c '
			echo 0 >/proc/sys/user/max_user_namespaces
			exec setpriv --inh-caps=-all --bounding-set=-all "$ENVSEAL_EXEC" bash -c "echo RAN"'
		[ -z "$output" ]
		[[ $stderr == *"cannot make the namespaces"*max_user_namespaces* ]]
	done
	# The same place does run tier none: it is the namespaces that failed.
	allow "$bash" none
	run -0 unshare --user --map-root-user sh -c '
		echo 0 >/proc/sys/user/max_user_namespaces
		exec setpriv --inh-caps=-all --bounding-set=-all "$ENVSEAL_EXEC" bash -c "echo RAN"'
	[ "$output" = RAN ]
}

# bats test_tags=root
@test "root without user namespaces gets the rest by CAP_SYS_ADMIN" {
	need_root "its files have no owner in a user namespace without root"
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		run -0 unshare --user --map-root-user sh -c '
			echo 0 >/proc/sys/user/max_user_namespaces
			readlink /proc/self/ns/user
			exec "$ENVSEAL_EXEC" bash -c "readlink /proc/self/ns/user; readlink /proc/self/ns/pid
				grep CapEff /proc/self/status; touch /tmp/mine && echo tmp"'
		[ "${lines[0]}" = "${lines[1]}" ]
		[ "${lines[2]}" != "$(readlink /proc/self/ns/pid)" ]
		[ "${lines[3]}" = $'CapEff:\t0000000000000000' ]
		[ "${lines[4]}" = tmp ]
		[ ! -e /tmp/mine ]
	done
}

@test "uid, gid and their maps are the caller's own" {
	for tier in none hardened lockdown; do
		inside "$tier" 'id -u; id -g'
		[ "${lines[0]}" = "$(id -u)" ]
		[ "${lines[1]}" = "$(id -g)" ]
	done
	inside lockdown 'read -r a b c </proc/self/uid_map; echo $a $b $c; cat /proc/self/setgroups'
	[ "${lines[0]}" = "$(id -u) $(id -u) 1" ]
	[ "${lines[1]}" = deny ]
}

@test "no capabilities and no_new_privs in every tier" {
	for tier in none hardened lockdown; do
		inside "$tier" 'grep -E "^(CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs)" /proc/self/status | cut -f 2 | tr "\n" " "'
		[ "$output" = "0000000000000000 0000000000000000 0000000000000000 0000000000000000 1 " ]
	done
	# To empty the bounding set takes a capability: only root has it in tier none.
	for tier in $([ "$(id -u)" -ne 0 ] || echo none) hardened lockdown; do
		inside "$tier" 'grep CapBnd /proc/self/status'
		[ "$output" = $'CapBnd:\t0000000000000000' ]
	done
}

@test "hardened and lockdown see only their own processes" {
	sleep 60 3>&- &
	other=$!
	inside none 'ls -d /proc/'"$other"
	[ "$output" = "/proc/$other" ]
	for tier in hardened lockdown; do
		inside "$tier" 'ls -d /proc/[0-9]* | wc -l; echo $$; ps -o pid= -p 1'
		[ "${lines[0]}" -le 4 ]
		[ "${lines[1]}" = 2 ]
		[ "${lines[2]// /}" = 1 ]
	done
	kill "$other"
}

@test "/tmp, /var/tmp and /dev/shm are private in hardened and lockdown" {
	mark=$BATS_TEST_TMPDIR/mark
	echo outside >"$mark"
	inside none "cat '$mark'"
	[ "$output" = outside ]
	for tier in hardened lockdown; do
		inside "$tier" 'for d in /tmp /var/tmp /dev/shm; do
			ls -A $d; touch $d/envseal-inside && stat -c %a $d; stat -f -c %T $d; done'
		[ "$output" = $'1777\ntmpfs\n1777\ntmpfs\n1777\ntmpfs' ]
		[ ! -e /tmp/envseal-inside ]
		[ ! -e /var/tmp/envseal-inside ]
		[ ! -e /dev/shm/envseal-inside ]
	done
}

@test "lockdown writes only to its own tmpfs" {
	open_place
	own=$place/own
	echo kept >"$own"
	inside none "echo changed >$own; cat $own"
	[ "$output" = changed ]
	inside lockdown 'for f in / /etc /usr /home /var/lib /sys /proc/sys/kernel/hostname /dev; do
		if [ -d $f ]; then (: >$f/envseal-x) 2>/dev/null; else (: >$f) 2>/dev/null; fi && echo "wrote $f"; done; echo done'
	[ "$output" = "done" ]
	allow "$bash" lockdown
	run -0 "$ENVSEAL_EXEC" bash -c "(echo again >$own; : >$own-new; rm $own; mkdir $own-dir; chmod 777 $own) 2>/dev/null; cat $own"
	[ "$output" = changed ]
	[ "$(stat -c %a "$own")" = 644 ]
	[ ! -e "$own-new" ]
	[ ! -e "$own-dir" ]
}

# bats test_tags=root
@test "lockdown makes every submount read-only, not only the top" {
	need_root "its files have no owner in a user namespace without root"
	# In a mount namespace with a tmpfs below a tmpfs; --map-root-user so that anybody may.
	# Landlock refuses to write there as well, so the mounts' own flags are looked at, and those
	# of every other mount.
	allow "$bash" lockdown
	run -0 unshare --user --map-root-user --mount sh -c '
		mount -t tmpfs tmpfs /mnt && mkdir /mnt/sub && mount -t tmpfs tmpfs /mnt/sub &&
		touch /mnt/sub/probe && rm /mnt/sub/probe && echo outside-works
		exec "$ENVSEAL_EXEC" bash -c "(: >/mnt/x) 2>/dev/null || echo top; (: >/mnt/sub/x) 2>/dev/null || echo sub
			cat /proc/self/mountinfo"'
	[ "${lines[*]:0:3}" = 'outside-works top sub' ]
	[ "$(awk '$5 == "/mnt" || $5 == "/mnt/sub" { print substr($6, 1, 3) }' <<<"$output" | tail -n 2)" = $'ro,\nro,' ]
	[ "$(awk -v home="$HOME" '$6 ~ "^rw" && $5 != home { print $5 }' <<<"$output" | sort | tr '\n' ' ')" = \
		'/dev/pts /dev/shm /run /tmp /var/tmp ' ]
}

@test "lockdown cannot write into a FIFO of the user's" {
	open_place
	mkfifo "$place/fifo"
	# Both its ends are open here, so that nobody waits.
	exec {fifo}<>"$place/fifo"
	inside none "echo leaked >$place/fifo"
	read -r -t 10 -u "$fifo" line
	[ "$line" = leaked ]
	allow "$bash" lockdown
	run -1 "$ENVSEAL_EXEC" bash -c "echo leaked >$place/fifo"
	run ! read -r -t 0 -u "$fifo"
	exec {fifo}>&-
}

@test "lockdown has a /dev and a /run of its own" {
	inside lockdown 'ls /dev | tr "\n" " "; echo; ls -A /run | wc -l; echo gone >/dev/null; head -c 4 /dev/urandom | wc -c; ls /dev/pts'
	[ "${lines[0]}" = "fd full null ptmx pts random shm stderr stdin stdout urandom zero " ]
	[ "${lines[1]}" = 0 ]
	[ "${lines[2]}" = 4 ]
	[ "${lines[3]}" = ptmx ]
}

@test "lockdown has no network and no foreign sockets" {
	allow "$python" lockdown
	"$python" -c "$(cat "$BATS_TEST_DIRNAME/sockets.py")" >"$HOME/outside"
	grep -q '^dgram pair: made' "$HOME/outside"
	grep -q '^unix: made' "$HOME/outside"
	run -0 --separate-stderr "$ENVSEAL_EXEC" "$python" -c "$(cat "$BATS_TEST_DIRNAME/sockets.py")"
	[ "$output" = "unix: refused
packet: refused
vsock: refused
alg: refused
netlink route: made
netlink audit: refused
inet: made
dgram pair: refused
raw pair: refused
stream pair: made
loopback: up
elsewhere: unreachable
listen: refused" ]
}

@test "hardened does not listen, unless the policy says so" {
	listen='import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print("listens")'
	for tier in none hardened; do
		allow "$python" "$tier"
		run -1 "$ENVSEAL_EXEC" "$python" -c "$listen"
		[[ $output == *PermissionError* ]]
		set_key "$python" network 'listen = true'
		run -0 "$ENVSEAL_EXEC" "$python" -c "$listen"
		[ "$output" = listens ]
	done
}

@test "network.access: none in hardened, host in lockdown" {
	allow "$bash" hardened
	set_key "$bash" network 'access = "none"'
	run -0 "$ENVSEAL_EXEC" bash -c 'readlink /proc/self/ns/net; tail -n +3 /proc/net/dev | cut -d: -f1'
	[ "${lines[0]}" != "$(readlink /proc/self/ns/net)" ]
	[ "${lines[1]// /}" = lo ]
	allow "$bash" lockdown
	set_key "$bash" network 'access = "host"'
	run -0 "$ENVSEAL_EXEC" bash -c 'readlink /proc/self/ns/net; cat /etc/resolv.conf >/dev/null && echo resolver'
	[ "${lines[0]}" = "$(readlink /proc/self/ns/net)" ]
	[ "${lines[1]}" = resolver ]
}

@test "no new namespaces, keyrings, io_uring or debuggers in hardened and lockdown" {
	probe=$(cat "$BATS_TEST_DIRNAME/syscalls.py")
	"$python" -c "$probe" >"$HOME/outside"
	grep -q 'keyctl: works' "$HOME/outside"
	for tier in hardened lockdown; do
		allow "$python" "$tier"
		run -0 "$ENVSEAL_EXEC" "$python" -c "$probe"
		[ "$output" = "keyctl: EPERM
add_key: EPERM
unshare user: EPERM
clone3: ENOSYS
ptrace: EPERM
io_uring_setup: ENOSYS
mount: EPERM
setns: EPERM
bpf: EPERM
TIOCSTI: EPERM
TIOCSTI with high bits: EPERM" ]
	done
}

@test "signals do not leave hardened and lockdown, not even to the process group" {
	allow "$bash" none
	run -143 setsid -w bash -c '"$ENVSEAL_EXEC" bash -c "kill -TERM 0"; echo survived'
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		run -0 setsid -w bash -c '"$ENVSEAL_EXEC" bash -c "trap : TERM; kill -TERM 0; true"; echo survived'
		[ "$output" = survived ]
	done
}

@test "other descriptors: kept in none, closed in hardened and lockdown" {
	allow "$bash" none
	run -0 bash -c 'exec 9</etc/passwd; "$ENVSEAL_EXEC" bash -c "[ -e /proc/self/fd/9 ] && echo open"'
	[ "$output" = open ]
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		run -0 bash -c 'exec 9</etc/passwd 200</etc/passwd; "$ENVSEAL_EXEC" bash -c "cd /proc/\$\$/fd; echo *"'
		[ "$output" = "0 1 2 255" ] || [ "$output" = "0 1 2" ] || [ "$output" = "0 1 2 3" ]
	done
}

@test "lockdown refuses a directory or a datagram socket as a standard descriptor" {
	allow "$bash" lockdown
	run -125 "$ENVSEAL_EXEC" bash -c 'echo RAN' </etc
	[[ $output == *"standard input is a directory"* && $output != *RAN* ]]
	for type in SOCK_DGRAM SOCK_SEQPACKET; do
		run -125 "$python" -c '
import os, socket, subprocess, sys
a, b = socket.socketpair(socket.AF_UNIX, getattr(socket, sys.argv[1]))
sys.exit(subprocess.run([os.environ["ENVSEAL_EXEC"], "bash", "-c", "echo RAN"], stdin=a).returncode)' "$type"
		[[ $output == *"standard input is a socket"* && $output != *RAN* ]]
	done
	allow "$bash" hardened
	run -0 "$ENVSEAL_EXEC" bash -c 'echo RAN' </etc
}

@test "lockdown does not reopen a read-only descriptor for writing" {
	echo kept >"$HOME/file"
	inside none 'true'
	run -0 "$ENVSEAL_EXEC" bash -c 'echo changed >/proc/self/fd/0' <"$HOME/file"
	[ "$(cat "$HOME/file")" = changed ]
	echo kept >"$HOME/file"
	allow "$bash" lockdown
	run -1 "$ENVSEAL_EXEC" bash -c 'echo changed >/proc/self/fd/0' <"$HOME/file"
	[ "$(cat "$HOME/file")" = kept ]
	run -0 bash -c '"$ENVSEAL_EXEC" bash -c "echo through >/dev/stdout" >"$HOME/file"'
	[ "$(cat "$HOME/file")" = through ]
}

@test "lockdown does not write back into the pipe that it reads" {
	back='import os; os.read(0, 4); os.write(os.open("/dev/stdin", os.O_WRONLY | os.O_NONBLOCK), b"LEAKED")'
	mkfifo "$HOME/ended"
	for tier in hardened lockdown; do
		allow "$python" "$tier"
		# Who writes to the pipe stays until the program has ended.
		run -0 bash -c '{ printf data; : <"$HOME/ended"; } | { "$ENVSEAL_EXEC" "$0" -c "$1"; : >"$HOME/ended"; cat; }' \
			"$python" "$back"
		case $tier in
		hardened) [ "$output" = LEAKED ] ;; # so it would
		lockdown) [ -z "$output" ] ;;
		esac
	done
}

@test "lockdown does not write to the memory file that it reads, nor change a file that it reads" {
	allow "$python" lockdown
	try='import os, subprocess, sys
m = os.memfd_create("m")
os.write(m, b"data")
r = os.open(f"/proc/self/fd/{m}", os.O_RDONLY)
w = "import os; print(os.read(0, 9)); os.write(os.open(\"/dev/stdin\", os.O_WRONLY), b\"LEAK\")"
status = subprocess.run([*sys.argv[1:], sys.executable, "-c", w], stdin=r).returncode
print(os.pread(m, 4, 0).decode())
sys.exit(status)'
	run -0 "$python" -c "$try"
	[ "${lines[1]}" = LEAK ]
	run "$python" -c "$try" "$ENVSEAL_EXEC"
	[[ $output == *"b'data'"* && ${lines[-1]} == data && $output != *LEAK* ]]
	# Mode, times and the hint of how long a write lives, of the user's own file on standard
	# input.
	open_place
	echo kept >"$place/file"
	chmod 644 "$place/file"
	touch -d 2001-02-03 "$place/file"
	change='import fcntl, os, struct, sys
def attempt(name, call, *arguments):
    try: call(*arguments); print(name, "changed")
    except OSError as e: print(name, e.strerror)
attempt("mode", os.fchmod, 0, 0o666)
attempt("mode by path", os.chmod, "/proc/self/fd/0", 0o666)
attempt("times", os.utime, 0, (1, 1))
attempt("hint", fcntl.fcntl, 0, 1036, struct.pack("Q", 3))
attempt("hint by path", lambda: fcntl.fcntl(os.open(sys.argv[1], os.O_RDONLY), 1036, struct.pack("Q", 5)))
print(os.lseek(0, 0, os.SEEK_CUR), os.read(0, 4))'
	look='import fcntl, os, sys; f = os.open(sys.argv[1], os.O_RDONLY); s = os.fstat(f)
print(oct(s.st_mode), int(s.st_mtime), fcntl.fcntl(f, 1035, bytes(8)))'
	before=$("$python" -c "$look" "$place/file")
	# shellcheck disable=SC2094 # it tries to change what it reads
	run -0 bash -c 'head -c 1 >/dev/null; "$@"' bash "$ENVSEAL_EXEC" "$python" -c "$change" "$place/file" <"$place/file"
	[[ $output != *changed* ]]
	[ "$("$python" -c "$look" "$place/file")" = "$before" ]
	allow "$python" hardened
	# shellcheck disable=SC2094 # as above
	run -0 "$ENVSEAL_EXEC" "$python" -c "$change" "$place/file" <"$place/file"
	[ "$(grep -c changed <<<"$output")" = 5 ]
	[ "$("$python" -c "$look" "$place/file")" != "$before" ]
}

@test "lockdown sets no extended attribute and no priority outside" {
	open_place
	echo kept >"$place/file"
	attribute='import os; os.setxattr(0, "user.leak", b"SECRET")'
	allow "$python" hardened
	run -0 "$ENVSEAL_EXEC" "$python" -c "$attribute" <"$place/file"
	[ "$("$python" -c 'import os, sys; print(os.getxattr(sys.argv[1], "user.leak"))' "$place/file")" = "b'SECRET'" ]
	"$python" -c 'import os, sys; os.removexattr(sys.argv[1], "user.leak")' "$place/file"
	allow "$python" lockdown
	run -1 "$ENVSEAL_EXEC" "$python" -c "$attribute" <"$place/file"
	[ "$("$python" -c 'import os, sys; print(os.listxattr(sys.argv[1]))' "$place/file")" = '[]' ]
	# The process group's priority, which every process of the group can read.
	group='import os; os.setpriority(os.PRIO_PGRP, 0, 7)'
	look='import os; print(os.getpriority(os.PRIO_PROCESS, 0))'
	run -0 setsid -w bash -c '"$0" -c "$1"; "$0" -c "$2"' "$python" "$group" "$look"
	[ "$output" = 7 ]
	for tier in hardened lockdown; do
		allow "$python" "$tier"
		run -0 setsid -w bash -c '"$ENVSEAL_EXEC" "$0" -c "$1" 2>/dev/null; "$0" -c "$2"' "$python" "$group" "$look"
		[ "$output" = "$(nice)" ]
	done
}

@test "lockdown refuses a pseudo-terminal's master" {
	allow "$bash" lockdown
	run -125 "$python" -c '
import os, pty, subprocess, sys
master, slave = pty.openpty()
sys.exit(subprocess.run([os.environ["ENVSEAL_EXEC"], "bash", "-c", "echo RAN"], stdin=master).returncode)'
	[[ $output == *"standard input"* && $output != *RAN* ]]
	run -0 "$python" -c '
import os, pty, subprocess, sys
master, slave = pty.openpty()
sys.exit(subprocess.run([os.environ["ENVSEAL_EXEC"], "bash", "-c", "echo RAN"], stdin=slave).returncode)'
	[ "$output" = RAN ]
}

@test "lockdown does not open the caller's terminal to others" {
	change='import os, pty, subprocess, sys
master, slave = pty.openpty()
os.fchmod(slave, 0o600)
subprocess.run(sys.argv[1:] + ["-c", """
import os
for change in lambda: os.fchmod(1, 0o666), lambda: os.chmod("/proc/self/fd/2", 0o666):
    try: change()
    except OSError as error: pass
os.write(1, b"RAN")
"""], stdin=slave, stdout=slave, stderr=slave)
print(os.read(master, 100), oct(os.fstat(slave).st_mode & 0o777))'
	[ "$("$python" -c "$change" "$python")" = "b'RAN' 0o666" ]
	allow "$python" lockdown
	[ "$("$python" -c "$change" "$ENVSEAL_EXEC" "$python")" = "b'RAN' 0o600" ]
}

@test "io_uring goes with every filter, also where the policy allows listening" {
	probe='import ctypes; print(ctypes.CDLL(None, use_errno=True).syscall(425, 1, 0), ctypes.get_errno())'
	[ "$("$python" -c "$probe")" != '-1 38' ] || skip_absent io_uring
	for listen in false true; do
		allow "$python" none
		set_key "$python" network "listen = $listen"
		run -0 "$ENVSEAL_EXEC" "$python" -c "$probe"
		[ "$output" = "-1 38" ]
	done
}

@test "input through a pipe arrives whole in lockdown, and its ends are seen" {
	allow "$bash" lockdown
	run -0 bash -c 'head -c 3000000 /dev/urandom >"$HOME/bytes"
		cat "$HOME/bytes" | "$ENVSEAL_EXEC" bash -c "sleep 0.2; cat" | cmp - "$HOME/bytes" && echo same'
	[ "$output" = same ]
	# Nobody reads any more: the writer gets SIGPIPE, while the target goes on.
	open_place
	export place
	run -0 timeout 60 bash -c 'trap - PIPE; { yes; echo "$?" >"$place/ended"; } | "$ENVSEAL_EXEC" bash -c "read -r x; exec <&-
		until [ -s $place/ended ]; do sleep 0.02; done; echo \$x done"; cat "$place/ended"'
	[ "$output" = $'y done\n141' ]
}

@test "who reads the output sees its end when the target closes it" {
	open_place
	export place
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		# The target ends only after that.
		run -0 timeout 60 bash -c '"$ENVSEAL_EXEC" bash -c "echo first; exec >&- 2>&-
			until [ -e $place/$0 ]; do sleep 0.02; done" 2>/dev/null | { cat; : >"$place/$0"; }' "$tier"
		[ "$output" = first ]
	done
}

@test "the working directory: the caller's, checked to be the same, or the policy's" {
	cd /usr
	for tier in none hardened lockdown; do
		inside "$tier" 'pwd'
		[ "$output" = /usr ]
	done
	cd "$HOME"
	allow "$bash" hardened
	run -125 "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ $output == *"working directory"* && $output != *RAN* ]]
	set_key "$bash" filesystem 'directory = "/etc"'
	run -0 "$ENVSEAL_EXEC" bash -c 'pwd'
	[ "$output" = /etc ]
}

@test "the helper by hand: mounts, drops privileges, executes, refuses a shared namespace" {
	[ -n "${ENVSEAL_PREFIX:-}" ] || skip "needs an installed tree (ENVSEAL_PREFIX)"
	helper=$ENVSEAL_PREFIX/libexec/envseal/envseal-sandbox-helper
	run -127 --separate-stderr "$helper" --target-fd 3 --arg0 /bin/sh -- -c 'echo RAN' 3<"$bash"
	[[ -z $output && $stderr == *"private mount namespace"* ]]
	run -127 --separate-stderr "$helper" --arg0 /bin/sh
	[[ $stderr == usage:* ]]
	run -127 --separate-stderr "$helper" --target-fd 3 --arg0 -- file 3<"$bash"
	[[ -z $output && $stderr == usage:* ]]
	run -0 unshare --user --map-root-user --mount "$helper" --target-fd 3 --arg0 first -- -c \
		'read -r -d "" name </proc/$$/cmdline; echo "$name"; grep CapEff /proc/self/status; : >/tmp/mine && echo tmp
		(: >/usr/x) 2>/dev/null || echo readonly' 3<"$bash"
	[ "$output" = $'first\nCapEff:\t0000000000000000\ntmp\nreadonly' ]
}
