#!/usr/bin/env bats
# The documents agree with the programs.
# shellcheck disable=SC2016 # backquotes and awk's fields are meant literally

load common

setup() {
	top=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}
}

# promises: each "FILE.bats: test" that SECURITY.md names, in its table or elsewhere, one a line.
promises() {
	sed -nE 's/^\| [0-9]+ \| ([a-z-]+\.bats: .*[^ ]) \|$/\1/p' "$top/SECURITY.md"
	tr '\n' ' ' <"$top/SECURITY.md" | grep -oE '`[a-z-]+\.bats: [^`]+`' | tr -d '`' | tr -s ' '
}

# In tests/bats or, attacks, in tests/escape.
exists() {
	local file=${1%%: *} name=${1#*: }
	cat "$top/tests/bats/$file" "$top/tests/escape/$file" 2>/dev/null | grep -F "@test \"$name\"" >/dev/null
}

@test "every promise of SECURITY.md names a test that exists" {
	[ "$(promises | wc -l)" -ge 120 ]
	while read -r promise; do
		exists "$promise" || {
			echo "no such test: $promise"
			return 1
		}
	done < <(promises)
	# And the look-up can fail.
	run -1 exists "exec.bats: no such test"
}

# runs_in_ci DIRECTORY PROMISE: whether tests/run --all runs it; it leaves out what is tagged
# assurance or tpm2.
runs_in_ci() {
	local name=${2#*: }
	cat "$1"/{bats,escape}/"${2%%: *}" 2>/dev/null | awk -v test="@test \"$name\" {" '
		/^# bats (file|test)_tags=.*(assurance|tpm2)/ { left_out = 1 }
		$0 == test { found = !left_out; exit }
		/^}/ { left_out = of_file }
		/^# bats file_tags=/ { of_file = left_out }
		END { exit !found }'
}

@test "tests/run --all runs the tests of every promise" {
	while read -r promise; do
		runs_in_ci "$top/tests" "$promise" || {
			echo "not in tests/run --all: $promise"
			return 1
		}
	done < <(promises)
	# And each way to leave one out is noticed.
	mkdir -p "$BATS_TEST_TMPDIR"/{bats,escape}
	printf '%s\n' '@test "a" {' '}' '# bats test_tags=root,assurance' '@test "b" {' '}' '@test "c" {' '}' >"$BATS_TEST_TMPDIR/bats/x.bats"
	runs_in_ci "$BATS_TEST_TMPDIR" "x.bats: a"
	run -1 runs_in_ci "$BATS_TEST_TMPDIR" "x.bats: b"
	runs_in_ci "$BATS_TEST_TMPDIR" "x.bats: c"
	sed -i '1i # bats file_tags=assurance' "$BATS_TEST_TMPDIR/bats/x.bats"
	run -1 runs_in_ci "$BATS_TEST_TMPDIR" "x.bats: c"
}

# numbers WHAT FILE: of the promises, or of those that the table gives a test, one a line.
numbers() {
	case $1 in
	promised) sed -n '/^## Promises/,/^## Not promised/p' "$2" | sed -nE 's/^([0-9]+)\. .*/\1/p' ;;
	tested) sed -nE 's/^\| ([0-9]+) \| [a-z-]+\.bats: .*/\1/p' "$2" | uniq ;;
	esac
}

@test "every numbered promise has a test, and every test a promise" {
	[ "$(numbers promised "$top/SECURITY.md")" = "$(seq "$(numbers promised "$top/SECURITY.md" | wc -l)")" ]
	[ "$(numbers promised "$top/SECURITY.md" | wc -l)" -ge 47 ]
	diff <(numbers promised "$top/SECURITY.md") <(numbers tested "$top/SECURITY.md")
	# And one without is noticed.
	grep -v '^| 20 |' "$top/SECURITY.md" >"$BATS_TEST_TMPDIR/SECURITY.md"
	run -1 diff <(numbers promised "$top/SECURITY.md") <(numbers tested "$BATS_TEST_TMPDIR/SECURITY.md")
	[ "${lines[1]}" = "< 20" ]
}

@test "links between the documents lead somewhere" {
	while IFS=: read -r file target; do
		[ -e "$top/$(dirname "$file")/$target" ] || {
			echo "$file: $target"
			return 1
		}
	done < <(cd "$top" && grep -oE '\]\([A-Za-z][A-Za-z0-9_./-]*\)' -- *.md doc/*.md | sed -E 's/\]\((.*)\)/\1/')
}

@test "every system call has its place in doc/run-group.md" {
	local call last
	sed -n '/^## Every call/,$p' "$top/doc/run-group.md" | grep -oE '`[a-z0-9_]+`' | tr -d '`' | sort >"$BATS_TEST_TMPDIR/placed"
	[ -z "$(uniq -d "$BATS_TEST_TMPDIR/placed")" ]
	# Names of old doors and of 32-bit calls are of other architectures.
	[ "$(uname -m)" = x86_64 ] || skip "the page has x86-64's names"
	mapfile -t calls < <(echo '#include <asm/unistd.h>' | "${CC:-cc}" -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/\1/p')
	[ "${#calls[@]}" -gt 350 ]
	for call in "${calls[@]}"; do
		grep -qx "$call" "$BATS_TEST_TMPDIR/placed" || {
			echo "no place for $call"
			return 1
		}
	done
	# And what is later than the page is refused.
	last=$(sed -n 's|^#define FILTER_LAST_CALL \([0-9]* /\* [a-z_]* \*/\)$|\1|p' "$ENVSEAL_TREE/src/sandbox/filter_lists.h")
	grep -qF "numbers above ${last%% *} (" "$top/doc/run-group.md"
	grep -qx "$(cut -d ' ' -f 3 <<<"$last")" "$BATS_TEST_TMPDIR/placed"
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

# verbs: every verb, "policy new" and the like too.
verbs() {
	local verb inner
	"$ENVSEAL" help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' | while read -r verb; do
		echo "$verb"
		[ "$verb" = run ] || for inner in $("$ENVSEAL" "$verb" --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'); do
			echo "$verb $inner"
		done
	done
}

# options PROGRAM WORD...: each option of its --help, as the manual writes it: "*--prefix*
# _PREFIX_".
options() {
	"$@" --help | awk '/^  --/ {
		argument = match($0, /^  --[a-z0-9-]+ [^ ]/) ? " " $2 : ""
		gsub(/[A-Z]+/, "_&_", argument)
		print "*" $1 "*" argument
	}'
}

# documented FILE TEXT...: one of these.
documented() {
	local texts=("${@:2}")
	grep -qF "${texts[@]/#/--regexp=}" -- "$top/doc/man/$1" || {
		echo "not in $1: $2"
		return 1
	}
}

@test "the manual has every verb's verbs and every option" {
	[ "$(verbs | grep -c '^policy ')" -ge 14 ]
	while read -r verb; do
		[[ $verb == run ]] || while read -r option; do
			documented envseal.1.scd "$option"
		done < <(eval "options \"\$ENVSEAL\" $verb")
		documented envseal.1.scd "*$verb*" "*${verb// /* *}*"
	done < <(verbs)
	while read -r option; do
		documented envseal-exec.1.scd "$option"
	done < <(options "${ENVSEAL}-exec")
	# And the look-up can fail.
	run -1 documented envseal.1.scd --no-such-option
}

@test "the manual, the reference and the editors' schema have every key of a policy" {
	"$ENVSEAL" policy keys --json >"$BATS_TEST_TMPDIR/keys"
	[ "$(jq length "$BATS_TEST_TMPDIR/keys")" -ge 40 ]
	for name in $(jq -r '.[] | select(.key != "*") | "\(.table).\(.key)"' "$BATS_TEST_TMPDIR/keys" | sed 's/^\.//; s/^secrets\.\*\.//'); do
		documented envseal-policy.5.scd "*${name##*.}*"
		grep -qF "\`$name\`" "$top/doc/formats/policy.md" || {
			echo "not in policy.md: $name"
			return 1
		}
	done
	python3 - "$BATS_TEST_TMPDIR/keys" "$top/doc/envseal-policy.schema.json" <<-'END'
		import json, sys
		keys, schema = (json.load(open(name)) for name in sys.argv[1:])
		one = schema["properties"]["secrets"]["additionalProperties"]["oneOf"][1]["properties"]
		tables = {"": schema["properties"], "secrets.*": one}
		tables |= {name: value["properties"] for name, value in schema["properties"].items() if "properties" in value}
		types = {"table": "object", "date-local": "string", "local date": "string"}
		wanted = {(key["table"], key["key"]) for key in keys if key["key"] != "*"}
		found = {(table, key) for table, value in tables.items() for key in value}
		found -= {("", key["table"]) for key in keys}
		assert wanted == found, wanted ^ found
		for key in keys:
		    if key["key"] == "*" or key["type"] == "any":
		        continue
		    value = tables[key["table"]][key["key"]]
		    if "type" in value:
		        assert value["type"] == types.get(key["type"], key["type"]), (key, value)
	END
}

# schema FILE...: those TOML files that the schema refuses, one a line.
schema() {
	python3 - "$top/doc/envseal-policy.schema.json" "$@" <<-'END'
		import json, sys, tomllib
		import jsonschema
		schema = json.load(open(sys.argv[1]))
		jsonschema.Draft7Validator.check_schema(schema)
		validator = jsonschema.Draft7Validator(schema)
		for name in sys.argv[2:]:
		    value = json.loads(json.dumps(tomllib.load(open(name, "rb")), default=str))
		    if not validator.is_valid(value):
		        print(name)
	END
}

@test "the editors' schema takes what envseal takes, and refuses what it refuses" {
	python3 -c 'import jsonschema, tomllib' 2>/dev/null || skip "needs python3-jsonschema, and Python 3.11"
	mapfile -t shipped < <(find "$top/policies" -name '*.toml')
	[ -z "$(schema "${shipped[@]}")" ]
	head='version = 1
command = "/opt/x"
tier = "lockdown"'
	files=() refused=()
	while IFS= read -r line; do
		file=$BATS_TEST_TMPDIR/${#files[@]}.toml
		printf '%s\n%b\n' "$head" "$line" >"$file"
		files+=("$file")
		! "$ENVSEAL" policy check "$file" 2>/dev/null | grep -q 'error:' || refused+=("$file")
	done <<-'END'
		description = "x"
		description = 1
		expires = 2099-01-01
		pin = "trusted"
		pin = "any"
		hash = []
		colour = 1
		[secrets]\nA = "a/b"\nB = { secret = "b", deliver = "file", required = false }
		[secrets]\nA = { template = "x${a}y" }
		[secrets]\nA = { deliver = "env" }
		[secrets]\nA = { secret = "b", template = "x${a}" }
		[secrets]\nA = { secret = "b", deliver = "mail" }
		[secrets]\nA = { secret = "b", deliver = "fd", descriptor = 3 }
		[secrets]\nA = { secret = "b", deliver = "fd", descriptor = 2 }
		[secrets]\nA = { secret = "b", descriptor = 3 }
		[secrets]\n"A-B" = "a"
		[secrets]\nA = "a//b"
		[arguments]\nallow = [["a", "**"], []]\ndeny = ["x"]\nprepend = ["y"]
		[arguments]\nallow = ["a"]
		[environment]\ninherit = []\nset = { A = "b" }
		[environment]\nset = { A = 1 }
		[filesystem]\ndirectory = "/"\nhome = "private"\ntmp = "host"\ntmp_size = "64M"
		[filesystem]\ndirectory = "relative"
		[filesystem]\nhome = "none"
		[filesystem]\nwritable = [".", "/srv/x"]
		[filesystem]\nhidden = []
		[network]\naccess = "host"\nlisten = true\nunix = true
		[network]\naccess = "some"
		[process]\nexec = []\nseccomp = "io"\nkeep_fds = [3]
		[process]\nkeep_fds = "some"
		[process]\nkeep_fds = [1]
		[process]\nseccomp = "tight"
		[limits]\ntimeout = "30s"\nmemory = "512M"\nprocesses = 64\nopen_files = 256\nfile_size = "1G"\ncpu_time = "60s"
		[limits]\ntimeout = "30"
		[limits]\ntimeout = "30d"
		[limits]\nprocesses = 0
		[output]\nmask = "pipes"
		[output]\nmask = "maybe"
	END
	[ "${#files[@]}" -ge 34 ] && [ "${#refused[@]}" -ge 15 ] && [ "${#refused[@]}" -le $((${#files[@]} - 12)) ]
	diff <(printf '%s\n' "${refused[@]}") <(schema "${files[@]}")
}

@test "the man pages have no mistakes" {
	command -v scdoc >/dev/null && command -v mandoc >/dev/null || skip "needs scdoc and mandoc"
	for page in envseal.1 envseal-exec.1 envseal-policy.5 envseal-vault.5 envseal-sandbox-helper.8 envseal-system-setup.8; do
		scdoc <"$top/doc/man/$page.scd" >"$BATS_TEST_TMPDIR/$page"
		mandoc -T lint -W error "$BATS_TEST_TMPDIR/$page"
	done
	printf '.Dd x\n.Xx\n.\\"\n.TS\n' >"$BATS_TEST_TMPDIR/bad"
	run ! mandoc -T lint -W error "$BATS_TEST_TMPDIR/bad"
}

@test "the completions are those of the verb tables" {
	for shell in bash zsh fish; do
		case $shell in zsh) file=_envseal ;; *) file=envseal.$shell ;; esac
		"$top/contrib/completions/generate" "$shell" "$ENVSEAL" "${ENVSEAL}-exec" |
			diff -u "$top/contrib/completions/$file" - || {
			echo "run: make completions"
			return 1
		}
	done
}

@test "bash completes verbs, options and their values" {
	complete_at() {
		bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '"_envseal"'; printf "%s\n" "${COMPREPLY[@]}"' \
			"$top/contrib/completions/envseal.bash" "$@"
	}
	[ "$(complete_at envseal sto)" = store ]
	[ "$(complete_at envseal policy rep)" = report ]
	[ "$(complete_at envseal policy new --ti)" = --tier ]
	[ "$(complete_at envseal policy new --tier har)" = hardened ]
	common_setup
	"$ENVSEAL" init --key-file 2>/dev/null
	printf x | "$ENVSEAL" store github/token 2>/dev/null
	PATH=$(dirname "$ENVSEAL"):$PATH
	[ "$(complete_at envseal policy who gith)" = github/token ]
}

@test "fish completes verbs, options and their values, and complains of nothing" {
	command -v fish >/dev/null || skip "needs fish"
	complete_at() {
		HOME=$BATS_TEST_TMPDIR fish -N -c 'source $argv[1]; complete -C $argv[2]' \
			"$top/contrib/completions/envseal.fish" "$1" 2>&1
	}
	[[ $(complete_at 'envseal sto') == store$'\t'* ]]
	[[ $(complete_at 'envseal policy rep') == report$'\t'* ]]
	[[ $(complete_at 'envseal policy new --ti') == --tier$'\t'* ]]
	[[ $(complete_at 'envseal policy new --tier har') == hardened* ]]
	[[ $(complete_at 'envseal-exec --prof') == --profile$'\t'* ]]
}

# shown FILE LINES: its text fits a screen, and each of its options has a help text.
shown() {
	[ "$(wc -l <"$1")" -le "$2" ]
	[ "$(wc -L <"$1")" -le 100 ]
	run ! grep -E '^  --[a-z0-9-]+( [^ ]+)? *$' "$1"
}

@test "help is one screen and explains each option" {
	while read -r verb; do
		[ "$verb" != run ] || continue
		eval "\"\$ENVSEAL\" $verb --help" >"$BATS_TEST_TMPDIR/help"
		shown "$BATS_TEST_TMPDIR/help" 24
	done < <(verbs)
	for program in "$ENVSEAL" "${ENVSEAL}-exec"; do
		"$program" --help >"$BATS_TEST_TMPDIR/help"
		shown "$BATS_TEST_TMPDIR/help" 30
	done
}
