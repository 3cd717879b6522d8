# debhelper's sequence addon: dh_envseal after stripping, when programs do not change any more.
use warnings;
use strict;
use Debian::Debhelper::Dh_Lib;

# Before, so to say, whatever comes last: after dh_strip, dh_makeshlibs and dh_shlibdeps, where those run at all.
insert_before('dh_installdeb', 'dh_envseal');

1;
