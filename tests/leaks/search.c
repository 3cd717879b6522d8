/*
 * Searches files and the memory of processes for known values, in every encoding that masking
 * knows; it uses masking's own table (src/mask/encoding.c):
 *
 *   search NEEDLES PLACE...          each file below each PLACE, its name, and where a link leads;
 *                                    "pid:N" is what the
 *                                    process N has in memory that it may read, its arguments and
 *                                      its environment
 *   search --plant NEEDLES DIR       instead writes a file for each encoding of each value, to show
 *                                    that all are found
 *
 * NEEDLES has a line for each value: its name, a space, its bytes in hex. Prints "FILE: NAME,
 * ENCODING" once each, then "searched N files, M bytes" on standard error. Exits 1 if it found
 * something, 2 if it could not search.
 *
 * A part of a value is a leak too: eight bytes in a row, in any encoding, if they stand for three
 * bytes of the value or more. White space in between is ignored where an encoding has lines.
 */
#include "mask/encoding.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW 8
#define NEEDLES_MAX 16
#define NEEDLE_MAX 8192
#define ENCODINGS_MAX 64
#define SLOTS_BITS 17 /* of the table; many times what is ever in it */
#define SLOTS ((size_t)1 << SLOTS_BITS)
#define PIECE ((size_t)1 << 20)

struct needle {
	char name[64];
	unsigned char bytes[NEEDLE_MAX];
	size_t size;
};

/* Eight bytes that give a value away. */
struct row {
	uint64_t window;
	const struct encoding *encoding; /* NULL: an empty slot */
	const struct needle *needle;
};

static struct needle needles[NEEDLES_MAX];
static size_t needle_count;
static struct row *rows;
static size_t row_count;
static size_t files, found;
static unsigned long long bytes_searched;

static void die(const char *what) {
	fprintf(stderr, "search: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Each byte of an encoded text, and how many units it begins. */
struct written {
	unsigned char *bytes;
	unsigned char *begins;
	size_t size;
};

static struct written write_out(const struct encoding *encoding, const struct needle *needle) {
	const struct encoded text = {encoding, needle->bytes, needle->size};
	const size_t units = encoding_units(&text);
	struct written out = {malloc(units * ENCODING_UNIT_MAX), calloc(units, ENCODING_UNIT_MAX),
	                      0};
	if (!out.bytes || !out.begins)
		die("memory");
	for (size_t i = 0; i < units; i++) {
		out.begins[out.size] = 1;
		out.size += encoding_unit(&text, i, out.bytes + out.size);
	}
	return out;
}

static void written_free(struct written *out) {
	free(out->bytes);
	free(out->begins);
}

static size_t slot_of(uint64_t window) {
	return (size_t)(window * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SLOTS_BITS));
}

static const struct row *find(uint64_t window) {
	for (size_t i = slot_of(window); rows[i].encoding; i = (i + 1) & (SLOTS - 1)) {
		if (rows[i].window == window)
			return &rows[i];
	}
	return NULL;
}

static void add(uint64_t window, const struct encoding *encoding, const struct needle *needle) {
	size_t i = slot_of(window);
	if (find(window))
		return;
	if (++row_count > SLOTS / 2)
		die("too many values");
	while (rows[i].encoding)
		i = (i + 1) & (SLOTS - 1);
	rows[i] = (struct row){window, encoding, needle};
}

static void add_windows(const struct encoding *encoding, const struct needle *needle) {
	struct written out = write_out(encoding, needle);
	uint64_t window = 0;
	unsigned int units = 0;
	for (size_t i = 0; i < out.size; i++) {
		window = window << 8 | out.bytes[i];
		units += out.begins[i];
		if (i >= WINDOW)
			units -= out.begins[i - WINDOW];
		if (i + 1 >= WINDOW && units >= 3)
			add(window, encoding, needle);
	}
	written_free(&out);
}

static void read_needles(const char *file) {
	FILE *stream = fopen(file, "r");
	char *line = NULL;
	size_t room = 0;
	if (!stream)
		die(file);
	while (needle_count < NEEDLES_MAX && getline(&line, &room, stream) > 0) {
		struct needle *needle = &needles[needle_count];
		int at = 0;
		if (sscanf(line, "%63s %n", needle->name, &at) != 1)
			continue;
		for (const char *hex = line + at; needle->size < NEEDLE_MAX; hex += 2) {
			if (sscanf(hex, "%2hhx", &needle->bytes[needle->size]) != 1)
				break;
			needle->size++;
		}
		/*
		 * A value that is too short for a window would be found nowhere, and nobody would
		 * notice.
		 */
		if (needle->size < 2 * WINDOW) {
			errno = ERANGE;
			die(needle->name);
		}
		needle_count++;
	}
	free(line);
	fclose(stream);
}

static void fill_table(void) {
	rows = calloc(SLOTS, sizeof(*rows));
	if (!rows)
		die("memory");
	for (size_t i = 0; i < needle_count; i++) {
		for (size_t j = 0; encoding_row(j); j++)
			add_windows(encoding_row(j), &needles[i]);
	}
}

/* What was found in one place is said once. */
struct place {
	const char *name;
	bool said[NEEDLES_MAX][ENCODINGS_MAX];
	uint64_t window;  /* the last eight bytes */
	uint64_t no_gaps; /* those that are no white space */
	size_t seen, seen_no_gaps;
};

static void say(struct place *place, const struct row *row) {
	size_t encoding = 0;
	while (encoding_row(encoding) != row->encoding)
		encoding++;
	bool *said = &place->said[row->needle - needles][encoding % ENCODINGS_MAX];
	if (!*said)
		printf("%s: %s, %s\n", place->name, row->needle->name,
		       encoding_name(row->encoding));
	*said = true;
	found++;
}

static bool is_space(unsigned char c) {
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

static void look(struct place *place, const unsigned char *bytes, size_t size) {
	bytes_searched += size;
	for (size_t i = 0; i < size; i++) {
		place->window = place->window << 8 | bytes[i];
		const struct row *row = ++place->seen >= WINDOW ? find(place->window) : NULL;
		if (row)
			say(place, row);
		if (is_space(bytes[i]))
			continue;
		place->no_gaps = place->no_gaps << 8 | bytes[i];
		row = ++place->seen_no_gaps >= WINDOW && place->no_gaps != place->window
		              ? find(place->no_gaps)
		              : NULL;
		if (row && encoding_has_breaks(row->encoding))
			say(place, row);
	}
}

static void look_into_text(const char *name, const char *text) {
	struct place place = {.name = name};
	look(&place, (const unsigned char *)text, strlen(text));
}

/*
 * What cannot be opened by who looks is no place where anything was left for him: it is not
 * counted.
 */
static void look_into_file(const char *path) {
	static unsigned char piece[PIECE];
	struct place place = {.name = path};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return;
	files++;
	for (ssize_t n; (n = read(fd, piece, sizeof(piece))) > 0;)
		look(&place, piece, (size_t)n);
	close(fd);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	char target[4096];
	(void)ftw;
	look_into_text(path, path);
	ssize_t n = type == FTW_SL ? readlink(path, target, sizeof(target) - 1) : 0;
	if (n > 0) {
		target[n] = '\0';
		look_into_text(path, target);
	}
	if (type == FTW_F && S_ISREG(st->st_mode))
		look_into_file(path);
	return 0;
}

static void look_into_mapping(int memory, unsigned long start, unsigned long end,
                              const char *name) {
	static unsigned char piece[PIECE];
	struct place place = {.name = name};
	for (unsigned long at = start; at < end;) {
		size_t size = end - at < sizeof(piece) ? end - at : sizeof(piece);
		ssize_t n = pread(memory, piece, size, (off_t)at);
		if (n <= 0)
			return;
		look(&place, piece, (size_t)n);
		at += (unsigned long)n;
	}
}

/*
 * As root also what libsodium has made unreadable for the process itself: /proc/PID/mem does not
 * ask.
 */
static void look_into_process(const char *number) {
	static const char *const texts[] = {"cmdline", "environ", "comm"};
	char path[64], line[512], name[640];
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(path, sizeof(path), "/proc/%s/%s", number, texts[i]);
		look_into_file(path);
	}
	snprintf(path, sizeof(path), "/proc/%s/mem", number);
	int memory = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/maps", number);
	FILE *maps = fopen(path, "r");
	if (memory < 0 || !maps)
		die(path);
	files++;
	while (fgets(line, sizeof(line), maps)) {
		unsigned long start, end;
		int at = 0;
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &start, &end, &at) < 2 ||
		    strstr(line, "[vsyscall]"))
			continue;
		snprintf(name, sizeof(name), "pid:%s %s", number, line + (at ? at : 0));
		look_into_mapping(memory, start, end, name);
	}
	fclose(maps);
	close(memory);
}

static void plant(const char *directory) {
	char name[256];
	if (chdir(directory) < 0)
		die(directory);
	for (size_t i = 0; i < needle_count; i++) {
		for (size_t j = 0; encoding_row(j); j++) {
			struct written out = write_out(encoding_row(j), &needles[i]);
			snprintf(name, sizeof(name), "%.63s %02zu %.63s", needles[i].name, j,
			         encoding_name(encoding_row(j)));
			FILE *file = fopen(name, "w");
			if (!file)
				die(name);
			fputs("before ", file);
			fwrite(out.bytes, 1, out.size, file);
			fputs(" after", file);
			if (fclose(file) != 0)
				die(name);
			written_free(&out);
		}
	}
}

int main(int argc, char **argv) {
	bool planting = argc > 1 && strcmp(argv[1], "--plant") == 0;
	argv += planting;
	argc -= planting;
	if (argc < 3) {
		fputs("usage: search [--plant] NEEDLES PLACE...\n", stderr);
		return 2;
	}
	read_needles(argv[1]);
	if (planting) {
		plant(argv[2]);
		return 0;
	}
	fill_table();
	for (int i = 2; i < argc; i++) {
		if (strncmp(argv[i], "pid:", 4) == 0)
			look_into_process(argv[i] + 4);
		else if (nftw(argv[i], visit, 64, FTW_PHYS) < 0 && errno != ENOENT)
			die(argv[i]);
	}
	fprintf(stderr, "searched %zu files, %llu bytes\n", files, bytes_searched);
	return found > 0;
}
