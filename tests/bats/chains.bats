#!/usr/bin/env bats
# envseal-exec among chain loaders: started by, and starting, programs that people combine.

# shellcheck disable=SC2016,SC2154 # the program inside expands; bats and running.bash assign

load common
load running

setup() {
	running_setup
	for tier in none lockdown; do
		cp "$bash" "$HOME/$tier"
		allow "$HOME/$tier" "$tier"
	done
	say='echo "$ONE"'
}

# gives COMMAND...: its whole output is the secret; nothing else is said, and it succeeds
gives() {
	run "$@"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$output" = "$secret" ]
}

have() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "started by env, nice, setsid, timeout, nohup, stdbuf, setpriv" {
	for program in "$HOME/none" "$HOME/lockdown"; do
		gives env "$ENVSEAL_EXEC" "$program" -c "$say"
		gives env -S "$ENVSEAL_EXEC $program -c 'echo \${ONE}'" 2>/dev/null || gives env -S"$ENVSEAL_EXEC $program" -c "$say"
		gives nice -n 5 "$ENVSEAL_EXEC" "$program" -c "$say"
		gives setsid -w "$ENVSEAL_EXEC" "$program" -c "$say"
		gives timeout 20 "$ENVSEAL_EXEC" "$program" -c "$say"
		gives bash -c 'nohup "$@" </dev/null 2>/dev/null | cat' x "$ENVSEAL_EXEC" "$program" -c "$say"
		gives stdbuf -oL "$ENVSEAL_EXEC" "$program" -c "$say"
		gives setpriv --nnp "$ENVSEAL_EXEC" "$program" -c "$say"
	done
}

@test "niceness, working directory and umask reach the program" {
	for program in "$HOME/none" "$HOME/lockdown"; do
		run -0 bash -c 'umask 027; cd /usr/share; nice -n 7 "$ENVSEAL_EXEC" '"$program"' -c "nice; pwd; umask"'
		[ "$output" = "$(nice -n 7 nice)"$'\n/usr/share\n0027' ]
	done
}

@test "timeout ends it, and everything below it" {
	for program in "$HOME/none" "$HOME/lockdown"; do
		run -124 timeout 0.3 "$ENVSEAL_EXEC" "$program" -c 'sleep 30'
		run -137 timeout -s KILL 0.3 "$ENVSEAL_EXEC" "$program" -c 'sleep 30'
	done
}

@test "started by xargs and find -exec" {
	for program in "$HOME/none" "$HOME/lockdown"; do
		run -0 bash -c 'printf "a\nb\n" | xargs -n 1 "$ENVSEAL_EXEC" '"$program"' -c "echo \$ONE \$1" x'
		[ "$output" = "$secret a"$'\n'"$secret b" ]
		run -0 find /etc/hostname -exec "$ENVSEAL_EXEC" "$program" -c 'echo "$ONE $1"' x {} ';'
		[ "$output" = "$secret /etc/hostname" ]
	done
	# In parallel, too.
	run -0 bash -c 'seq 20 | xargs -P 4 -n 1 "$ENVSEAL_EXEC" '"$HOME/none"' -c "echo \$ONE" x | sort -u'
	[ "$output" = "$secret" ]
}

# bats test_tags=root
@test "started by sudo -u, as that user" {
	need_root "sudo as another user"
	have sudo
	# The other user's own vault is what counts; there is none.
	run -125 sudo -n -u nobody "$ENVSEAL_EXEC" /bin/true
	gives sudo -n env HOME="$HOME" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" XDG_DATA_HOME="$XDG_DATA_HOME" \
		"$ENVSEAL_EXEC" "$HOME/none" -c "$say"
}

@test "execline and s6 chains" {
	have execlineb
	gives execlineb -c "foreground { true } $ENVSEAL_EXEC $HOME/none -c \"echo \$ONE\""
	gives execlineb -c "$ENVSEAL_EXEC $HOME/lockdown -c \"echo \$ONE\""
	have s6-setsid
	gives s6-setsid "$ENVSEAL_EXEC" "$HOME/none" -c "$say"
	gives s6-softlimit -o 200 "$ENVSEAL_EXEC" "$HOME/lockdown" -c "$say"
	mkdir "$HOME/dir"
	echo value >"$HOME/dir/VARIABLE"
	gives s6-envdir "$HOME/dir" "$ENVSEAL_EXEC" "$HOME/none" -c "$say"
}

@test "an empty environment, as from cron or a systemd unit" {
	for program in "$HOME/none" "$HOME/lockdown"; do
		gives env -i "$ENVSEAL_EXEC" --vault "$XDG_DATA_HOME/envseal" --layers "$XDG_CONFIG_HOME/envseal" \
			"$program" -c "$say"
		gives env -i HOME="$HOME" LOGNAME=me SHELL=/bin/sh PATH=/usr/bin:/bin /bin/sh -c \
			"$ENVSEAL_EXEC $program -c 'echo \$ONE'"
		gives env -i HOME="$HOME" INVOCATION_ID=1 JOURNAL_STREAM=8:1 NOTIFY_SOCKET=/run/x PATH=/usr/bin:/bin \
			"$ENVSEAL_EXEC" "$program" -c "$say" </dev/null
	done
	run -125 env -i "$ENVSEAL_EXEC" "$HOME/none" -c "$say"
	[[ $output == *HOME* ]]
}

@test "a make recipe, a git hook, a shell without a terminal" {
	have git
	printf 'all:\n\t@%s %s -c '"'"'echo "$$ONE"'"'"'\n' "$ENVSEAL_EXEC" "$HOME/lockdown" >"$HOME/makefile"
	gives make -s -f "$HOME/makefile"
	git init -q "$HOME/repository"
	printf '#!/bin/sh\n%s %s -c '"'"'echo "$ONE" >&2'"'"'\n' "$ENVSEAL_EXEC" "$HOME/none" >"$HOME/repository/.git/hooks/pre-commit"
	chmod 755 "$HOME/repository/.git/hooks/pre-commit"
	run -0 git -C "$HOME/repository" -c user.name=x -c user.email=x@example commit -q --allow-empty -m x
	[ "$output" = "$secret" ]
	gives sh -c "$ENVSEAL_EXEC $HOME/lockdown -c 'echo \$ONE'" </dev/null
	run -0 sh -c "$ENVSEAL_EXEC $HOME/none -c 'echo \$ONE' & wait"
	[ "$output" = "$secret" ]
}

@test "watch and a tmux pane" {
	have tmux
	have watch
	socket=$BATS_TEST_TMPDIR/tmux
	tmux -S "$socket" -f /dev/null new-session -d -x 100 -y 20 \
		"watch -t -n 1 '$ENVSEAL_EXEC $HOME/lockdown -c \"echo \\\$ONE\"'" 3>&-
	shown() { tmux -S "$socket" capture-pane -p | grep -qF "$secret"; }
	eventually shown
	tmux -S "$socket" kill-server
	socket=$socket-2 # the first may not be gone yet
	tmux -S "$socket" -f /dev/null new-session -d -x 100 -y 20 \
		"$ENVSEAL_EXEC $HOME/none -c 'echo \$ONE; read -r _'" 3>&-
	eventually shown
	tmux -S "$socket" kill-server
}

@test "a chain in a chain: each word gets its own secrets only" {
	seal second/two "two-$secret"
	cp "$bash" "$HOME/inner"
	"$ENVSEAL" policy new "$HOME/inner" --tier none --secret TWO=second/two 2>/dev/null
	set_key "$HOME/none" environment "inherit = [\"HOME\", \"XDG_*\"]"
	run -0 "$ENVSEAL_EXEC" "$HOME/none" -c "echo \"outer \$ONE \${TWO-}\"; $ENVSEAL_EXEC $HOME/inner -c 'echo \"inner \${ONE-} \$TWO\"'"
	[ "$output" = "outer $secret "$'\n'"inner  two-$secret" ]
}
