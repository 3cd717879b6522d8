#include "cmd/script_header.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <string.h>

/* Two lines of what the kernel accepts (BINPRM_BUF_SIZE), generously. */
#define HEADER_MAX 1024

static int unclear(const char *path, const char *what, struct error *err) {
	return error_set(err, ENOEXEC, "'%s' %s; name the program with --interpreter", path, what);
}

static char *skip_blanks(char *text) {
	return text + strspn(text, " \t");
}

static void cut_blanks(char *text) {
	size_t length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]))
		text[--length] = '\0';
}

static int read_line(char *line, const char *path, struct script_header *ret_header,
                     struct error *err) {
	if (!line || strncmp(line, "#!", 2) != 0)
		return unclear(path, "has no line '#!/path/to/interpreter'", err);
	char *program = skip_blanks(line + 2);
	cut_blanks(program);
	char *option = program + strcspn(program, " \t");
	if (*option != '\0') {
		*option = '\0';
		option = skip_blanks(option + 1);
	}
	if (!path_is_normal(program))
		return unclear(path, "does not name its interpreter by an absolute path", err);
	if (strcmp(path_base(program), "env") == 0)
		return unclear(path, "lets env choose its interpreter", err);
	ret_header->interpreter = strdup(program);
	ret_header->option = *option ? strdup(option) : NULL;
	if (!ret_header->interpreter || (*option && !ret_header->option))
		return error_errno(err, ENOMEM, "'%s'", path);
	return 0;
}

int script_header_read(int fd, const char *path, struct script_header *ret_header,
                       struct error *err) {
	cleanup_script_header struct script_header header = {0};
	char start[HEADER_MAX];
	ssize_t size = pread(fd, start, sizeof(start) - 1, 0);
	if (size < 0)
		return error_errno(err, errno, "'%s'", path);
	start[size] = '\0';
	char *rest = start;
	char *line = strsep(&rest, "\n");
	if (!rest)
		return unclear(path, "has no first line of a reasonable length", err);
	int r = read_line(line, path, &header, err);
	if (r == 0 && strcmp(path_base(header.interpreter), "envseal-exec") == 0) {
		script_header_free(&header);
		line = strsep(&rest, "\n");
		r = read_line(rest ? line : NULL, path, &header, err);
	}
	if (r < 0)
		return r;
	*ret_header = header;
	header = (struct script_header){0};
	return 0;
}

void script_header_free(struct script_header *header) {
	free(header->interpreter);
	free(header->option);
	*header = (struct script_header){0};
}
