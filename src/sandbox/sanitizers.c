/*
 * Only in builds of configure --enable-sanitizers. Their runtime would set the limit of core files
 * to 0, where 1 is needed (authority/hygiene.c), and ASAN_OPTIONS cannot reach the helper, which
 * starts without an environment.
 */
/*
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the runtime's name for it.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void) {
	return "disable_coredump=0";
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
