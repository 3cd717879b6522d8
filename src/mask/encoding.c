#include "mask/encoding.h"

#include "util/cleanup.h"

#include <stdint.h>
#include <string.h>

/* A row: how to make units, and with what. */
struct encoding {
	const char *name;
	size_t (*units)(const struct encoded *text);
	size_t (*unit)(const struct encoded *text, size_t unit, unsigned char *ret_bytes);
	const char *digits; /* base64's alphabet, or hexadecimal digits */
	/*
	 * URL: what is not escaped beside letters and digits. Shells and languages: what gets a
	 * backslash. Else lines of a character and what replaces it.
	 */
	const char *kept;
	unsigned int skipped; /* base64: bytes of something else in front, 0 to 2 */
	unsigned int options;
};

enum {
	BREAKS = 1 << 0, /* line breaks may come anywhere */
	PADDED = 1 << 1, /* base64: with its end */
	PLUS = 1 << 2,   /* URL: "+" is a space */
	SLASH = 1 << 3,  /* JSON: "\/" */
	ASCII = 1 << 4,  /* JSON: all else as \u */
	HTML = 1 << 5,   /* JSON: < > & as \u */
	SHORT = 1 << 6,  /* programming languages: \b and \f */
	HIGH = 1 << 7,   /* programming languages: what is not ASCII as \x */
	LOW_FIRST = 1 << 8,
};

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char lower[] = "0123456789abcdef";
static const char upper[] = "0123456789ABCDEF";

static size_t bytes_as_units(const struct encoded *text) {
	return text->size;
}

static size_t plain_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	ret_bytes[0] = text->bytes[unit];
	return 1;
}

static size_t hex_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	ret_bytes[0] = (unsigned char)text->encoding->digits[text->bytes[unit] >> 4];
	ret_bytes[1] = (unsigned char)text->encoding->digits[text->bytes[unit] & 15];
	return 2;
}

/*
 * In the middle of something else only those characters are the value's own that hold none of its
 * neighbours' bits. The first of them, behind 0, 1 or 2 bytes of something else:
 */
static size_t base64_first(unsigned int skipped) {
	return ((size_t)skipped * 8 + 5) / 6;
}

static size_t base64_own(const struct encoded *text) {
	unsigned int skipped = text->encoding->skipped;
	return (text->size + skipped) * 8 / 6 - base64_first(skipped);
}

static size_t base64_units(const struct encoded *text) {
	return text->encoding->options & PADDED ? (text->size + 2) / 3 * 4 : base64_own(text);
}

static size_t base64_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	const struct encoding *encoding = text->encoding;
	size_t bit = (base64_first(encoding->skipped) + unit) * 6 - (size_t)encoding->skipped * 8;
	size_t at = bit / 8;
	if (at >= text->size) {
		ret_bytes[0] = '=';
		return 1;
	}
	unsigned int next = at + 1 < text->size ? text->bytes[at + 1] : 0;
	unsigned int bits = ((unsigned int)text->bytes[at] << 8 | next) >> (10 - bit % 8);
	ret_bytes[0] = (unsigned char)encoding->digits[bits & 63];
	return 1;
}

static bool letter_or_digit(unsigned char c) {
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static size_t url_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	const struct encoding *encoding = text->encoding;
	unsigned char c = text->bytes[unit];
	ret_bytes[0] = c == ' ' && (encoding->options & PLUS) ? '+' : c;
	if (ret_bytes[0] != c || letter_or_digit(c) || (c != '\0' && strchr(encoding->kept, c)))
		return 1;
	ret_bytes[0] = '%';
	ret_bytes[1] = (unsigned char)encoding->digits[c >> 4];
	ret_bytes[2] = (unsigned char)encoding->digits[c & 15];
	return 3;
}

static size_t json_escape(const struct encoding *encoding, unsigned int code,
                          unsigned char *ret_bytes) {
	ret_bytes[0] = '\\';
	ret_bytes[1] = 'u';
	for (int i = 0; i < 4; i++)
		ret_bytes[2 + i] = (unsigned char)encoding->digits[code >> (12 - 4 * i) & 15];
	return 6;
}

/* The two-character escapes of RFC 8259, section 7; 0 for none. */
static unsigned char json_short(unsigned char c, unsigned int options) {
	static const char from[] = "\"\\\b\f\n\r\t/", to[] = "\"\\bfnrt/";
	const char *found = c ? strchr(from, c) : NULL;
	if (!found || (c == '/' && !(options & SLASH)))
		return 0;
	return (unsigned char)to[found - from];
}

static size_t json_ascii(const struct encoding *encoding, unsigned char c,
                         unsigned char *ret_bytes) {
	unsigned char escape = json_short(c, encoding->options);
	bool html = (encoding->options & HTML) && (c == '<' || c == '>' || c == '&');
	if (escape) {
		ret_bytes[0] = '\\';
		ret_bytes[1] = escape;
		return 2;
	}
	if (c < 0x20 || html)
		return json_escape(encoding, c, ret_bytes);
	ret_bytes[0] = c;
	return 1;
}

/*
 * The length of the UTF-8 sequence (RFC 3629) that starts here, and its code point; 0: none does.
 */
static size_t utf8_length(const struct encoded *text, size_t at, unsigned int *ret_code) {
	static const struct {
		unsigned char mask, lead;
		unsigned int least;
	} forms[] = {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if ((text->bytes[at] & forms[i].mask) != forms[i].lead)
			continue;
		size_t length = i + 2;
		unsigned int code = (unsigned char)(text->bytes[at] & ~forms[i].mask);
		if (length > text->size - at)
			return 0;
		for (size_t j = 1; j < length; j++) {
			if ((text->bytes[at + j] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (text->bytes[at + j] & 0x3f);
		}
		bool surrogate = code >= 0xd800 && code <= 0xdfff;
		if (code < forms[i].least || code > 0x10ffff || surrogate)
			return 0;
		*ret_code = code;
		return length;
	}
	return 0;
}

/* Whether a byte continues a sequence: that sequence's first byte has produced its unit. */
static bool utf8_continues(const struct encoded *text, size_t at) {
	unsigned int code;
	for (size_t back = 1; back <= 3 && back <= at; back++) {
		if ((text->bytes[at - back] & 0xc0) == 0xc0)
			return utf8_length(text, at - back, &code) > back;
	}
	return false;
}

static size_t json_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	const struct encoding *encoding = text->encoding;
	unsigned char c = text->bytes[unit];
	unsigned int code = 0;
	if (c < 0x80 || !(encoding->options & ASCII))
		return json_ascii(encoding, c, ret_bytes);
	if ((c & 0xc0) == 0x80 && utf8_continues(text, unit))
		return 0;
	if (utf8_length(text, unit, &code) == 0)
		return json_escape(encoding, 0xdc00U + c, ret_bytes); /* Python's surrogateescape */
	if (code < 0x10000)
		return json_escape(encoding, code, ret_bytes);
	code -= 0x10000;
	json_escape(encoding, 0xd800 + (code >> 10), ret_bytes);
	return 6 + json_escape(encoding, 0xdc00 + (code & 0x3ff), ret_bytes + 6);
}

static size_t backslash_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	unsigned char c = text->bytes[unit];
	bool escaped = c != '\0' && strchr(text->encoding->kept, c);
	ret_bytes[0] = escaped ? '\\' : c;
	ret_bytes[1] = c;
	return escaped ? 2 : 1;
}

/*
 * As a string of a programming language, between the kind of quotes that the text does not contain,
 * if there is one.
 */
static size_t literal_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	static const char from[] = "\n\r\t\b\f", to[] = "nrtbf";
	const struct encoding *encoding = text->encoding;
	unsigned char c = text->bytes[unit];
	const char *found = c ? strchr(from, c) : NULL;
	bool is_short = found && (found < strchr(from, '\b') || (encoding->options & SHORT));
	ret_bytes[0] = '\\';
	ret_bytes[1] = is_short ? (unsigned char)to[found - from] : c;
	if (is_short || (c && strchr(encoding->kept, c)))
		return 2;
	ret_bytes[1] = 'x';
	ret_bytes[2] = (unsigned char)encoding->digits[c >> 4];
	ret_bytes[3] = (unsigned char)encoding->digits[c & 15];
	if (c < 0x20 || c == 0x7f || (c >= 0x80 && (encoding->options & HIGH)))
		return 4;
	ret_bytes[0] = c;
	return 1;
}

static size_t utf16_put(const struct encoding *encoding, unsigned int code,
                        unsigned char *ret_bytes) {
	bool low_first = encoding->options & LOW_FIRST;
	ret_bytes[0] = (unsigned char)(low_first ? code : code >> 8);
	ret_bytes[1] = (unsigned char)(low_first ? code >> 8 : code);
	return 2;
}

static size_t utf16_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	unsigned int code = text->bytes[unit];
	if ((code & 0xc0) == 0x80 && utf8_continues(text, unit))
		return 0;
	utf8_length(text, unit, &code);
	if (code < 0x10000)
		return utf16_put(text->encoding, code, ret_bytes);
	code -= 0x10000;
	utf16_put(text->encoding, 0xd800 + (code >> 10), ret_bytes);
	return 2 + utf16_put(text->encoding, 0xdc00 + (code & 0x3ff), ret_bytes + 2);
}

static size_t replaced_unit(const struct encoded *text, size_t unit, unsigned char *ret_bytes) {
	ret_bytes[0] = text->bytes[unit];
	for (const char *line = text->encoding->kept; *line; line = strchr(line, '\n') + 1) {
		if ((unsigned char)*line != text->bytes[unit])
			continue;
		size_t length = strcspn(line + 1, "\n");
		memcpy(ret_bytes, line + 1, length);
		return length;
	}
	return 1;
}

#define PLAIN(name)                                                                                \
	{ name, bytes_as_units, plain_unit, NULL, NULL, 0, 0 }
#define HEX(name, digits)                                                                          \
	{ name, bytes_as_units, hex_unit, digits, NULL, 0, BREAKS }
#define BASE64(name, digits, skipped, options)                                                     \
	{ name, base64_units, base64_unit, digits, NULL, skipped, BREAKS | (options) }
#define URL(name, digits, kept, options)                                                           \
	{ name, bytes_as_units, url_unit, digits, kept, 0, options }
#define JSON(name, digits, options)                                                                \
	{ name, bytes_as_units, json_unit, digits, NULL, 0, options }

#define BACKSLASHED(name, escaped)                                                                 \
	{ name, bytes_as_units, backslash_unit, NULL, escaped, 0, 0 }
#define LITERAL(name, digits, escaped, options)                                                    \
	{ name, bytes_as_units, literal_unit, digits, escaped, 0, options }
#define UTF16(name, options)                                                                       \
	{ name, bytes_as_units, utf16_unit, NULL, NULL, 0, options }
#define REPLACED(name, lines)                                                                      \
	{ name, bytes_as_units, replaced_unit, NULL, lines, 0, 0 }
#define HTML_TEXT "&&amp;\n<&lt;\n>&gt;\n"

/* Which programs write it so: the examples that were tried. */
static const struct encoding rows[] = {
	PLAIN("as it is"),
	BASE64("base64", standard, 0, 0),
	BASE64("base64, whole", standard, 0, PADDED),
	BASE64("base64, second alignment", standard, 1, 0),
	BASE64("base64, third alignment", standard, 2, 0),
	BASE64("base64url", for_urls, 0, 0),
	BASE64("base64url, whole", for_urls, 0, PADDED),
	BASE64("base64url, second alignment", for_urls, 1, 0),
	BASE64("base64url, third alignment", for_urls, 2, 0),
	HEX("hexadecimal", lower),
	HEX("hexadecimal, upper case", upper),
	URL("URL", upper, "-._~", 0), /* RFC 3986; curl, jq */
	URL("URL, lower case", lower, "-._~", 0),
	URL("URL, slashes kept", upper, "-._~/", 0),       /* Python's quote */
	URL("URL, a form", upper, "-._~", PLUS),           /* Python's urlencode, PHP, Go */
	URL("URL, a browser's form", upper, "-._*", PLUS), /* URLSearchParams */
	URL("URL, .NET's form", lower, "-._!*()", PLUS),
	URL("URL, a component", upper, "-._~!*'()", 0),      /* encodeURIComponent */
	URL("URL, whole", upper, "-._~!*'();/?:@&=+$,#", 0), /* encodeURI */
	JSON("JSON", lower, 0),
	JSON("JSON, slashes escaped", lower, SLASH),
	JSON("JSON, ASCII", lower, ASCII),                             /* Python */
	JSON("JSON, ASCII, upper case", upper, ASCII),                 /* Java */
	JSON("JSON, ASCII, slashes escaped", lower, ASCII | SLASH),    /* PHP */
	JSON("JSON for HTML", lower, HTML),                            /* Go */
	REPLACED("shell, single quotes", "''\\''\n"),                  /* bash's set -x and set */
	REPLACED("shell, double quotes inside", "''\"'\"'\n"),         /* dash's */
	BACKSLASHED("shell, double quotes", "\"$\\`"),                 /* bash's export -p */
	BACKSLASHED("shell, backslashes", " !\"$&'()*,;<>?[\\]^`{|}"), /* printf %q */
	LITERAL("literal", lower, "\\", 0),                            /* Python's repr */
	LITERAL("literal, its quotes escaped", lower, "\\'", 0),
	LITERAL("literal of bytes", lower, "\\", HIGH),
	LITERAL("literal of bytes, its quotes escaped", lower, "\\'", HIGH),
	LITERAL("literal, upper case", upper, "\\", SHORT), /* node's inspect */
	LITERAL("literal, upper case, its quotes escaped", upper, "\\'", SHORT),
	UTF16("UTF-16", 0),
	UTF16("UTF-16, low byte first", LOW_FIRST),
	REPLACED("HTML", HTML_TEXT),
	REPLACED("HTML, quotes too", HTML_TEXT "\"&quot;\n'&#x27;\n"),     /* Python */
	REPLACED("HTML, quotes by number", HTML_TEXT "\"&#34;\n'&#39;\n"), /* Go, Jinja */
	REPLACED("HTML, one by number",
                 HTML_TEXT "\"&quot;\n'&#39;\n"), /* JavaScript's libraries */
};

const struct encoding *encoding_row(size_t index) {
	return index < ARRAY_SIZE(rows) ? &rows[index] : NULL;
}

const char *encoding_name(const struct encoding *encoding) {
	return encoding->name;
}

bool encoding_has_breaks(const struct encoding *encoding) {
	return encoding->options & BREAKS;
}

size_t encoding_units(const struct encoded *text) {
	return text->encoding->units(text);
}

size_t encoding_unit(const struct encoded *text, size_t unit,
                     unsigned char ret_bytes[static ENCODING_UNIT_MAX]) {
	return text->encoding->unit(text, unit, ret_bytes);
}

bool encoding_same(const struct encoded *one, const struct encoded *other) {
	size_t count = encoding_units(one);
	if (count != encoding_units(other) ||
	    encoding_has_breaks(one->encoding) != encoding_has_breaks(other->encoding))
		return false;
	for (size_t i = 0; i < count; i++) {
		unsigned char a[ENCODING_UNIT_MAX], b[ENCODING_UNIT_MAX];
		size_t length = encoding_unit(one, i, a);
		if (length != encoding_unit(other, i, b) || memcmp(a, b, length) != 0)
			return false;
	}
	return true;
}
