#include "unit.h"

#include "audit/audit.h"
#include "audit/syslog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const names[] = {"github/token", "db/password"};

static const char *name_at(const void *list, size_t index) {
	const char *const *items = list;
	return items[index];
}

static const struct audit_record allowed = {
	.uid = 1000,
	.mode = "system",
	.tier = "hardened",
	.command = "/usr/bin/gh",
	.policy = "/etc/envseal/policies/usr/bin/gh.toml",
	.secret_count = 2,
	.secret = name_at,
	.secrets = names,
};

static void check_line(const struct audit_record *record, const char *expected) {
	char line[AUDIT_LINE_MAX];
	assert_int_equal(audit_format(record, line), strlen(expected));
	assert_string_equal(line, expected);
}

static void a_line_names_everything(void **state) {
	(void)state;
	check_line(&allowed,
	           "allowed uid=1000 mode=\"system\" tier=\"hardened\" command=\"/usr/bin/gh\" "
	           "policy=\"/etc/envseal/policies/usr/bin/gh.toml\" "
	           "secrets=\"github/token,db/password\"");
	const struct audit_record unknown = {.uid = 4294967295U,
	                                     .mode = "system",
	                                     .command = "gh",
	                                     .refusal = "no policy for 'gh'"};
	check_line(
		&unknown,
		"refused uid=4294967295 mode=\"system\" tier=- command=\"gh\" policy=- secrets=- "
		"why=\"no policy for 'gh'\"");
}

static void nothing_forges_a_line_or_a_field(void **state) {
	(void)state;
	const char *const list[] = {"a,b\"", "c\n"};
	const struct audit_record record = {
		.uid = 1,
		.mode = "system",
		.command = "/tmp/x\n<85>envseal-exec[1]: allowed uid=0",
		.policy = "/p\" tier=\"none\\",
		.secret_count = 2,
		.secret = name_at,
		.secrets = list,
		.refusal = "\x1b[2J\x7f \xc2\x9b \xe2\x80\xae",
	};
	check_line(&record,
	           "refused uid=1 mode=\"system\" tier=- "
	           "command=\"/tmp/x\\x0a<85>envseal-exec[1]: allowed uid=0\" "
	           "policy=\"/p\\x22 tier=\\x22none\\x5c\" secrets=\"a\\x2cb\\x22,c\\x0a\" "
	           "why=\"\\x1b[2J\\x7f \\xc2\\x9b \\xe2\\x80\\xae\"");
}

/* Whatever is long: each field keeps its place, and says that it was cut. */
static void no_field_pushes_another_one_out(void **state) {
	(void)state;
	enum { LONG = 4096, COUNT = 256 };
	static char path[LONG + 1];
	const char *list[COUNT];
	memset(path, '\n', LONG);
	for (size_t i = 0; i < COUNT; i++)
		list[i] = "some/secret";
	const struct audit_record record = {.uid = 4294967295U,
	                                    .mode = path,
	                                    .tier = path,
	                                    .command = path,
	                                    .policy = path,
	                                    .secret_count = COUNT,
	                                    .secret = name_at,
	                                    .secrets = list,
	                                    .refusal = path};
	char line[AUDIT_LINE_MAX + 1];
	line[AUDIT_LINE_MAX] = '!';
	size_t size = audit_format(&record, line);
	assert_true(size < AUDIT_LINE_MAX);
	assert_int_equal(strlen(line), size);
	assert_int_equal(line[AUDIT_LINE_MAX], '!');
	static const char *const parts[] = {"tier=\"\\x0a", "\"... command=\"\\x0a",
	                                    "\"... policy=\"\\x0a", "\"... secrets=\"some/secret,",
	                                    "\"... why=\"\\x0a"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		assert_non_null(strstr(line, parts[i]));
	assert_string_equal(line + size - 8, "\\x0a\"...");
}

/* A place for sockets, and what stands there. */
struct place {
	char directory[32];
	char path[64];
	int fd;
};

static int make_place(void **state) {
	static struct place place;
	place = (struct place){.directory = "/tmp/test-audit-XXXXXX", .fd = -1};
	*state = &place;
	if (!mkdtemp(place.directory))
		return -1;
	snprintf(place.path, sizeof(place.path), "%s/log", place.directory);
	return 0;
}

static int remove_place(void **state) {
	struct place *place = *state;
	if (place->fd >= 0)
		close(place->fd);
	if (unlink(place->path) < 0)
		rmdir(place->path);
	return rmdir(place->directory);
}

static void listen_at(struct place *place, int type) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", place->path);
	place->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(place->fd >= 0);
	assert_int_equal(bind(place->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type != SOCK_DGRAM)
		assert_int_equal(listen(place->fd, 0), 0);
}

static int count_descriptors(void) {
	int count = 0;
	cleanup_dir DIR *dir = opendir("/proc/self/fd");
	while (readdir(dir))
		count++;
	return count;
}

/* A send that waits for anything would wait for good, and the alarm end the test. */
static int send_once(const struct place *place) {
	int before = count_descriptors();
	alarm(60);
	int r = audit_syslog_send(place->path, AUDIT_NOTICE, "text", 4);
	alarm(0);
	assert_int_equal(count_descriptors(), before);
	return r;
}

static void one_datagram_of_authpriv(void **state) {
	struct place *place = *state;
	char got[256] = "", expected[256];
	listen_at(place, SOCK_DGRAM);
	assert_int_equal(send_once(place), 0);
	snprintf(expected, sizeof(expected), "<85>envseal-exec[%d]: text", (int)getpid());
	assert_int_equal(recv(place->fd, got, sizeof(got) - 1, 0), strlen(expected));
	assert_string_equal(got, expected);
	assert_int_equal(recv(place->fd, got, sizeof(got), 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void a_stopped_reader_is_not_waited_for(void **state) {
	struct place *place = *state;
	listen_at(place, SOCK_DGRAM);
	int r = 0;
	for (int i = 0; r == 0 && i < 1 << 16; i++)
		r = send_once(place);
	assert_int_equal(r, -EAGAIN);
	assert_int_equal(send_once(place), -EAGAIN);
}

static void nobody_there_is_no_matter(void **state) {
	struct place *place = *state;
	assert_int_equal(send_once(place), -ENOENT);
	listen_at(place, SOCK_DGRAM);
	close(place->fd);
	place->fd = -1;
	assert_int_equal(send_once(place), -ECONNREFUSED);
}

static void streams_are_not_spoken_to(void **state) {
	struct place *place = *state;
	listen_at(place, SOCK_STREAM);
	assert_int_equal(send_once(place), -EPROTOTYPE);
	assert_int_equal(accept(place->fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
}

static void other_files_are_not_written_to(void **state) {
	struct place *place = *state;
	struct stat st;
	assert_int_equal(mkfifo(place->path, 0666), 0);
	assert_int_equal(send_once(place), -ECONNREFUSED);
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(mkdir(place->path, 0777), 0);
	assert_int_equal(send_once(place), -ECONNREFUSED);
	assert_int_equal(rmdir(place->path), 0);
	assert_int_equal(symlink("log", place->path), 0);
	assert_int_equal(send_once(place), -ELOOP);
	assert_int_equal(unlink(place->path), 0);
	int fd = open(place->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	assert_int_equal(close(fd), 0);
	assert_int_equal(send_once(place), -ECONNREFUSED);
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void without_descriptors_it_gives_up(void **state) {
	struct place *place = *state;
	struct rlimit saved, none;
	listen_at(place, SOCK_DGRAM);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = saved.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int r = audit_syslog_send(place->path, AUDIT_NOTICE, "text", 4);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
	assert_int_equal(r, -EMFILE);
}

static void a_path_that_fits_no_address_is_refused(void **state) {
	(void)state;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(audit_syslog_send(path, AUDIT_NOTICE, "text", 4), -ENAMETOOLONG);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_names_everything),
		cmocka_unit_test(nothing_forges_a_line_or_a_field),
		cmocka_unit_test(no_field_pushes_another_one_out),
		IN_PLACE(one_datagram_of_authpriv),
		IN_PLACE(a_stopped_reader_is_not_waited_for),
		IN_PLACE(nobody_there_is_no_matter),
		IN_PLACE(streams_are_not_spoken_to),
		IN_PLACE(other_files_are_not_written_to),
		IN_PLACE(without_descriptors_it_gives_up),
		cmocka_unit_test(a_path_that_fits_no_address_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
