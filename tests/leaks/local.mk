# Searches for known values after every verb and every failure; hygiene-secrets.bats runs a sample.
EXTRA_DIST += tests/leaks/disturbances.py tests/leaks/vaults.py tests/leaks/place.py tests/leaks/commands.py tests/leaks/run \
	tests/leaks/search.c tests/leaks/terminal.py

#? leaks           search for known values after every verb and every failure; an hour
leaks: bench-install
	ENVSEAL_LEAKS=full ENVSEAL_PREFIX=$(BENCH_DIR)/prefix bats $(abs_srcdir)/tests/bats/hygiene-secrets.bats
.PHONY: leaks
