#define _GNU_SOURCE
#include "draw/canvas.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/memory.h"
#include "base/text.h"

enum { ELLIPSIS = 0x2026 };

static const struct cell blank = { .character = ' ' };

void canvas_init(struct canvas *canvas, int width, int height)
{
    *canvas = (struct canvas){ .width = MAX(width, 0), .height = MAX(height, 0) };
    size_t count = (size_t)canvas->width * (size_t)canvas->height;
    canvas->cells = xcalloc(MAX(count, 1), sizeof *canvas->cells);
    for (size_t i = 0; i < count; i++)
        canvas->cells[i] = blank;
}

void canvas_release(struct canvas *canvas)
{
    canvas_clear_pixels(canvas, canvas_bounds(canvas));
    free(canvas->pixels);
    free(canvas->cells);
    *canvas = (struct canvas){ 0 };
}

struct rect canvas_bounds(const struct canvas *canvas)
{
    return (struct rect){ 0, 0, canvas->width, canvas->height };
}

/* NULL outside. */
static struct cell *cell_at(const struct canvas *canvas, int x, int y)
{
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
        return NULL;
    return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

const struct cell *canvas_at(const struct canvas *canvas, int x, int y)
{
    return cell_at(canvas, x, y);
}

struct rect rect_intersect(struct rect a, struct rect b)
{
    /* int64_t: the far edge of a hostile rectangle does not fit an int */
    int64_t left = MAX(a.x, b.x), top = MAX(a.y, b.y);
    int64_t right = MIN((int64_t)a.x + MAX(a.width, 0), (int64_t)b.x + MAX(b.width, 0));
    int64_t bottom = MIN((int64_t)a.y + MAX(a.height, 0), (int64_t)b.y + MAX(b.height, 0));
    if (right <= left || bottom <= top)
        return (struct rect){ (int)left, (int)top, 0, 0 };
    return (struct rect){ (int)left, (int)top, (int)(right - left), (int)(bottom - top) };
}

/* What may be sent to a terminal, and the columns it takes: 0 for combining characters. */
static int make_harmless(uint32_t *character)
{
    bool is_ascii = *character >= ' ' && *character < 0x7F;
    bool is_drawing = *character >= 0x2500 && *character < 0x25A0; /* lines and blocks */
    bool is_braille = *character >= 0x2800 && *character < 0x2900;
    if (is_ascii || is_drawing || is_braille)
        return 1;
    bool moves_text = *character == 0x2028 || *character == 0x2029 ||
                      (*character >= 0x202A && *character <= 0x202E) ||
                      (*character >= 0x2066 && *character <= 0x2069);
    bool is_none = *character < 0xA0 || *character > 0x10FFFF || *character == 0xFFFD ||
                   (*character >= 0xD800 && *character < 0xE000);
    if (is_none || moves_text) {
        *character = '?';
        return 1;
    }
    int columns = wcwidth((wchar_t)*character);
    return columns >= 0 ? columns : 1; /* the "C" locale knows no width */
}

/* `cell`, in column `x`, is about to be overwritten: the other half of a wide character becomes a
 * blank. */
static void break_wide(const struct canvas *canvas, struct cell *cell, int x)
{
    if (x > 0 && cell->character == 0)
        cell[-1].character = ' ';
    if (x + 1 < canvas->width && cell[1].character == 0)
        cell[1].character = ' ';
}

static void put(struct canvas *canvas, int x, int y, uint32_t character, int columns,
                struct style style)
{
    struct cell *cell = cell_at(canvas, x, y);
    if (!cell || columns == 0)
        return;
    bool is_wide = columns == 2 && x + 1 < canvas->width;
    break_wide(canvas, cell, x);
    *cell = (struct cell){ columns == 2 && !is_wide ? ' ' : character, style };
    if (!is_wide)
        return;
    break_wide(canvas, cell + 1, x + 1);
    cell[1] = (struct cell){ 0, style };
}

void canvas_put(struct canvas *canvas, int x, int y, uint32_t character, struct style style)
{
    int columns = make_harmless(&character);
    put(canvas, x, y, character, columns, style);
}

int canvas_text(struct canvas *canvas, struct rect rect, const char *text, struct style style)
{
    if (rect.height <= 0)
        return 0;
    int used = 0;
    while (*text && used < rect.width) {
        uint32_t character = text_next(&text);
        int columns = make_harmless(&character);
        bool is_cut =
            used + columns > rect.width || (used + columns == rect.width && text_columns(text) > 0);
        if (is_cut) {
            put(canvas, rect.x + used, rect.y, ELLIPSIS, 1, style);
            return used + 1;
        }
        put(canvas, rect.x + used, rect.y, character, columns, style);
        used += columns;
    }
    return used;
}

int canvas_printf(struct canvas *canvas, struct rect rect, struct style style, const char *format,
                  ...)
{
    char text[1024]; /* wider than any line on a screen */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return canvas_text(canvas, rect, text, style);
}

void canvas_fill(struct canvas *canvas, struct rect rect, uint32_t character, struct style style)
{
    rect = rect_intersect(rect, canvas_bounds(canvas));
    int step = MAX(make_harmless(&character), 1);
    canvas_clear_pixels(canvas, rect);
    for (int y = rect.y; y < rect.y + rect.height; y++) {
        for (int x = rect.x; x + step <= rect.x + rect.width; x += step)
            put(canvas, x, y, character, step, style);
    }
}

void canvas_restyle(struct canvas *canvas, struct rect rect, struct style style)
{
    rect = rect_intersect(rect, canvas_bounds(canvas));
    for (int y = rect.y; y < rect.y + rect.height; y++)
        for (int x = rect.x; x < rect.x + rect.width; x++) {
            struct style *at = &cell_at(canvas, x, y)->style;
            if (style.attributes & STYLE_REVERSE)
                *at = (struct style){ 0 };
            at->foreground = style.foreground ? style.foreground : at->foreground;
            at->background = style.background ? style.background : at->background;
            at->attributes |= style.attributes;
        }
}

void canvas_frame(struct canvas *canvas, struct rect rect, struct style style)
{
    int right = rect.x + rect.width - 1, bottom = rect.y + rect.height - 1;
    if (rect.width < 2 || rect.height < 2)
        return;
    canvas_fill(canvas, (struct rect){ rect.x, rect.y, rect.width, 1 }, 0x2500, style);
    canvas_fill(canvas, (struct rect){ rect.x, bottom, rect.width, 1 }, 0x2500, style);
    canvas_fill(canvas, (struct rect){ rect.x, rect.y, 1, rect.height }, 0x2502, style);
    canvas_fill(canvas, (struct rect){ right, rect.y, 1, rect.height }, 0x2502, style);
    canvas_put(canvas, rect.x, rect.y, 0x250C, style);
    canvas_put(canvas, right, rect.y, 0x2510, style);
    canvas_put(canvas, rect.x, bottom, 0x2514, style);
    canvas_put(canvas, right, bottom, 0x2518, style);
}

static void copy_pixels(struct canvas *to, int x, int y, const struct canvas *from,
                        struct rect inside)
{
    canvas_clear_pixels(to, (struct rect){ x, y, inside.width, inside.height });
    for (int i = 0; i < from->pixels_count; i++) {
        const struct canvas_pixels *picture = &from->pixels[i];
        struct rect cells = rect_intersect(picture->cells, inside);
        if (cells.width != picture->cells.width || cells.height != picture->cells.height)
            continue;
        cells.x += x - inside.x;
        cells.y += y - inside.y;
        canvas_add_pixels(to, cells, picture->pixels, picture->height, picture->width,
                          picture->is_signed);
    }
}

void canvas_copy(struct canvas *to, int x, int y, const struct canvas *from, struct rect part)
{
    struct rect inside = rect_intersect(part, canvas_bounds(from));
    x += inside.x - part.x;
    y += inside.y - part.y;
    copy_pixels(to, x, y, from, inside);
    for (int row = 0; row < inside.height; row++) {
        for (int column = 0; column < inside.width; column++) {
            const struct cell *cell = cell_at(from, inside.x + column, inside.y + row);
            bool is_wide = column + 1 < inside.width && cell[1].character == 0;
            bool is_half = cell->character == 0 && column == 0;
            bool is_cut = !is_wide && inside.x + column + 1 < from->width && cell[1].character == 0;
            if (cell->character || is_half)
                put(to, x + column, y + row, is_half || is_cut ? ' ' : cell->character, 1 + is_wide,
                    cell->style);
        }
    }
}
