EXTRA_DIST += doc/bench.md doc/faults.md doc/run-group.md doc/lockdown.md doc/sandbox.md doc/seccomp.md doc/system-mode.md doc/decisions doc/formats

# Man pages are written for scdoc(5). A tarball contains the built pages; a checkout without scdoc
# leaves them out. Their date is the version's (configure.ac), not the day's.
MAN_SOURCES = \
	doc/man/envseal.1.scd \
	doc/man/envseal-exec.1.scd \
	doc/man/envseal-policy.5.scd \
	doc/man/envseal-vault.5.scd \
	doc/man/envseal-sandbox-helper.8.scd \
	doc/man/envseal-system-setup.8.scd
MAN_PAGES = $(MAN_SOURCES:.scd=)
EXTRA_DIST += $(MAN_SOURCES)

if HAVE_MAN_PAGES
man_MANS = $(MAN_PAGES)
EXTRA_DIST += $(MAN_PAGES)
endif

SUFFIXES = .scd
if HAVE_SCDOC
.scd:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && SOURCE_DATE_EPOCH=$(VERSION_DATE) $(SCDOC) <$< >$@.tmp && mv $@.tmp $@
else
.scd:
	@test -f $(srcdir)/$@ || { echo "$@: scdoc is needed to make it" >&2; exit 1; }
	@echo "$@: its source is newer, but there is no scdoc: taken as it is" >&2
endif

# Cleans only pages that were built here: in a tarball's own directory they came with it.
mostlyclean-local:
	test "$(srcdir)" = . || rm -f $(MAN_PAGES)
MAINTAINERCLEANFILES = $(MAN_PAGES)

# There is no release without man pages.
distcheck-hook:
	@test -f $(distdir)/doc/man/envseal.1 || { echo "distcheck: install scdoc: the tarball has no man pages" >&2; exit 1; }

# For editors; tests/bats/docs.bats compares it with the program.
dist_pkgdata_DATA = doc/envseal-policy.schema.json
