#ifndef ENVSEAL_UTIL_VERSION_H
#define ENVSEAL_UTIL_VERSION_H

/* What --version says; of a build for tests (util/missing.h) also that it is one. */
#ifdef ENVSEAL_MISSING
#define ENVSEAL_VERSION PACKAGE_VERSION " FOR TESTS ONLY, as on a kernel without " ENVSEAL_MISSING
#else
#define ENVSEAL_VERSION PACKAGE_VERSION
#endif

#endif
