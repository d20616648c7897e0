/* Half blocks and braille: points that characters show as they are. */
#include "picture_parts.h"

enum { UPPER_HALF = 0x2580, BRAILLE_BLANK = 0x2800 };

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

/* The brightest point around (x, y). */
static float local_peak(const struct points *points, int x, int y)
{
    enum { REACH = 2 };
    float peak = 0;
    for (int row = MAX(y - REACH, 0); row <= MIN(y + REACH, points->height - 1); row++)
        for (int column = MAX(x - REACH, 0); column <= MIN(x + REACH, points->width - 1); column++)
            peak = MAX(peak, points->values[(size_t)row * (size_t)points->width + (size_t)column]);
    return peak;
}

/* A dot is set where the picture is at least half as bright as nearby: so thin, faint strokes are
 * drawn whole and bold ones keep their edges. What is faint everywhere is noise. */
static bool has_dot(const struct points *points, int x, int y)
{
    static const float share = 0.5F, floor = 0.25F;
    float value = points->values[(size_t)y * (size_t)points->width + (size_t)x];
    return value >= floor && value >= share * local_peak(points, x, y);
}

static uint32_t braille_of(const struct points *points, int x, int y)
{
    /* Unicode 15, chapter 21.1: dots 1 2 3 7 go down the left column, 4 5 6 8 down the right one */
    static const uint8_t dots[4][2] = { { 1, 8 }, { 2, 16 }, { 4, 32 }, { 64, 128 } };
    uint32_t pattern = 0;
    for (int i = 0; i < 8; i++)
        if (has_dot(points, x + i % 2, y + i / 2))
            pattern |= dots[i / 2][i % 2];
    return pattern ? BRAILLE_BLANK + pattern : ' ';
}

void picture_paint_braille(struct canvas *canvas, int x, int y, const struct points *points)
{
    struct style style = { colour_grey(255), colour_grey(0), 0 };
    for (int row = 0; row < points->height / 4; row++)
        for (int column = 0; column < points->width / 2; column++)
            canvas_put(canvas, x + column, y + row, braille_of(points, 2 * column, 4 * row), style);
}
