include tests/unit/local.mk
include tests/toml/local.mk
include tests/fuzz/local.mk
include tests/bats/local.mk
include tests/crash/local.mk
include tests/escape/local.mk
include tests/bench/local.mk
include tests/faults/local.mk
include tests/escape/lockdown/local.mk

#? lint            shellcheck over every script; in a checkout
lint:
	$(srcdir)/tests/shellcheck
.PHONY: lint
