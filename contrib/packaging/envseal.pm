# debhelper's sequence addon: runs dh_envseal after stripping, when programs no longer change.
use warnings;
use strict;
use Debian::Debhelper::Dh_Lib;

# Just before the last step: after dh_strip, dh_makeshlibs and dh_shlibdeps, if these run.
insert_before('dh_installdeb', 'dh_envseal');

1;
