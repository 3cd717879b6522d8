# bash completion for envseal; made by contrib/completions/generate
# shellcheck shell=bash

_envseal_words() {
	case $1 in
	@command) mapfile -t COMPREPLY < <(compgen -c -f -- "$2") ;;
	@file) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
	@directory) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
	@group) mapfile -t COMPREPLY < <(compgen -g -- "$2") ;;
	@secret) mapfile -t COMPREPLY < <(compgen -W "$(envseal list --no-input 2>/dev/null)" -- "$2") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2") ;;
	esac
}

_envseal_value() {
	case $1 in
	--algorithm) _envseal_words 'blake2b-256 sha256' "$2" ;;
	--cost) _envseal_words '' "$2" ;;
	--directory) _envseal_words '@directory' "$2" ;;
	--expires) _envseal_words '' "$2" ;;
	--explain) _envseal_words '' "$2" ;;
	--for) _envseal_words '' "$2" ;;
	--from) _envseal_words '@file' "$2" ;;
	--generate) _envseal_words '' "$2" ;;
	--group) _envseal_words '@group' "$2" ;;
	--interpreter) _envseal_words '@command' "$2" ;;
	--layers) _envseal_words '@directory' "$2" ;;
	--new-passphrase-fd) _envseal_words '' "$2" ;;
	--package) _envseal_words '' "$2" ;;
	--passphrase-fd) _envseal_words '' "$2" ;;
	--phrase-fd) _envseal_words '' "$2" ;;
	--prefix) _envseal_words '' "$2" ;;
	--profile) _envseal_words '' "$2" ;;
	--run-gid) _envseal_words '' "$2" ;;
	--secret) _envseal_words '' "$2" ;;
	--secrets) _envseal_words '' "$2" ;;
	--service-uid) _envseal_words '' "$2" ;;
	--status-fd) _envseal_words '' "$2" ;;
	--tier) _envseal_words 'none hardened lockdown' "$2" ;;
	--vault) _envseal_words '@directory' "$2" ;;
	*) return 1 ;;
	esac
}

_envseal() {
	local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} options='' operand=''
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		_envseal_words 'init store import list remove rename restore prune verify fingerprint pubkey unlock lock slot rotate-key hash explain run shim policy doctor' "$cur"
		return
	fi
	_envseal_value "${COMP_WORDS[COMP_CWORD - 1]}" "$cur" && return
	case $verb in
	policy | slot) [ "$COMP_CWORD" -eq 2 ] || verb+=" ${COMP_WORDS[2]}" ;;
	esac
	case $verb in
	'init') options='--key-file --passphrase --system --service-uid --run-gid --vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'store') options='--force --raw --sealed --generate --expires --vault --layers --user --json --no-input --passphrase-fd --help' operand='@secret' ;;
	'import') options='--prefix --force --from-stdin0 --expires --vault --layers --user --json --no-input --passphrase-fd --help' operand='@file' ;;
	'list') options='--long --vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'remove') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='@secret' ;;
	'rename') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='@secret' ;;
	'restore') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='@secret' ;;
	'prune') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'verify') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'fingerprint') options='--shared --phrase-fd --vault --layers --user --json --no-input --passphrase-fd --help' operand='@secret' ;;
	'pubkey') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'unlock') options='--for --vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'lock') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'slot') options='' operand='add remove list' ;;
	'slot add') options='--force --cost --new-passphrase-fd --vault --layers --user --json --no-input --passphrase-fd --help' operand='@file' ;;
	'slot remove') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'slot list') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'rotate-key') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'hash') options='--algorithm --vault --layers --user --json --no-input --passphrase-fd --help' operand='@file' ;;
	'explain') options='--profile --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'run') options='' operand='@command' ;;
	'shim') options='--directory --remove --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy') options='' operand='new check list keys who report show diff edit pin approve mask remove allow' ;;
	'policy new') options='--tier --secret --secrets --interpreter --from --profile --force --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy check') options='--profile --explain --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy list') options='--verify --commands --vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'policy keys') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'policy who') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='@secret' ;;
	'policy report') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	'policy show') options='--profile --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy diff') options='--profile --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy edit') options='--profile --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy pin') options='--profile --changed --package --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy approve') options='--profile --yes --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy mask') options='--profile --force --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy remove') options='--profile --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'policy allow') options='--group --all --none --profile --vault --layers --user --json --no-input --passphrase-fd --help' operand='@command' ;;
	'doctor') options='--vault --layers --user --json --no-input --passphrase-fd --help' operand='' ;;
	esac
	case $cur in
	-*) _envseal_words "$options" "$cur" ;;
	*) [ -z "$operand" ] || _envseal_words "$operand" "$cur" ;;
	esac
}
complete -F _envseal envseal

_envseal_exec() {
	local cur=${COMP_WORDS[COMP_CWORD]}
	COMPREPLY=()
	_envseal_value "${COMP_WORDS[COMP_CWORD - 1]}" "$cur" && return
	case $cur in
	-*) _envseal_words '--profile --vault --layers --status-fd --user --no-input --passphrase-fd --help --version' "$cur" ;;
	*) _envseal_words @command "$cur" ;;
	esac
}
complete -F _envseal_exec envseal-exec
