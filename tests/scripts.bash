# shellcheck shell=bash
# Sourced by tests/shellcheck and tests/format, at the project's top.

# scripts: every shell script of the project, by its first line or its name.
scripts() {
	local file
	git -c safe.directory="*" ls-files -- contrib tests .ci ':!tests/fuzz/corpus' | while read -r file; do
		case $file in
		*.bash | *.bats) echo "$file" ;;
		*) head -n 1 "$file" | grep -qaE '^#!.*\b(ba)?sh\b' && echo "$file" ;;
		esac
	done
}
