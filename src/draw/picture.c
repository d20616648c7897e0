#include "draw/picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "picture_parts.h"

static const char *const mode_names[] = { "auto", "ascii", "half", "sextant", "braille", NULL };

static const struct {
    int units; /* see picture_fit */
    int across,
        down; /* points of a cell; as large as units, but for sextants, which are not square */
    enum picture_kernel kernel;
    void (*paint)(struct canvas *canvas, int x, int y, const struct points *points);
} modes[] = {
    [PICTURE_ASCII] = { 4, ASCII_ACROSS, ASCII_DOWN, KERNEL_SMOOTH, picture_paint_ascii },
    [PICTURE_HALF] = { 1, HALF_ACROSS, HALF_DOWN, KERNEL_CONTRAST, picture_paint_half },
    [PICTURE_SEXTANT] = { 6, SEXTANT_ACROSS, SEXTANT_DOWN, KERNEL_CONTRAST, picture_paint_sextant },
    [PICTURE_BRAILLE] = { 2, BRAILLE_ACROSS, BRAILLE_DOWN, KERNEL_CONTRAST, picture_paint_braille },
    [PICTURE_PIXELS] = { .units = 8 },
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
    return fail(ERR_INVALID,
                "unknown picture mode '%.40s' (there are auto, ascii, half, sextant, braille)",
                word);
}

const char *const *picture_mode_names(void)
{
    return mode_names;
}

const char *picture_mode_name(enum picture_mode mode)
{
    return mode == PICTURE_PIXELS ? "pixels" : mode_names[mode];
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

int picture_units(enum picture_mode mode)
{
    return modes[mode].units;
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

struct picture_size picture_fit(int height, int width, int units, int columns, int rows)
{
    int down = 2 * units, most_height = rows * down;
    if (columns <= 0 || rows < 0 || height <= 0 || width <= 0)
        return (struct picture_size){ 0 };
    struct picture_size size = { .width = columns * units };
    size.height = scale(size.width, height, width);
    if (rows > 0 && size.height > most_height) {
        size.height = most_height;
        size.width = MIN(scale(size.height, width, height), size.width);
    }
    size.columns = ceil_divide(size.width, units);
    size.rows = ceil_divide(size.height, down);
    return size;
}

struct points picture_points(const struct picture_size *size, const uint8_t *pixels, int height,
                             int width, enum picture_mode mode)
{
    int units = modes[mode].units, across = modes[mode].across, down = modes[mode].down;
    int out_width = scale(size->width, across, units);
    int out_height = scale(size->height, down, 2 * units);
    struct points points = { size->columns * across, size->rows * down, NULL };
    points.values = xcalloc((size_t)points.width * (size_t)points.height, sizeof(float));
    int left = (points.width - out_width) / 2, top = (points.height - out_height) / 2;
    picture_resample(pixels, height, width, modes[mode].kernel,
                     points.values + (size_t)top * (size_t)points.width + (size_t)left, out_height,
                     out_width, points.width);
    return points;
}

struct rect picture_place(struct rect rect, const struct picture_size *size)
{
    return (struct rect){ rect.x + (rect.width - size->columns) / 2,
                          rect.y + (rect.height - size->rows) / 2, size->columns, size->rows };
}

void picture_add_pixels(struct canvas *canvas, struct rect cells, const uint8_t *pixels, int height,
                        int width, bool is_signed)
{
    static const struct style black = { COLOUR_TAG_RGB, COLOUR_TAG_RGB, 0 };
    canvas_fill(canvas, cells, ' ', black);
    canvas_add_pixels(canvas, cells, pixels, height, width, is_signed);
}

void picture_draw(struct canvas *canvas, struct rect rect, const uint8_t *pixels, int height,
                  int width, enum picture_mode mode)
{
    if (rect.height <= 0)
        return;
    struct picture_size size =
        picture_fit(height, width, modes[mode].units, rect.width, rect.height);
    if (size.columns == 0)
        return;
    struct rect cells = picture_place(rect, &size);
    if (mode == PICTURE_PIXELS) {
        picture_add_pixels(canvas, cells, pixels, height, width, false);
        return;
    }
    struct points points = picture_points(&size, pixels, height, width, mode);
    modes[mode].paint(canvas, cells.x, cells.y, &points);
    free(points.values);
}
