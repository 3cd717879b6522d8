#!/usr/bin/env bats
# The documents and the programs agree.
# shellcheck disable=SC2016 # backquotes and awk's fields are meant literally

load common

setup() {
	top=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}
}

# promises: each "FILE.bats: test" that SECURITY.md names, one a line.
promises() {
	tr '\n' ' ' <"$top/SECURITY.md" | grep -oE '`[a-z-]+\.bats: [^`]+`' | tr -d '`' | tr -s ' '
}

# In tests/bats or, attacks, in tests/escape.
exists() {
	local file=${1%%: *} name=${1#*: }
	cat "$top/tests/bats/$file" "$top/tests/escape/$file" 2>/dev/null | grep -F "@test \"$name\"" >/dev/null
}

@test "every promise of SECURITY.md names a test that exists" {
	[ "$(promises | wc -l)" -ge 10 ]
	while read -r promise; do
		exists "$promise" || {
			echo "no such test: $promise"
			return 1
		}
	done < <(promises)
	# And the look-up can fail.
	run -1 exists "exec.bats: no such test"
}

@test "every numbered promise has a test" {
	section=$(sed -n '/^## Promises/,/^## Not promised/p' "$top/SECURITY.md")
	numbered=$(grep -cE '^[0-9]+\. ' <<<"$section")
	run -0 awk '/^[0-9]+\. / { if (seen && !has) print "without a test: " line; seen = 1; has = 0; line = $0 }
		/\.bats: / { has = 1 } END { if (!has) print "without a test: " line }' <<<"$section"
	[ "$numbered" -ge 10 ]
	[ -z "$output" ]
}

@test "links between the documents lead somewhere" {
	while IFS=: read -r file target; do
		[ -e "$top/$(dirname "$file")/$target" ] || {
			echo "$file: $target"
			return 1
		}
	done < <(cd "$top" && grep -oE '\]\([A-Za-z][A-Za-z0-9_./-]*\)' -- *.md doc/*.md | sed -E 's/\]\((.*)\)/\1/')
}

@test "the manual has every verb of the program" {
	run -0 "$ENVSEAL" help
	verbs=$(sed -n 's/^  *\(envseal \)\{0,1\}\([a-z][a-z]*\) .*/\2/p' <<<"$output" | sort -u)
	[[ $verbs == *store* ]]
	for verb in $verbs; do
		grep -qF "*$verb*" "$top/doc/man/envseal.1.scd" || {
			echo "not in envseal(1): $verb"
			return 1
		}
	done
}
