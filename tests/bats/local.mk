# End-to-end tests, one file a capability; tests/run runs them against an installed tree.
EXTRA_DIST += \
	tests/bats/arguments.bats \
	tests/bats/admin.bats \
	tests/bats/chains.bats \
	tests/bats/audit.bats \
	tests/bats/common.bash \
	tests/bats/crash.bats \
	tests/bats/delivery.bats \
	tests/bats/docs.bats \
	tests/bats/doctor.bats \
	tests/bats/policies.bash \
	tests/bats/running.bash \
	tests/bats/doors.py \
	tests/bats/exec.bats \
	tests/bats/files.bats \
	tests/bats/identity.bats \
	tests/bats/sweep.py \
	tests/bats/lengths.py \
	tests/bats/jobcontrol.bats \
	tests/bats/known.bats \
	tests/bats/programs.bats \
	tests/bats/executor.bats \
	tests/bats/faults.bats \
	tests/bats/filter.py \
	tests/bats/explain.bats \
	tests/bats/filters.bats \
	tests/bats/grants.bats \
	tests/bats/lifecycle.bats \
	tests/bats/hosts.bats \
	tests/bats/hygiene.bats \
	tests/bats/hygiene-secrets.bats \
	tests/bats/interrupt.bats \
	tests/bats/guesses.py \
	tests/bats/late.py \
	tests/bats/limits-system.bats \
	tests/bats/limits.bats \
	tests/bats/masking.bats \
	tests/bats/log.py \
	tests/bats/looks.py \
	tests/bats/policies-shipped.bats \
	tests/bats/policies-agents.bats \
	tests/bats/policies-backup.bats \
	tests/bats/policies-clouds.bats \
	tests/bats/policies-https.bats \
	tests/bats/policies-mariadb.bats \
	tests/bats/policies-openssl.bats \
	tests/bats/policies-psql.bats \
	tests/bats/policies-redis.bats \
	tests/bats/elsewhere.py \
	tests/bats/mail.py \
	tests/bats/s3.py \
	tests/bats/shipped.bash \
	tests/bats/older \
	tests/bats/packaging \
	tests/bats/packaging.bats \
	tests/bats/policy.bats \
	tests/bats/policy-check.bats \
	tests/bats/policy-verbs.bats \
	tests/bats/profiles.bash \
	tests/bats/profiles.bats \
	tests/bats/screen.bash \
	tests/bats/servers.py \
	tests/bats/prepare.bats \
	tests/bats/refusals.bats \
	tests/bats/shims.bats \
	tests/bats/refuse.py \
	tests/bats/signals.bats \
	tests/bats/signatures.bats \
	tests/bats/scripts.bats \
	tests/bats/slots.bats \
	tests/bats/setid.bats \
	tests/bats/setid.py \
	tests/bats/system.bats \
	tests/bats/terminal.py \
	tests/bats/sockets.py \
	tests/bats/streams.bats \
	tests/bats/streams.py \
	tests/bats/state.py \
	tests/bats/syscalls.py \
	tests/bats/system.bash \
	tests/bats/tpm2.bats \
	tests/bats/tiers.bats \
	tests/bats/traced.py \
	tests/bats/vault.bats

# Tries the profiles for the tables of doc/seccomp.md; needs bats and all programs of profiles.bash.
EXTRA_DIST += tests/profiles-doc
#? doc-profiles    measure and write the tables of doc/seccomp.md
doc-profiles: bench-install src/sandbox/filters-compile$(EXEEXT)
	$(srcdir)/tests/profiles-doc $(srcdir)/doc/seccomp.md $(BENCH_DIR)/prefix \
		src/sandbox/filters-compile$(EXEEXT)
.PHONY: doc-profiles
