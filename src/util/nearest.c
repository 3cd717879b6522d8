#include "util/nearest.h"

#include <string.h>

/* Longer than any known word; a longer typed word is near to none. */
#define LENGTH_MAX 24

static size_t least(size_t a, size_t b) {
	return a < b ? a : b;
}

/* Optimal string alignment. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size) {
	size_t d[LENGTH_MAX + 1][LENGTH_MAX + 1] = {0};
	for (size_t i = 0; i <= a_size; i++) {
		for (size_t j = 0; j <= b_size; j++) {
			d[i][j] = i + j;
			if (i == 0 || j == 0)
				continue;
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
			                d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_size][b_size];
}

void nearest_offer(struct nearest *nearest, const char *word) {
	size_t length = strlen(word);
	if (nearest->length > LENGTH_MAX || length > LENGTH_MAX)
		return;
	size_t far = distance(nearest->typed, nearest->length, word, length);
	if (3 * far > length || (nearest->word && far >= nearest->distance))
		return;
	nearest->word = word;
	nearest->distance = far;
}
