# fish completion for envseal; made by contrib/completions/generate

function __envseal_at
	set -l words (commandline -opc)
	set -l last (math 1 + (count $argv))
	test (count $words) -ge $last
	and test "$words[2..$last]" = "$argv"
end

function __envseal_verb
	set -l words (commandline -opc)
	test "$words[2..-1]" = "$argv"
end

complete -c envseal -f
complete -c envseal -n '__envseal_verb ' -a init -d 'make a vault'
complete -c envseal -n '__envseal_at init' -l key-file
complete -c envseal -n '__envseal_at init' -l passphrase
complete -c envseal -n '__envseal_at init' -l system
complete -c envseal -n '__envseal_at init' -l service-uid -x
complete -c envseal -n '__envseal_at init' -l run-gid -x
complete -c envseal -n '__envseal_at init' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at init' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at init' -l user
complete -c envseal -n '__envseal_at init' -l json
complete -c envseal -n '__envseal_at init' -l no-input
complete -c envseal -n '__envseal_at init' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a store -d 'seal standard input, or what is typed'
complete -c envseal -n '__envseal_at store' -a '(envseal list --no-input 2>/dev/null)'
complete -c envseal -n '__envseal_at store' -l force
complete -c envseal -n '__envseal_at store' -l raw
complete -c envseal -n '__envseal_at store' -l sealed
complete -c envseal -n '__envseal_at store' -l generate -x
complete -c envseal -n '__envseal_at store' -l expires -x
complete -c envseal -n '__envseal_at store' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at store' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at store' -l user
complete -c envseal -n '__envseal_at store' -l json
complete -c envseal -n '__envseal_at store' -l no-input
complete -c envseal -n '__envseal_at store' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a import -d 'seal every line of a .env file'
complete -c envseal -n '__envseal_at import' -a '(__fish_complete_path)'
complete -c envseal -n '__envseal_at import' -l prefix -x
complete -c envseal -n '__envseal_at import' -l force
complete -c envseal -n '__envseal_at import' -l from-stdin0
complete -c envseal -n '__envseal_at import' -l expires -x
complete -c envseal -n '__envseal_at import' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at import' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at import' -l user
complete -c envseal -n '__envseal_at import' -l json
complete -c envseal -n '__envseal_at import' -l no-input
complete -c envseal -n '__envseal_at import' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a list -d 'name the secrets'
complete -c envseal -n '__envseal_at list' -l long
complete -c envseal -n '__envseal_at list' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at list' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at list' -l user
complete -c envseal -n '__envseal_at list' -l json
complete -c envseal -n '__envseal_at list' -l no-input
complete -c envseal -n '__envseal_at list' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a remove -d 'remove secrets'
complete -c envseal -n '__envseal_at remove' -a '(envseal list --no-input 2>/dev/null)'
complete -c envseal -n '__envseal_at remove' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at remove' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at remove' -l user
complete -c envseal -n '__envseal_at remove' -l json
complete -c envseal -n '__envseal_at remove' -l no-input
complete -c envseal -n '__envseal_at remove' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a rename -d 'give a secret another name'
complete -c envseal -n '__envseal_at rename' -a '(envseal list --no-input 2>/dev/null)'
complete -c envseal -n '__envseal_at rename' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at rename' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at rename' -l user
complete -c envseal -n '__envseal_at rename' -l json
complete -c envseal -n '__envseal_at rename' -l no-input
complete -c envseal -n '__envseal_at rename' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a restore -d 'put the value before back'
complete -c envseal -n '__envseal_at restore' -a '(envseal list --no-input 2>/dev/null)'
complete -c envseal -n '__envseal_at restore' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at restore' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at restore' -l user
complete -c envseal -n '__envseal_at restore' -l json
complete -c envseal -n '__envseal_at restore' -l no-input
complete -c envseal -n '__envseal_at restore' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a prune -d 'remove values that were replaced'
complete -c envseal -n '__envseal_at prune' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at prune' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at prune' -l user
complete -c envseal -n '__envseal_at prune' -l json
complete -c envseal -n '__envseal_at prune' -l no-input
complete -c envseal -n '__envseal_at prune' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a verify -d 'open everything, and say what is wrong'
complete -c envseal -n '__envseal_at verify' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at verify' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at verify' -l user
complete -c envseal -n '__envseal_at verify' -l json
complete -c envseal -n '__envseal_at verify' -l no-input
complete -c envseal -n '__envseal_at verify' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a fingerprint -d 'compare a value without seeing it'
complete -c envseal -n '__envseal_at fingerprint' -a '(envseal list --no-input 2>/dev/null)'
complete -c envseal -n '__envseal_at fingerprint' -l shared
complete -c envseal -n '__envseal_at fingerprint' -l phrase-fd -x
complete -c envseal -n '__envseal_at fingerprint' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at fingerprint' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at fingerprint' -l user
complete -c envseal -n '__envseal_at fingerprint' -l json
complete -c envseal -n '__envseal_at fingerprint' -l no-input
complete -c envseal -n '__envseal_at fingerprint' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a pubkey -d 'print what others seal to'
complete -c envseal -n '__envseal_at pubkey' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at pubkey' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at pubkey' -l user
complete -c envseal -n '__envseal_at pubkey' -l json
complete -c envseal -n '__envseal_at pubkey' -l no-input
complete -c envseal -n '__envseal_at pubkey' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a unlock -d 'keep the vault open for a while'
complete -c envseal -n '__envseal_at unlock' -l for -x
complete -c envseal -n '__envseal_at unlock' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at unlock' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at unlock' -l user
complete -c envseal -n '__envseal_at unlock' -l json
complete -c envseal -n '__envseal_at unlock' -l no-input
complete -c envseal -n '__envseal_at unlock' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a lock -d 'end that'
complete -c envseal -n '__envseal_at lock' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at lock' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at lock' -l user
complete -c envseal -n '__envseal_at lock' -l json
complete -c envseal -n '__envseal_at lock' -l no-input
complete -c envseal -n '__envseal_at lock' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a slot -d 'say what opens the vault'
complete -c envseal -n '__envseal_verb slot' -a add -d 'one more way to open the vault'
complete -c envseal -n '__envseal_at slot add' -a '(__fish_complete_path)'
complete -c envseal -n '__envseal_at slot add' -l force
complete -c envseal -n '__envseal_at slot add' -l cost -x
complete -c envseal -n '__envseal_at slot add' -l new-passphrase-fd -x
complete -c envseal -n '__envseal_at slot add' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at slot add' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at slot add' -l user
complete -c envseal -n '__envseal_at slot add' -l json
complete -c envseal -n '__envseal_at slot add' -l no-input
complete -c envseal -n '__envseal_at slot add' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb slot' -a remove -d 'close one; the last stays'
complete -c envseal -n '__envseal_at slot remove' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at slot remove' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at slot remove' -l user
complete -c envseal -n '__envseal_at slot remove' -l json
complete -c envseal -n '__envseal_at slot remove' -l no-input
complete -c envseal -n '__envseal_at slot remove' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb slot' -a list -d 'which there are'
complete -c envseal -n '__envseal_at slot list' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at slot list' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at slot list' -l user
complete -c envseal -n '__envseal_at slot list' -l json
complete -c envseal -n '__envseal_at slot list' -l no-input
complete -c envseal -n '__envseal_at slot list' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a rotate-key -d 'give the vault a new key'
complete -c envseal -n '__envseal_at rotate-key' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at rotate-key' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at rotate-key' -l user
complete -c envseal -n '__envseal_at rotate-key' -l json
complete -c envseal -n '__envseal_at rotate-key' -l no-input
complete -c envseal -n '__envseal_at rotate-key' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a hash -d 'print what a policy\'s `hash` takes'
complete -c envseal -n '__envseal_at hash' -a '(__fish_complete_path)'
complete -c envseal -n '__envseal_at hash' -l algorithm -x -a 'blake2b-256 sha256'
complete -c envseal -n '__envseal_at hash' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at hash' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at hash' -l user
complete -c envseal -n '__envseal_at hash' -l json
complete -c envseal -n '__envseal_at hash' -l no-input
complete -c envseal -n '__envseal_at hash' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a explain -d 'say what a run would do, and why it would be refused'
complete -c envseal -n '__envseal_at explain' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at explain' -l profile -x
complete -c envseal -n '__envseal_at explain' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at explain' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at explain' -l user
complete -c envseal -n '__envseal_at explain' -l json
complete -c envseal -n '__envseal_at explain' -l no-input
complete -c envseal -n '__envseal_at explain' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a run -d 'execute envseal-exec'
complete -c envseal -n '__envseal_at run' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_verb ' -a shim -d 'let the plain name run the policy\'s command'
complete -c envseal -n '__envseal_at shim' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at shim' -l directory -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at shim' -l remove
complete -c envseal -n '__envseal_at shim' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at shim' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at shim' -l user
complete -c envseal -n '__envseal_at shim' -l json
complete -c envseal -n '__envseal_at shim' -l no-input
complete -c envseal -n '__envseal_at shim' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a policy -d 'say which program gets which secrets'
complete -c envseal -n '__envseal_verb policy' -a new -d 'write a policy for a command, pinned and approved'
complete -c envseal -n '__envseal_at policy new' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy new' -l tier -x -a 'none hardened lockdown'
complete -c envseal -n '__envseal_at policy new' -l secret -x
complete -c envseal -n '__envseal_at policy new' -l secrets -x
complete -c envseal -n '__envseal_at policy new' -l interpreter -x -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy new' -l from -x -a '(__fish_complete_path)'
complete -c envseal -n '__envseal_at policy new' -l profile -x
complete -c envseal -n '__envseal_at policy new' -l force
complete -c envseal -n '__envseal_at policy new' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy new' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy new' -l user
complete -c envseal -n '__envseal_at policy new' -l json
complete -c envseal -n '__envseal_at policy new' -l no-input
complete -c envseal -n '__envseal_at policy new' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a check -d 'find mistakes in policies'
complete -c envseal -n '__envseal_at policy check' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy check' -l profile -x
complete -c envseal -n '__envseal_at policy check' -l explain -x
complete -c envseal -n '__envseal_at policy check' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy check' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy check' -l user
complete -c envseal -n '__envseal_at policy check' -l json
complete -c envseal -n '__envseal_at policy check' -l no-input
complete -c envseal -n '__envseal_at policy check' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a list -d 'name every command that has a policy'
complete -c envseal -n '__envseal_at policy list' -l verify
complete -c envseal -n '__envseal_at policy list' -l commands
complete -c envseal -n '__envseal_at policy list' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy list' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy list' -l user
complete -c envseal -n '__envseal_at policy list' -l json
complete -c envseal -n '__envseal_at policy list' -l no-input
complete -c envseal -n '__envseal_at policy list' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a keys -d 'name every key that a policy may have'
complete -c envseal -n '__envseal_at policy keys' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy keys' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy keys' -l user
complete -c envseal -n '__envseal_at policy keys' -l json
complete -c envseal -n '__envseal_at policy keys' -l no-input
complete -c envseal -n '__envseal_at policy keys' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a who -d 'name every command that gets a secret'
complete -c envseal -n '__envseal_at policy who' -a '(envseal list --no-input 2>/dev/null)'
complete -c envseal -n '__envseal_at policy who' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy who' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy who' -l user
complete -c envseal -n '__envseal_at policy who' -l json
complete -c envseal -n '__envseal_at policy who' -l no-input
complete -c envseal -n '__envseal_at policy who' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a report -d 'weak spots, commands, secrets, and who may use them'
complete -c envseal -n '__envseal_at policy report' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy report' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy report' -l user
complete -c envseal -n '__envseal_at policy report' -l json
complete -c envseal -n '__envseal_at policy report' -l no-input
complete -c envseal -n '__envseal_at policy report' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a show -d 'show the policy that counts, and where it is'
complete -c envseal -n '__envseal_at policy show' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy show' -l profile -x
complete -c envseal -n '__envseal_at policy show' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy show' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy show' -l user
complete -c envseal -n '__envseal_at policy show' -l json
complete -c envseal -n '__envseal_at policy show' -l no-input
complete -c envseal -n '__envseal_at policy show' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a diff -d 'show a policy against the layer below, and what is pinned against what is installed'
complete -c envseal -n '__envseal_at policy diff' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy diff' -l profile -x
complete -c envseal -n '__envseal_at policy diff' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy diff' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy diff' -l user
complete -c envseal -n '__envseal_at policy diff' -l json
complete -c envseal -n '__envseal_at policy diff' -l no-input
complete -c envseal -n '__envseal_at policy diff' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a edit -d 'edit a copy, check it, save and approve it'
complete -c envseal -n '__envseal_at policy edit' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy edit' -l profile -x
complete -c envseal -n '__envseal_at policy edit' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy edit' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy edit' -l user
complete -c envseal -n '__envseal_at policy edit' -l json
complete -c envseal -n '__envseal_at policy edit' -l no-input
complete -c envseal -n '__envseal_at policy edit' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a pin -d 'accept the command\'s present content'
complete -c envseal -n '__envseal_at policy pin' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy pin' -l profile -x
complete -c envseal -n '__envseal_at policy pin' -l changed
complete -c envseal -n '__envseal_at policy pin' -l package -x
complete -c envseal -n '__envseal_at policy pin' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy pin' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy pin' -l user
complete -c envseal -n '__envseal_at policy pin' -l json
complete -c envseal -n '__envseal_at policy pin' -l no-input
complete -c envseal -n '__envseal_at policy pin' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a approve -d 'let an edited policy count'
complete -c envseal -n '__envseal_at policy approve' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy approve' -l profile -x
complete -c envseal -n '__envseal_at policy approve' -l yes
complete -c envseal -n '__envseal_at policy approve' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy approve' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy approve' -l user
complete -c envseal -n '__envseal_at policy approve' -l json
complete -c envseal -n '__envseal_at policy approve' -l no-input
complete -c envseal -n '__envseal_at policy approve' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a mask -d 'have a command refused, whatever later layers say'
complete -c envseal -n '__envseal_at policy mask' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy mask' -l profile -x
complete -c envseal -n '__envseal_at policy mask' -l force
complete -c envseal -n '__envseal_at policy mask' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy mask' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy mask' -l user
complete -c envseal -n '__envseal_at policy mask' -l json
complete -c envseal -n '__envseal_at policy mask' -l no-input
complete -c envseal -n '__envseal_at policy mask' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a remove -d 'take a policy away, with its pin, grant and approval'
complete -c envseal -n '__envseal_at policy remove' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy remove' -l profile -x
complete -c envseal -n '__envseal_at policy remove' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy remove' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy remove' -l user
complete -c envseal -n '__envseal_at policy remove' -l json
complete -c envseal -n '__envseal_at policy remove' -l no-input
complete -c envseal -n '__envseal_at policy remove' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb policy' -a allow -d 'say who may use a system policy'
complete -c envseal -n '__envseal_at policy allow' -a '(__fish_complete_command)'
complete -c envseal -n '__envseal_at policy allow' -l group -x -a '(__fish_complete_groups)'
complete -c envseal -n '__envseal_at policy allow' -l all
complete -c envseal -n '__envseal_at policy allow' -l none
complete -c envseal -n '__envseal_at policy allow' -l profile -x
complete -c envseal -n '__envseal_at policy allow' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy allow' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at policy allow' -l user
complete -c envseal -n '__envseal_at policy allow' -l json
complete -c envseal -n '__envseal_at policy allow' -l no-input
complete -c envseal -n '__envseal_at policy allow' -l passphrase-fd -x
complete -c envseal -n '__envseal_verb ' -a doctor -d 'say what works here, and which boundary holds'
complete -c envseal -n '__envseal_at doctor' -l vault -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at doctor' -l layers -x -a '(__fish_complete_directories)'
complete -c envseal -n '__envseal_at doctor' -l user
complete -c envseal -n '__envseal_at doctor' -l json
complete -c envseal -n '__envseal_at doctor' -l no-input
complete -c envseal -n '__envseal_at doctor' -l passphrase-fd -x
complete -c envseal-exec -a '(__fish_complete_subcommand)' -x
complete -c envseal-exec -l profile -x
complete -c envseal-exec -l vault -x
complete -c envseal-exec -l layers -x
complete -c envseal-exec -l status-fd -x
complete -c envseal-exec -l user
complete -c envseal-exec -l no-input
complete -c envseal-exec -l passphrase-fd -x
complete -c envseal-exec -l help
complete -c envseal-exec -l version
