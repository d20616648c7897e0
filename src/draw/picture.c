#include "draw/picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "picture_parts.h"

enum { UPPER_HALF = 0x2580, BRAILLE_BLANK = 0x2800 };

static const char *const mode_names[] = { "auto", "ascii", "half", "braille", NULL };

static const struct {
    int across; /* points a cell is wide */
    void (*paint)(struct canvas *canvas, int x, int y, const struct points *points);
} modes[] = {
    [PICTURE_ASCII] = { ASCII_ACROSS, picture_paint_ascii },
    [PICTURE_HALF] = { HALF_ACROSS, picture_paint_half },
    [PICTURE_BRAILLE] = { BRAILLE_ACROSS, picture_paint_braille },
};

int picture_mode_parse(enum picture_mode *out, const char *word)
{
    int count = ARRAY_SIZE(mode_names) - 1;
    for (int i = 0; i < count; i++) {
        if (strcmp(word, mode_names[i]) != 0)
            continue;
        *out = (enum picture_mode)i;
        return 0;
    }
    const char *nearest = text_nearest(word, mode_names, count, sizeof *mode_names);
    if (nearest)
        return fail(ERR_INVALID, "unknown picture mode '%.40s' (did you mean '%s'?)", word,
                    nearest);
    return fail(ERR_INVALID, "unknown picture mode '%.40s' (there are auto, ascii, half, braille)",
                word);
}

const char *const *picture_mode_names(void)
{
    return mode_names;
}

enum picture_mode picture_mode_for(const struct terminal *terminal)
{
    if (terminal->utf8 && terminal->colours >= COLOUR_256)
        return PICTURE_HALF;
    return terminal->is_terminal && terminal->braille ? PICTURE_BRAILLE : PICTURE_ASCII;
}

enum picture_mode picture_mode_best(FILE *stream)
{
    struct terminal terminal;
    terminal_probe(&terminal, stream);
    return picture_mode_for(&terminal);
}

int picture_across(int mode)
{
    return modes[mode].across;
}

static int ceil_divide(int a, int b)
{
    return (a + b - 1) / b;
}

/* a * b / c, rounded, at least 1. */
static int scale(int a, int b, int c)
{
    return MAX((int)(((int64_t)a * b + c / 2) / c), 1);
}

struct picture_size picture_fit(int height, int width, int across, int columns, int rows)
{
    int down = 2 * across, most_height = rows * down;
    if (columns <= 0 || rows < 0 || height <= 0 || width <= 0)
        return (struct picture_size){ 0 };
    struct picture_size size = { .width = columns * across };
    size.height = scale(size.width, height, width);
    if (rows > 0 && size.height > most_height) {
        size.height = most_height;
        size.width = MIN(scale(size.height, width, height), size.width);
    }
    size.columns = ceil_divide(size.width, across);
    size.rows = ceil_divide(size.height, down);
    return size;
}

void picture_draw(struct canvas *canvas, struct rect rect, const uint8_t *pixels, int height,
                  int width, enum picture_mode mode)
{
    int across = modes[mode].across;
    if (rect.height <= 0)
        return;
    struct picture_size size = picture_fit(height, width, across, rect.width, rect.height);
    if (size.columns == 0)
        return;
    struct points points = { size.columns * across, size.rows * 2 * across, NULL };
    points.values = xcalloc((size_t)points.width * (size_t)points.height, sizeof(float));
    int left = (points.width - size.width) / 2, top = (points.height - size.height) / 2;
    picture_resample(pixels, height, width,
                     points.values + (size_t)top * (size_t)points.width + (size_t)left, size.height,
                     size.width, points.width);
    modes[mode].paint(canvas, rect.x + (rect.width - size.columns) / 2,
                      rect.y + (rect.height - size.rows) / 2, &points);
    free(points.values);
}

static uint8_t grey_of(float brightness)
{
    return (uint8_t)(brightness * 255 + 0.5F);
}

void picture_paint_half(struct canvas *canvas, int x, int y, const struct points *points)
{
    for (int row = 0; row < points->height / 2; row++) {
        const float *top = points->values + (size_t)(2 * row) * (size_t)points->width;
        const float *bottom = top + points->width;
        for (int column = 0; column < points->width; column++) {
            struct style style = { colour_grey(grey_of(top[column])),
                                   colour_grey(grey_of(bottom[column])), 0 };
            canvas_put(canvas, x + column, y + row, UPPER_HALF, style);
        }
    }
}

static uint32_t braille_of(const float *corner, int stride)
{
    /* Unicode 15, chapter 21.1: dots 1 2 3 7 go down the left column, 4 5 6 8 down the right one */
    static const uint8_t dots[4][2] = { { 1, 8 }, { 2, 16 }, { 4, 32 }, { 64, 128 } };
    uint32_t pattern = 0;
    for (int i = 0; i < 8; i++)
        if (corner[(size_t)(i / 2) * (size_t)stride + (size_t)(i % 2)] >= 0.5F)
            pattern |= dots[i / 2][i % 2];
    return BRAILLE_BLANK + pattern;
}

void picture_paint_braille(struct canvas *canvas, int x, int y, const struct points *points)
{
    struct style style = { colour_grey(255), colour_grey(0), 0 };
    for (int row = 0; row < points->height / 4; row++) {
        for (int column = 0; column < points->width / 2; column++) {
            const float *corner =
                points->values + (size_t)(4 * row) * (size_t)points->width + (size_t)(2 * column);
            canvas_put(canvas, x + column, y + row, braille_of(corner, points->width), style);
        }
    }
}
