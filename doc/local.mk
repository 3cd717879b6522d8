EXTRA_DIST += doc/bench.md doc/sandbox.md doc/seccomp.md doc/system-mode.md doc/decisions doc/formats

# Man pages are written in scdoc(5)'s language; without scdoc they are left out.
MAN_SOURCES = \
	doc/man/envseal.1.scd \
	doc/man/envseal-exec.1.scd \
	doc/man/envseal-policy.5.scd \
	doc/man/envseal-vault.5.scd \
	doc/man/envseal-sandbox-helper.8.scd \
	doc/man/envseal-system-setup.8.scd
EXTRA_DIST += $(MAN_SOURCES)
CLEANFILES += $(MAN_SOURCES:.scd=)

if HAVE_SCDOC
man_MANS = $(MAN_SOURCES:.scd=)
endif

SUFFIXES = .scd
.scd:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SCDOC) <$< >$@.tmp && mv $@.tmp $@

# For editors; tests/bats/docs.bats holds it against the program.
dist_pkgdata_DATA = doc/envseal-policy.schema.json
