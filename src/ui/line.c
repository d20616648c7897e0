#define _GNU_SOURCE
#include "line.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static int before(const struct line *line, int at)
{
    while (at > 0)
        if (!is_inside_character(line->text[--at]))
            break;
    return at;
}

static int after(const struct line *line, int at)
{
    do
        at++;
    while (at < line->length && is_inside_character(line->text[at]));
    return MIN(at, line->length);
}

static void cut(struct line *line, int from, int to)
{
    memmove(line->text + from, line->text + to, (size_t)(line->length - to) + 1);
    line->length -= to - from;
    line->cursor = from;
}

static void put(struct line *line, const char *bytes, int count)
{
    if (line->length + count > LINE_LIMIT)
        return;
    memmove(line->text + line->cursor + count, line->text + line->cursor,
            (size_t)(line->length - line->cursor) + 1);
    memcpy(line->text + line->cursor, bytes, (size_t)count);
    line->length += count;
    line->cursor += count;
}

void line_set(struct line *line, const char *text)
{
    line->length = line->cursor = 0;
    line->text[0] = '\0';
    line_insert(line, text);
}

void line_insert(struct line *line, const char *text)
{
    uint32_t character;
    char encoded[5];
    while ((character = text_next(&text)) != 0) {
        int length = text_encode(text_is_control(character) ? ' ' : character, encoded);
        put(line, encoded, length);
    }
}

void line_replace(struct line *line, int from, const char *text)
{
    cut(line, from, line->cursor);
    line_insert(line, text);
}

static int word_before(const struct line *line)
{
    int at = line->cursor;
    while (at > 0 && line->text[at - 1] == ' ')
        at--;
    while (at > 0 && line->text[at - 1] != ' ')
        at--;
    return at;
}

static bool edit(struct line *line, uint32_t key)
{
    enum { A = 1, B = 2, D = 4, E = 5, F = 6, K = 11, U = 21, W = 23 };
    switch (key) {
    case KEY_RUBOUT:
        cut(line, before(line, line->cursor), line->cursor);
        return true;
    case KEY_DELETE:
    case D:
        if (line->cursor < line->length)
            cut(line, line->cursor, after(line, line->cursor));
        return true;
    case KEY_ARROW_LEFT:
    case B:
        line->cursor = before(line, line->cursor);
        return true;
    case KEY_ARROW_RIGHT:
    case F:
        line->cursor = after(line, line->cursor);
        return true;
    case KEY_TO_HOME:
    case A:
        line->cursor = 0;
        return true;
    case KEY_TO_END:
    case E:
        line->cursor = line->length;
        return true;
    case W:
        cut(line, word_before(line), line->cursor);
        return true;
    case U:
        cut(line, 0, line->cursor);
        return true;
    case K:
        line->text[line->length = line->cursor] = '\0';
        return true;
    default:
        return false;
    }
}

bool line_input(struct line *line, const struct input *input)
{
    char encoded[5];
    if (input->kind == INPUT_PASTE) {
        line_insert(line, input->text);
        return true;
    }
    if (input->kind != INPUT_KEY)
        return false;
    if (edit(line, input->key))
        return true;
    if (input->key < ' ' || input->key >= KEY_NAMED || text_is_control(input->key))
        return false;
    put(line, encoded, text_encode(input->key, encoded));
    return true;
}

void line_draw(const struct line *line, struct canvas *canvas, struct rect rect, struct style style,
               bool has_cursor)
{
    struct arena arena = { 0 };
    const char *ahead = arena_strndup(&arena, line->text, (size_t)line->cursor);
    int column = text_columns(ahead), skipped = 0;
    const char *text = line->text;
    canvas_fill(canvas, (struct rect){ rect.x, rect.y, rect.width, 1 }, ' ', style);
    while (column - skipped >= rect.width && *text) {
        const char *next = text;
        text_next(&next);
        skipped += MAX(text_columns(arena_strndup(&arena, text, (size_t)(next - text))), 0);
        text = next;
    }
    canvas_text(canvas, rect, text, style);
    if (has_cursor && rect.width > 0) {
        const struct cell *cell = canvas_at(canvas, rect.x + column - skipped, rect.y);
        struct style cursor = style;
        cursor.attributes ^= STYLE_REVERSE;
        canvas_put(canvas, rect.x + column - skipped, rect.y,
                   cell && cell->character ? cell->character : ' ', cursor);
    }
    arena_release(&arena);
}
