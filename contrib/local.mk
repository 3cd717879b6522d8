EXTRA_DIST += contrib/seal/envseal-seal.py contrib/prepare.bash contrib/quickstart tests/run tests/shellcheck .clang-format

# System mode: what makes it, and what the system needs to know of it at every start.
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
dist_sysusers_DATA = contrib/sysusers.d/envseal.conf
nodist_tmpfiles_DATA = contrib/tmpfiles.d/envseal.conf
nodist_sbin_SCRIPTS = contrib/envseal-system-setup
EXTRA_DIST += contrib/system-setup.in contrib/tmpfiles.d/envseal.conf.in
CLEANFILES += contrib/envseal-system-setup contrib/tmpfiles.d/envseal.conf

# Made again when configure was told other places.
substitute = $(MKDIR_P) $(@D) && $(SED) -e 's|@bindir[@]|$(bindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' \
	-e 's|@localstatedir[@]|$(localstatedir)|' -e 's|@sysusersdir[@]|$(sysusersdir)|' \
	-e 's|@pkglibexecdir[@]|$(pkglibexecdir)|'
contrib/envseal-system-setup: contrib/system-setup.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/system-setup.in >$@.tmp && chmod 755 $@.tmp && mv $@.tmp $@
contrib/tmpfiles.d/envseal.conf: contrib/tmpfiles.d/envseal.conf.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/tmpfiles.d/envseal.conf.in >$@.tmp && mv $@.tmp $@

# For an administrator to install, where AppArmor restricts user namespaces; the file says how.
noinst_DATA = contrib/apparmor/envseal
EXTRA_DIST += contrib/apparmor/envseal.in
CLEANFILES += contrib/apparmor/envseal
contrib/apparmor/envseal: contrib/apparmor/envseal.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/contrib/apparmor/envseal.in >$@.tmp && mv $@.tmp $@
