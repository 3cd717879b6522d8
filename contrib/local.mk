EXTRA_DIST += contrib/seal/envseal-seal.py contrib/prepare.bash contrib/quickstart tests/run tests/shellcheck .clang-format

# System mode: its setup, and the files that the system reads at every start.
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
dist_sysusers_DATA = contrib/sysusers.d/envseal.conf
nodist_tmpfiles_DATA = contrib/tmpfiles.d/envseal.conf
nodist_sbin_SCRIPTS = contrib/envseal-system-setup

# A new file has no privilege: without this message, users would silently get user mode.
install-exec-hook:
	@test -n "$(DESTDIR)" || test ! -e $(sysconfdir)/envseal/system.toml || \
		echo "envseal-exec is new, and so has no privilege: run $(sbindir)/envseal-system-setup" >&2

EXTRA_DIST += contrib/system-setup.in contrib/tmpfiles.d/envseal.conf.in
CLEANFILES += contrib/envseal-system-setup contrib/tmpfiles.d/envseal.conf

# Rebuilt when configure got other places.
substitute = $(MKDIR_P) $(@D) && $(SED) -e 's|@bindir[@]|$(bindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' \
	-e 's|@localstatedir[@]|$(localstatedir)|' -e 's|@sysusersdir[@]|$(sysusersdir)|' \
	-e 's|@pkglibexecdir[@]|$(pkglibexecdir)|' -e 's|@prefix[@]|$(prefix)|' -e 's|@VERSION[@]|$(VERSION)|'
contrib/envseal-system-setup: contrib/system-setup.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/system-setup.in >$@.tmp && chmod 755 $@.tmp && mv $@.tmp $@
contrib/tmpfiles.d/envseal.conf: contrib/tmpfiles.d/envseal.conf.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/tmpfiles.d/envseal.conf.in >$@.tmp && mv $@.tmp $@

# An administrator installs it where AppArmor restricts user namespaces; the file says how.
noinst_DATA = contrib/apparmor/envseal
EXTRA_DIST += contrib/apparmor/envseal.in
CLEANFILES += contrib/apparmor/envseal
contrib/apparmor/envseal: contrib/apparmor/envseal.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/apparmor/envseal.in >$@.tmp && mv $@.tmp $@

# contrib/completions/generate makes these from the programs' --help; run `make completions`.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
COMPLETIONS = contrib/completions/envseal.bash contrib/completions/_envseal contrib/completions/envseal.fish
EXTRA_DIST += contrib/completions/generate $(COMPLETIONS)
dist_zshcompletion_DATA = contrib/completions/_envseal
dist_fishcompletion_DATA = contrib/completions/envseal.fish

install-data-local:
	$(MKDIR_P) $(DESTDIR)$(bashcompletiondir)
	$(INSTALL_DATA) $(srcdir)/contrib/completions/envseal.bash $(DESTDIR)$(bashcompletiondir)/envseal
	ln -sf envseal $(DESTDIR)$(bashcompletiondir)/envseal-exec

uninstall-local:
	rm -f $(DESTDIR)$(bashcompletiondir)/envseal $(DESTDIR)$(bashcompletiondir)/envseal-exec

#? completions     write contrib/completions from the programs' --help
completions: envseal$(EXEEXT) envseal-exec$(EXEEXT)
	$(srcdir)/contrib/completions/generate bash ./envseal ./envseal-exec >$(srcdir)/contrib/completions/envseal.bash
	$(srcdir)/contrib/completions/generate zsh ./envseal ./envseal-exec >$(srcdir)/contrib/completions/_envseal
	$(srcdir)/contrib/completions/generate fish ./envseal ./envseal-exec >$(srcdir)/contrib/completions/envseal.fish
.PHONY: completions

# For the package managers' triggers.
pkglibexec_SCRIPTS = contrib/envseal-pin-packages
EXTRA_DIST += contrib/pin-packages.in contrib/triggers/dpkg.triggers contrib/triggers/dpkg.postinst \
	contrib/triggers/rpm.filetriggers
CLEANFILES += contrib/envseal-pin-packages
contrib/envseal-pin-packages: contrib/pin-packages.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/pin-packages.in >$@.tmp && chmod 755 $@.tmp && mv $@.tmp $@

# For packages that ship policies: their place, and the script for their pins
# (contrib/packaging/README.md).
pkgconfigdir = $(datadir)/pkgconfig
nodist_pkgconfig_DATA = contrib/packaging/envseal.pc
dist_pkglibexec_SCRIPTS = contrib/packaging/envseal-pins
CLEANFILES += contrib/packaging/envseal.pc
contrib/packaging/envseal.pc: contrib/packaging/envseal.pc.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/packaging/envseal.pc.in >$@.tmp && mv $@.tmp $@

# Packages of envseal itself, and an example unit.
EXTRA_DIST += contrib/debian contrib/packaging/README.md contrib/packaging/dh_envseal \
	contrib/packaging/envseal.pc.in contrib/packaging/envseal.pm contrib/rpm/envseal.spec \
	contrib/rpm/macros.envseal contrib/systemd/envseal-example.service
