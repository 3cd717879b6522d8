# For the files that try to get out of lockdown: programs that try, and a place that no private /tmp
# hides.
# shellcheck shell=bash disable=SC2016,SC2154 # an inner shell expands; bats and running.bash set the rest

source_of_ways=$BATS_TEST_DIRNAME/lockdown

# Compiled once a file, as $ways.
compile_ways() {
	export ways=$BATS_FILE_TMPDIR/ways
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -o "$ways" "$source_of_ways"/*.c -lrt
}

# $place: the stage's directory. ${tiers[@]}: for judge.py, each tier with a program that runs in
# it.
lockdown_setup() {
	running_setup
	place=${ENVSEAL_OPEN_PLACE:-/var/lib}/envseal-$BATS_ROOT_PID-$BATS_TEST_NUMBER-$$/stage
	mkdir -p "$place"
	python=$(realpath /usr/bin/python3)
	tiers=()
	# Python would write its own files beside the scripts.
	export PYTHONDONTWRITEBYTECODE=1
}

lockdown_teardown() {
	[ -z "${place:-}" ] || rm -rf "$(dirname "$place")"
}

# in_tier TIER [NAME]: adds one, as NAME.
in_tier() {
	local tier=$1 name=${2:-$1}
	cp "$ways" "$HOME/ways-$name"
	allow "$HOME/ways-$name" "$tier"
	tiers+=("$name=$HOME/ways-$name")
}

# Root gives the place mounts of its own, one below another and a bound one, and nobody else sees
# them.
with_mounts() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
		return
	fi
	mkdir -p "$place/mount" "$place/bound"
	unshare --mount --propagation private bash -euc '
		mount -t tmpfs tmpfs "$0/mount"
		mkdir "$0/mount/below" "$0/mount/source"
		mount -t tmpfs tmpfs "$0/mount/below"
		mount --bind "$0/mount/source" "$0/bound"
		exec "$@"' "$place" "$@"
}

# tried SCRIPT ARGUMENT...: runs one of lockdown/*.py; its last line are figures.
tried() {
	run with_mounts "$python" "$source_of_ways/$1" "${@:2}"
	printf '%s\n' "$output"
	printf '# %s\n' "${lines[-1]}" >&3
	local way
	for way in "${lines[@]}"; do
		[[ $way != 'absent: '* ]] || absent "the way of escape ${way#absent: }"
	done
	[ "$status" -eq 0 ]
}

# judge TOPIC: every way of it.
judge() {
	tried judge.py "$ways" "$place" "$ENVSEAL_EXEC" "$1" "${tiers[@]}"
}

# Whether Landlock has them (ABI 6), as this build sees it (configure --with-missing).
scopes() {
	[ "$("$ENVSEAL" doctor --json | jq '.checks[] | select(.name == "Landlock").facts.abi')" -ge 6 ]
}
