#!/usr/bin/env bats
# Known problems, each with its workaround (doc/sandbox.md, "Known problems with programs").
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

teardown() {
	close_place
}

setup() {
	running_setup
	open_place
}

# bats test_tags=root
@test "ssh refuses a configuration of root's, which looks like nobody's; one of the user's own will do" {
	need_root "somebody else who has an account"
	printf 'Include %s/included\n' "$place" >"$place/config"
	printf 'Host *\nPort 2222\n' >"$place/included"
	for tier in none hardened; do
		allow /usr/bin/ssh "$tier"
		extend /usr/bin/ssh $'[process]\nuser = 1\ngroup = 1'
		chown 0 "$place/included"
		run "$ENVSEAL_EXEC" ssh -G -F "$place/config" example.org
		case $tier in
		none) [[ $status -eq 0 && $output == *"port 2222"* ]] ;;
		hardened) [[ $status -eq 255 && $output == *"Bad owner or permissions"* ]] ;;
		esac
		chown 1 "$place/included"
		run -0 "$ENVSEAL_EXEC" ssh -G -F "$place/config" example.org
		[[ $output == *"port 2222"* ]]
	done
}

# built HOW: a program with a library beside it, which it looks for by HOW; others may write there.
built() {
	mkdir -p "$place/app"
	echo 'int answer(void) { return 42; }' >"$place/answer.c"
	echo 'int answer(void); int main(void) { return answer(); }' >"$place/main.c"
	gcc -shared -fPIC -o "$place/app/libanswer.so" "$place/answer.c"
	gcc -o "$place/app/tool" "$place/main.c" -L"$place/app" -lanswer -Wl,-rpath,"$1"
	chmod 775 "$place/app"
}

@test "\$ORIGIN of a program that others may change leads to its private copy; an absolute path will do" {
	built '$ORIGIN'
	run -42 "$place/app/tool"
	for tier in none hardened lockdown; do
		allow "$place/app/tool" "$tier"
		run -127 "$ENVSEAL_EXEC" "$place/app/tool"
		[[ $output == *libanswer.so* ]]
	done
	built "$place/app"
	for tier in none hardened lockdown; do
		allow "$place/app/tool" "$tier"
		run -42 "$ENVSEAL_EXEC" "$place/app/tool"
	done
}

# bats test_tags=root
@test "\$ORIGIN of a program that is root's alone is its own directory" {
	need_root "writes root's files"
	built '$ORIGIN'
	chmod 755 "$place/app"
	for tier in none hardened lockdown; do
		allow "$place/app/tool" "$tier"
		run -42 "$ENVSEAL_EXEC" "$place/app/tool"
	done
}
