#!/usr/bin/env bats
# The files that a program sees, by [filesystem]: home, directory, tmp, hidden, writable, keep,
# root.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

teardown() {
	close_place
}

# $place is a directory of one's own that no private /tmp hides.
setup() {
	running_setup
	open_place
}

# with TIER LINE... -- SCRIPT: a policy whose [filesystem] has those lines; runs bash -c SCRIPT.
with() {
	local tier=$1 lines=()
	shift
	while [ "$1" != -- ]; do
		lines+=("$1")
		shift
	done
	allow "$bash" "$tier"
	for line in "${lines[@]}"; do
		set_key "$bash" filesystem "$line"
	done
	"$ENVSEAL_EXEC" bash -c "$2"
}

look='ls -A $P 2>/dev/null; cat $P/file $P/sub/file 2>/dev/null; true'

@test "hidden: directories and files are empty and unreadable, and cannot be uncovered" {
	mkdir "$place/dir" "$place/dir/sub"
	echo seen | tee "$place/dir/file" "$place/dir/sub/file" >"$place/single"
	for tier in hardened lockdown; do
		run -0 with "$tier" -- "${look//\$P/$place/dir}"
		[ "$output" = $'file\nsub\nseen\nseen' ]
		run -0 with "$tier" "hidden = [\"$place/dir\", \"$place/single\", \"/nowhere\"]" -- \
			"${look//\$P/$place/dir}; chmod 700 $place/dir; chmod 600 $place/single; cat $place/single; : >$place/single
			stat -c %a $place/dir $place/single; ls $place; umount $place/dir; cat $place/dir/file; true"
		[[ $output != *seen* ]]
		[[ $output == *Read-only*Read-only*denied*Read-only* ]]
		[[ $output == *$'\n0\n0\ndir\nsingle\n'* ]]
	done
	[ "$(cat "$place/single" "$place/dir/sub/file")" = $'seen\nseen' ]
}

@test "hidden: a place below what is hidden cannot be the working directory" {
	mkdir -p "$place/dir/sub"
	cd "$place/dir/sub"
	run -0 with hardened -- 'pwd; echo RAN'
	[[ $output == *RAN* ]]
	run -125 with hardened "hidden = [\"$place/dir\"]" -- 'echo RAN'
	[[ $output == *"working directory"*filesystem.directory* && $output != *RAN* ]]
}

@test "hidden: no directory on a descriptor leads around it" {
	mkdir -p "$place/dir" "$place/beside"
	echo seen >"$place/dir/file"
	around='cat /proc/self/fd/0/../dir/file'
	run -0 with hardened -- "$around" <"$place/beside"
	[ "$output" = seen ]
	run -125 with hardened "hidden = [\"$place/dir\"]" -- "$around" <"$place/beside"
	[[ $output == *"standard input is a directory"* && $output != *seen* ]]
	# A file is no way around.
	run -1 with hardened "hidden = [\"$place/dir\"]" -- "$around" </etc/passwd
	[[ $output == *"Not a directory"* ]]
}

# bats test_tags=root
@test "hidden: mounts below, and other mounts of the same, are hidden too" {
	need_root "mounts"
	script='mount --make-rprivate /; cd "$1"
		mkdir dir dir/sub deep twin inner "white space"
		mount -t tmpfs tmpfs dir/sub; mkdir dir/leaf; echo seen | tee dir/file dir/leaf/file dir/sub/file >/dev/null
		mount --bind dir twin; mount --bind dir/leaf inner; mount --bind . deep; mount --bind dir "white space"
		cd /; exec "$ENVSEAL_EXEC" bash -c "cd $1; cat dir/file dir/sub/file twin/file inner/file deep/dir/file w*/file
			ls deep >/dev/null && echo rest"'
	allow "$bash" hardened
	run -0 unshare --mount sh -c "$script" sh "$place"
	[ "$output" = $'seen\nseen\nseen\nseen\nseen\nseen\nrest' ]
	find "$place" -mindepth 1 -delete
	set_key "$bash" filesystem "hidden = [\"$place/dir\"]"
	run -0 unshare --mount sh -c "$script" sh "$place"
	[[ $output != *seen* && $output == *rest ]]
}

@test "hidden: through a link, and where parents can be searched only" {
	mkdir -p "$place/real/dir"
	echo seen >"$place/real/dir/file"
	ln -s real "$place/link"
	chmod 0711 "$place/real"
	run -0 with hardened "hidden = [\"$place/link/dir\"]" -- "cat $place/real/dir/file $place/link/dir/file 2>&1; true"
	[[ $output == *denied*denied* && $output != *seen* ]]
	# Out of reach now; it may not stay so.
	chmod 0 "$place/real"
	run -0 with hardened "hidden = [\"$place/real/dir\"]" -- \
		"chmod 0711 $place/real 2>/dev/null; cat $place/real/dir/file 2>&1; true"
	chmod 0711 "$place/real"
	[[ $output == *denied* && $output != *seen* ]]
}

@test "home: private is empty, writable, the HOME, and gone afterwards" {
	HOME=$place/home
	mkdir "$HOME"
	echo seen >"$HOME/file"
	export ENVSEAL_VAULT=$XDG_DATA_HOME/envseal
	for tier in hardened lockdown; do
		run -0 with "$tier" 'home = "host"' -- "cat $HOME/file"
		[ "$output" = seen ]
		run -0 with "$tier" 'home = "private"' -- \
			'echo "$HOME"; ls -A ~; echo new >~/file; cat ~/file; stat -c %a ~; cd ~; pwd'
		[ "$output" = "$HOME"$'\nnew\n700\n'"$HOME" ]
		[ "$(cat "$HOME/file")" = seen ]
		[ "$(ls "$HOME")" = file ]
	done
}

@test "home: private below the private /tmp" {
	for tier in hardened lockdown; do
		echo seen >"$HOME/file"
		run -0 with "$tier" 'home = "private"' -- 'echo "$HOME"; ls -A ~; echo new >~/file; cat ~/file'
		[ "$output" = "$HOME"$'\nnew' ]
		[ "$(cat "$HOME/file")" = seen ]
	done
}

@test "home: private below what is hidden; nothing else is there" {
	mkdir -p "$place/all/homes/me" "$place/all/homes/m" "$place/all/homes/other"
	echo seen | tee "$place/all/homes/me/file" >"$place/all/homes/other/file"
	HOME=$place/all/homes/me
	run -0 with hardened 'home = "private"' "hidden = [\"$place/all\"]" -- \
		'ls -A ~; echo new >~/file; cat ~/file; for d in ~/../.. ~/.. ~/../other; do ls $d 2>&1; done; : >~/../x; true'
	[[ $output == new$'\n'*denied*denied*"No such file"*Read-only* && $output != *seen* ]]
	# A place whose name begins like the home's does not contain it.
	run -0 with hardened 'home = "private"' "hidden = [\"$place/all/homes/m\"]" -- 'ls -A ~; cat ~/../other/file'
	[ "$output" = seen ]
}

@test "home: somebody else's directory is none" {
	HOME=/usr/bin
	[ "$(id -u)" -ne 0 ] || HOME=$place
	[ "$(id -u)" -ne 0 ] || chown 54321 "$place"
	expected=/tmp # who has none of its own gets that
	[ "$(id -u)" -ne 0 ] || expected=/root
	run -0 with hardened 'home = "private"' -- 'ls "$HOME" | wc -l; echo "$HOME"; echo x >~/envseal-file && echo own'
	[ "$output" = $'0\n'$expected$'\nown' ]
	[ ! -e "$expected/envseal-file" ]
	if [ "$(id -u)" -ne 0 ]; then
		run -125 with hardened 'home = "private"' 'tmp = "host"' -- 'echo RAN'
		[[ $output == *"no home directory"* && $output != *RAN* ]]
	fi
}

@test "directory: the caller's where it cannot be read, a path, never one that is private inside" {
	mkdir -p "$place/dir/sub"
	chmod 0111 "$place/dir/sub"
	chmod 0711 "$place/dir"
	cd "$place/dir/sub"
	for tier in none hardened lockdown; do
		run -0 with "$tier" 'directory = "caller"' -- 'pwd'
		[ "$output" = "$place/dir/sub" ]
		run -0 with "$tier" 'directory = "/usr"' -- 'pwd'
		[ "$output" = /usr ]
	done
	cd /tmp
	run -125 with hardened -- 'echo RAN'
	[[ $output == *"another directory at"* && $output != *RAN* ]]
}

@test "tmp: the host's in hardened, and in lockdown to be read only" {
	mark=$(mktemp -d "/tmp/${ENVSEAL_RUN:-envseal}-files.XXXXXX")
	mkfifo "$mark/fifo"
	run -0 with hardened 'tmp = "host"' -- "echo written >$mark/file; cat $mark/file"
	[ "$output" = written ]
	[ "$(cat "$mark/file")" = written ]
	timeout 5 cat "$mark/fifo" >"$HOME/received" 3>&- &
	run -0 with lockdown 'tmp = "host"' -- "cat $mark/file; (: >$mark/new) 2>/dev/null || echo refused
		(echo leaked >$mark/fifo) 2>/dev/null || echo refused; echo own >/dev/shm/x && echo own"
	[ "$output" = $'written\nrefused\nrefused\nown' ]
	kill $! && wait $! || true
	[ ! -s "$HOME/received" ]
	rm -r "$mark"
}

@test "tmp_size: no more than that" {
	for tier in hardened lockdown; do
		run -0 with "$tier" 'tmp_size = "64K"' -- 'head -c 65536 /dev/zero >/tmp/a && echo fits
			(head -c 8192 /dev/zero >/tmp/b) 2>/dev/null || echo full'
		[ "$output" = $'fits\nfull' ]
		# A file for each 4 KiB, and 16; the directory itself is one.
		run -0 with "$tier" 'tmp_size = "64K"' -- 'for ((i = 0; i < 100; i++)); do : >/tmp/$i || break; done 2>/dev/null; echo $i'
		[ "$output" = 31 ]
	done
}

@test "writable: that place with its contents, and no other" {
	mkdir -p "$place/out/sub" "$place/beside"
	: >"$place/single"
	ln -s out "$place/link"
	mkfifo "$place/beside/fifo"
	try="for f in $place/out/a $place/out/sub/b $place/single $place/beside/c $place/d; do (echo x >\$f) 2>/dev/null && echo \$f; done
		mv $place/out/a $place/out/e; rm $place/out/sub/b; mv $place/out/e $place/beside 2>/dev/null; true"
	run -0 with lockdown -- "$try"
	[[ $output != *"$place/out/a"$'\n'* ]]
	run -0 with lockdown "writable = [\"$place/link\", \"$place/single\"]" -- "$try"
	[ "$output" = "$place/out/a
$place/out/sub/b
$place/single" ]
	[ "$(ls "$place/out" "$place/beside")" = "$place/beside:
fifo

$place/out:
e
sub" ]
	[ "$(cat "$place/single")" = x ]
}

@test 'writable: "." is the directory that the caller is in' {
	mkdir "$place/here" "$place/there"
	cd "$place/here"
	run -0 with lockdown 'writable = ["."]' -- "pwd; echo x >made && cat made; (: >$place/there/x) 2>/dev/null || echo refused"
	[ "$output" = "$place/here"$'\nx\nrefused' ]
	[ "$(cat made)" = x ]
}

@test 'writable: never "/", the home directory or what contains it, by whatever name' {
	mkdir -p "$place/home/work"
	HOME=$place/home
	ln -s / "$place/top"
	ln -s /dev "$place/devices"
	for path in "$place/top" "$HOME" "$place" "$place/devices" "$place/devices/shm"; do
		run -125 with lockdown "writable = [\"$path\"]" -- 'echo RAN'
		[[ $output == *"filesystem.writable"* && $output != *RAN* ]]
	done
	cd "$HOME"
	run -125 with lockdown 'writable = ["."]' -- 'echo RAN'
	[[ $output == *"filesystem.writable"* && $output != *RAN* ]]
	run -0 with lockdown "writable = [\"$HOME/work\"]" -- "echo x >$HOME/work/file && echo RAN"
	[ "$output" = RAN ]
	run -125 with lockdown "writable = [\"$place/nowhere\"]" -- 'echo RAN'
	[[ $output == *"$place/nowhere"*"No such file"* ]]
}

@test "writable below /tmp: the host's directory in the private /tmp" {
	mark=$(mktemp -d "/tmp/${ENVSEAL_RUN:-envseal}-files.XXXXXX")
	mkdir "$mark/deep"
	run -0 with lockdown "writable = [\"$mark/deep\"]" -- "echo x >$mark/deep/file; ls -A /tmp | wc -l; echo y >$mark/other && echo own"
	[ "$output" = $'1\nown' ]
	[ "$(cat "$mark/deep/file")" = x ]
	[ ! -e "$mark/other" ]
	rm -r "$mark"
}

# bats test_tags=root
@test "writable: a submount in it stays writable, one that was read-only stays that" {
	need_root "mounts"
	allow "$bash" lockdown
	set_key "$bash" filesystem "writable = [\"$place/out\"]"
	run -0 unshare --mount sh -c 'mount --make-rprivate /; cd "$1"; mkdir -p out/sub out/fixed
		mount -t tmpfs tmpfs out/sub; mount -t tmpfs -o ro tmpfs out/fixed; cd /
		exec "$ENVSEAL_EXEC" bash -c "for d in out out/sub out/fixed .; do (: >$1/\$d/x) 2>/dev/null && echo \$d; done; true"' sh "$place"
	[ "$output" = $'out\nout/sub' ]
}

# bats test_tags=root
@test "keep: stays under the fresh /run, read-only, and what is in it cannot be written to" {
	need_root "writes to /run"
	kept=$(mktemp -d "/run/${ENVSEAL_RUN:-envseal}-files.XXXXXX")
	chmod 755 "$kept"
	mkdir "$kept/sub"
	echo seen >"$kept/sub/file"
	mkfifo -m 666 "$kept/fifo"
	timeout 5 cat "$kept/fifo" >"$HOME/received" 3>&- &
	run -0 with lockdown -- "ls -A /run; : >/run/own && echo own"
	[ "$output" = own ]
	run -0 with lockdown "keep = [\"$kept\"]" -- "ls /run; cat $kept/sub/file; for f in $kept/new $kept/fifo $kept/sub/file; do
		(echo leaked >\$f) 2>/dev/null || echo refused; done"
	[ "$output" = "${kept#/run/}"$'\nseen\nrefused\nrefused\nrefused' ]
	run -0 with lockdown "keep = [\"$kept\"]" "writable = [\"$kept/sub\"]" -- "echo x >$kept/sub/made && echo made"
	[ "$output" = made ]
	[ -e "$kept/sub/made" ]
	kill $! && wait $! || true
	[ ! -s "$HOME/received" ]
	rm -r "$kept"
}

# A root directory that has bash and what bash needs.
make_root() {
	mkdir -p "$place/root"/{proc,dev,tmp,run,usr,etc,mnt}
	# shellcheck disable=SC2046 # one word a file
	cp -L --parents /bin/ls /bin/cat "$bash" $(ldd "$bash" /bin/ls | grep -o '/[^ :]*' | sort -u) "$place/root" 2>/dev/null || true
	echo other >"$place/root/etc/mark"
}

@test "root: a root directory of the policy's choice, with the tier's /proc, /dev and /tmp" {
	make_root
	for tier in hardened lockdown; do
		run -0 with "$tier" "root = \"$place/root\"" -- 'pwd; read -r x </etc/mark; echo $x; echo $$
			[ -e /usr/bin/python3 ] || echo gone; echo x >/dev/null && echo null; echo t >/tmp/t && echo tmp
			cd /; cd ../../..; echo /mn*; read -r p </proc/1/stat; echo ${p%% *}
			[ -e /proc/1/root/../usr/bin/python3 ] || echo inside
			while read -r _ _ _ _ at _; do [ "$at" != / ] || echo "a root"; done </proc/self/mountinfo'
		[ "$output" = $'/\nother\n2\ngone\nnull\ntmp\n/mnt\n1\ninside\na root' ]
		[ ! -e "$place/root/tmp/t" ]
	done
	run -1 with lockdown "root = \"$place/root\"" -- ': >/mnt/x'
	run -0 with lockdown "root = \"$place/root\"" 'writable = ["/mnt"]' 'hidden = ["/etc"]' -- \
		'echo x >/mnt/x; [ -e /etc/mark ] || echo hidden'
	[ "$output" = hidden ]
	[ "$(cat "$place/root/mnt/x")" = x ]
}

@test "root: no descriptor leads out of it, and its links are its own" {
	make_root
	allow "$bash" hardened
	set_key "$bash" filesystem "root = \"$place/root\""
	run -125 "$ENVSEAL_EXEC" bash -c 'echo RAN' </etc
	[[ $output == *"standard input is a directory"* && $output != *RAN* ]]
	rmdir "$place/root/dev"
	ln -s /dev "$place/root/dev"
	run -125 "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ $output == *"filesystem.root needs a directory 'dev'"* && $output != *RAN* ]]
	ln -s /etc "$place/root/link"
	rm "$place/root/dev"
	mkdir "$place/root/dev"
	run -0 with hardened "root = \"$place/root\"" 'hidden = ["/link"]' -- '[ -e /etc/mark ] || echo hidden'
	[ "$output" = hidden ]
}

# bats test_tags=root
@test "resolv.conf: what it leads to stays under the fresh /run where there is a network, alone or beside what is kept" {
	need_root "mounts"
	script='mount --make-rprivate /; cp -a /etc "$1/etc"; mount --bind "$1/etc" /etc; mount -t tmpfs tmpfs /run
		mkdir -p /run/resolved/inner; echo nameserver 192.0.2.1 >/run/resolved/stub.conf; : >/run/resolved/inner/socket
		ln -sf ../run/resolved/stub.conf /etc/resolv.conf; cd /
		exec "$ENVSEAL_EXEC" bash -c "cat /etc/resolv.conf; find /run -type f; (: >/run/resolved/stub.conf) || true" 2>&1'
	allow "$bash" lockdown
	run -0 unshare --mount sh -c "$script" sh "$place"
	[[ $output == *"No such file"* && $output != *192.0.2.1* ]]
	set_key "$bash" network 'access = "host"'
	rm -r "${place:?}/etc"
	run -0 unshare --mount sh -c "$script" sh "$place"
	[[ $output == $'nameserver 192.0.2.1\n/run/resolved/stub.conf\n'*"Read-only"* ]]
	set_key "$bash" filesystem 'keep = ["/run/resolved"]'
	rm -r "${place:?}/etc"
	run -0 unshare --mount sh -c "$script" sh "$place"
	[[ $output == *192.0.2.1* && $output == */run/resolved/inner/socket* && $output == *"Read-only"* ]]
}

@test "a path that leads elsewhere inside is refused" {
	mkdir "$place/real"
	mark=$(mktemp -d "/tmp/${ENVSEAL_RUN:-envseal}-files.XXXXXX")
	ln -s "$mark" "$place/link"
	# Outside it is there; inside, the link leads into the private /tmp.
	run -125 with hardened "hidden = [\"$place/link\"]" -- 'echo RAN'
	[[ $output == *"hidden places: '$place/link': No such file"* && $output != *RAN* ]]
	rmdir "$mark"
	run -0 with hardened "hidden = [\"$place/link\"]" -- 'echo RAN'
}

@test "with process.exec, nothing can be started from a private home, a writable place or a kept directory" {
	mkdir -p "$place/out" "$place/home"
	cp "$bash" "$place/home/tool"
	HOME=$place/home
	allow "$bash" lockdown
	set_key "$bash" filesystem 'home = "private"'
	set_key "$bash" filesystem "writable = [\"$place/out\"]"
	try="for d in ~ $place/out /tmp; do cp $bash \$d/copy; \$d/copy -c 'echo RAN'; done; true"
	run -0 "$ENVSEAL_EXEC" bash -c "$try"
	[ "$output" = $'RAN\nRAN\nRAN' ]
	extend "$bash" $'[process]\nexec = ["/usr/bin/cp"]'
	run -0 "$ENVSEAL_EXEC" bash -c "$try"
	[[ $output == *denied*denied*denied* && $output != *RAN* ]]
	extend "$bash" 'keep_fds = [7]'
	run -125 "$ENVSEAL_EXEC" bash -c "$try" 7<"$place"
	[[ $output == *"descriptor 7 is a directory"* ]]
}
