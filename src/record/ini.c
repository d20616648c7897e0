#include "record/ini.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* A piece of a long line is handed to inih as
 *
 *     first piece:  key = text GUARD
 *     the others:   blank GUARD text GUARD
 *
 * The blank makes it a continuation; the guards keep blanks at the seams from being stripped and a
 * ';' at the start of a piece from being a comment. Input cannot hold a guard, as it is a control
 * character. */
#define GUARD "\x1f"

/* What a blank between double quotes is while inih has the text, so that neither we nor inih sees a
 * comment or the end of the value there. Input cannot hold it, either. */
#define HELD_BLANK '\x1e'

enum { SECTION_LIMIT = 40, QUOTE_LIMIT = 60 }; /* inih cuts section names at 49 bytes */

struct source {
    struct arena *arena;
    const char *label;
    const char *next, *end; /* the text not looked at yet */
    char *line;             /* buffer for one line */
    const char *rest;       /* of the line: what inih has not got yet */
    int number;             /* of the line */
    bool continues;         /* the next piece belongs to the last entry */
    bool appending;         /* the piece that inih has just got does */
    bool awaiting;          /* inih got a piece and has not answered */
    struct ini_entry *entries;
    int count;
    char *values; /* the values' text, one after the other */
    size_t used;
    int status;
};

static int refuse_line(struct source *source, const char *what)
{
    const char *start = source->line + strspn(source->line, " ");
    source->status = fail(ERR_INVALID, "%s line %d: '%s' %s", source->label, source->number,
                          text_clean(source->arena, start, QUOTE_LIMIT), what);
    return source->status;
}

static int check_characters(struct source *source, size_t length)
{
    const char *line = source->line, *clean = text_clean(source->arena, line, length);
    size_t column = 0;
    while (column < length && line[column] && line[column] == clean[column])
        column++;
    if (column == length)
        return 0;
    source->status = fail(
        ERR_INVALID, "%s line %d: byte %zu (0x%02X) is not text: a control character, or not UTF-8",
        source->label, source->number, column + 1, (unsigned char)line[column]);
    return source->status;
}

static bool begins_comment(const char *line, const char *at)
{
    return (*at == ';' || *at == '#') && (at == line || at[-1] == ' ');
}

static void cut_comment(char *line)
{
    for (char *at = line; *at; at++)
        if (begins_comment(line, at))
            *at = '\0';
}

static bool is_escape(const char *at)
{
    return *at == '\\' && (at[1] == '"' || at[1] == '\\');
}

/* The quote that closes the one at `opening`, or the end of the text. */
static const char *closing_quote(const char *opening)
{
    const char *at = opening + 1;
    while (*at && *at != '"')
        at += is_escape(at) ? 2 : 1;
    return at;
}

/* Holds the blanks of a value that is one quoted text. */
static void hold_blanks(char *line)
{
    char *start = line + strspn(line, " "), *equals = start;
    while (*equals && !strchr("=:", *equals) && !begins_comment(line, equals))
        equals++;
    bool has_key = equals > start && *start != '[' && (*equals == '=' || *equals == ':');
    if (!has_key || (start > line && *equals == ':')) /* that would continue the value above */
        return;
    char *opening = equals + 1 + strspn(equals + 1, " ");
    if (*opening != '"')
        return;
    const char *closing = closing_quote(opening);
    const char *behind = closing + (*closing ? 1 + strspn(closing + 1, " ") : 0);
    if (!*closing || (*behind && !begins_comment(line, behind)))
        return;
    for (char *at = opening; at < closing; at++)
        if (*at == ' ')
            *at = HELD_BLANK;
}

static void let_blanks_go(char *value)
{
    for (; *value; value++)
        if (*value == HELD_BLANK)
            *value = ' ';
}

static void strip_end(char *line)
{
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == ' ')
        line[--length] = '\0';
}

/* Copies the next line, without its end, comment and closing blanks. False when there is none, or
 * none that could be read. */
static bool next_line(struct source *source)
{
    if (source->next == source->end)
        return false;
    size_t left = (size_t)(source->end - source->next);
    const char *newline = memchr(source->next, '\n', left);
    size_t length = newline ? (size_t)(newline - source->next) : left;
    memcpy(source->line, source->next, length);
    source->next += newline ? length + 1 : length;
    source->number++;
    if (length > 0 && source->line[length - 1] == '\r')
        length--;
    source->line[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (source->line[i] == '\t')
            source->line[i] = ' ';
    if (check_characters(source, length) < 0)
        return false;
    hold_blanks(source->line);
    cut_comment(source->line);
    strip_end(source->line);
    return true;
}

static struct ini_entry *push_entry(struct source *source, const char *section, const char *key)
{
    source->values[source->used++] = '\0'; /* closes the value before */
    struct ini_entry *entry = &source->entries[source->count++];
    *entry = (struct ini_entry){ .section = arena_strdup(source->arena, section),
                                 .key = key ? arena_strdup(source->arena, key) : NULL,
                                 .value = source->values + source->used,
                                 .line = source->number };
    return entry;
}

/* "[ name ]" to "[name]" in `out`. */
static char *hand_header(struct source *source, const char *start, char *out, int size)
{
    size_t length = strlen(start);
    if (start[length - 1] != ']' || strchr(start, ']') != start + length - 1) {
        refuse_line(source, "is not a section header: write '[section]' on a line of its own");
        return NULL;
    }
    const char *name = start + 1 + strspn(start + 1, " ");
    int name_length = (int)strcspn(name, "]");
    while (name_length > 0 && name[name_length - 1] == ' ')
        name_length--;
    if (name_length == 0 || name_length > SECTION_LIMIT) {
        refuse_line(source, "is not a section's name");
        return NULL;
    }
    push_entry(source, arena_strndup(source->arena, name, (size_t)name_length), NULL);
    snprintf(out, (size_t)size, "[%.*s]\n", name_length, name);
    source->rest = "";
    return out;
}

/* Decides what the new line is: its text goes to `rest`, led by the blank that joins it where it
 * continues a value. */
static void begin_line(struct source *source)
{
    const char *start = source->line + strspn(source->line, " ");
    bool indented = start > source->line;
    bool has_value = source->count > 0 && source->entries[source->count - 1].key;
    source->continues = indented && has_value && *start != '[' && !strchr(start, '=');
    source->rest = source->continues && *start ? start - 1 : start;
}

/* An ini_reader: one line, or piece of a line, at each call. */
static char *hand_piece(char *out, int size, void *context)
{
    struct source *source = context;
    if (source->awaiting && source->status == 0)
        refuse_line(source, "is neither '[section]' nor 'key = value'");
    while (source->status == 0 && !*source->rest) {
        if (!next_line(source))
            return NULL;
        begin_line(source);
    }
    if (source->status < 0)
        return NULL;
    if (!source->continues && *source->rest == '[')
        return hand_header(source, source->rest, out, size);

    int room = size - (int)sizeof(" " GUARD GUARD "\n");
    int length = (int)MIN(strlen(source->rest), (size_t)MAX(room, 1));
    snprintf(out, (size_t)size, "%s%.*s" GUARD "\n", source->continues ? " " GUARD : "", length,
             source->rest);
    source->rest += length;
    source->appending = source->continues;
    source->continues = true;
    source->awaiting = true;
    return out;
}

/* An ini_handler: the value, or piece of a value, that inih found in the piece. */
static int take_piece(void *context, const char *section, const char *name, const char *value)
{
    struct source *source = context;
    source->awaiting = false;
    if (!*name)
        return refuse_line(source, "has no key before its '='") == 0;
    if (!source->appending)
        push_entry(source, section, name);
    else
        value += strlen(GUARD);
    size_t length = strcspn(value, GUARD);
    memcpy(source->values + source->used, value, length);
    source->used += length;
    return 1;
}

static int line_count(const char *text, size_t size)
{
    int count = 1;
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count;
}

int ini_read(struct arena *arena, const char *label, const char *text, size_t size,
             struct ini_entry **entries, int *count)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* byte order mark */
    if (size >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0) {
        text += strlen(mark);
        size -= strlen(mark);
    }
    /* Every entry has a line of its own with at least two bytes that are not in its value, which
     * makes room for the 0 before it. */
    struct source source = {
        .arena = arena,
        .label = label,
        .next = text,
        .end = text + size,
        .line = arena_alloc(arena, size + 1, 1),
        .rest = "",
        .entries = arena_alloc(arena, (size_t)line_count(text, size), sizeof(struct ini_entry)),
        .values = arena_alloc(arena, size + 2, 1),
    };
    int result = ini_parse_stream(hand_piece, &source, take_piece, &source);
    if (source.status == 0 && result != 0)
        return fail(ERR_INVALID, "%s cannot be read as INI text", label);
    if (source.status < 0)
        return source.status;
    for (int i = 0; i < source.count; i++) {
        char *value = source.values + (source.entries[i].value - source.values);
        strip_end(value);
        value += strspn(value, " ");
        let_blanks_go(value);
        source.entries[i].value = value;
    }
    *entries = source.entries;
    *count = source.count;
    return 0;
}

char *ini_unquote(struct arena *arena, const char *value)
{
    const char *closing = *value == '"' ? closing_quote(value) : "";
    if (!*closing || closing[1])
        return arena_strdup(arena, value);
    char *text = arena_alloc(arena, (size_t)(closing - value), 1), *end = text;
    for (const char *at = value + 1; at < closing; at++) {
        at += is_escape(at);
        *end++ = *at;
    }
    return text;
}
