# Known values, looked for after every verb and every failure: a sample in hygiene-secrets.bats, all of it here.
EXTRA_DIST += tests/leaks/disturbances.py tests/leaks/vaults.py tests/leaks/place.py tests/leaks/commands.py tests/leaks/run \
	tests/leaks/search.c tests/leaks/terminal.py

#? leaks           known values, looked for after every verb and every failure; an hour
leaks: bench-install
	ENVSEAL_LEAKS=full ENVSEAL_PREFIX=$(BENCH_DIR)/prefix bats $(abs_srcdir)/tests/bats/hygiene-secrets.bats
.PHONY: leaks
