/* Differences of pictures, in a palette that does not need red and green told apart. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "picture_parts.h"

enum { UPPER_HALF = 0x2580, DOWN = 2 };

void picture_difference(const uint8_t *a, const uint8_t *b, size_t count, int16_t *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (int16_t)(a[i] - b[i]);
}

static void mix(const float from[3], const float to[3], float share, uint8_t parts[3])
{
    for (int i = 0; i < 3; i++)
        parts[i] = (uint8_t)(from[i] + (to[i] - from[i]) * share + 0.5F);
}

/* Black at 0. What is faint soon gets a colour that 256 colours can tell from grey. */
void picture_signed_parts(float difference, uint8_t parts[3])
{
    static const float black[3], faint = 0.06F;
    static const float above[2][3] = { { 120, 60, 0 }, { 255, 170, 40 } };
    static const float below[2][3] = { { 0, 40, 140 }, { 100, 180, 255 } };
    const float(*ends)[3] = difference > 0 ? above : below;
    float size = fminf(fabsf(difference), 1);
    if (size < faint)
        mix(black, ends[0], size / faint, parts);
    else
        mix(ends[0], ends[1], (size - faint) / (1 - faint), parts);
}

static uint32_t colour_of(float difference)
{
    uint8_t parts[3];
    picture_signed_parts(difference, parts);
    return colour_rgb(parts[0], parts[1], parts[2]);
}

static uint32_t character_of(float difference)
{
    static const float least = 0.08F, strong = 0.4F;
    float size = fabsf(difference);
    if (size < least)
        return ' ';
    if (difference > 0)
        return size < strong ? '+' : '#';
    return size < strong ? '-' : '=';
}

/* One sign of the differences, as points. */
static struct points points_of(const struct picture_size *size, const int16_t *difference,
                               int height, int width, int sign)
{
    size_t count = (size_t)height * (size_t)width;
    uint8_t *part = xmalloc(count);
    for (size_t i = 0; i < count; i++)
        part[i] = (uint8_t)MIN(MAX(sign * difference[i], 0), 255);
    struct points points = picture_points(size, part, height, width, PICTURE_HALF);
    free(part);
    return points;
}

static void paint_cell(struct canvas *canvas, int x, int y, float top, float bottom, bool is_text)
{
    struct style style = { colour_of(top), colour_of(bottom), 0 };
    float mean = (top + bottom) / 2;
    if (is_text)
        style = (struct style){ colour_of(mean > 0 ? 1 : -1), colour_grey(0), 0 };
    canvas_put(canvas, x, y, is_text ? character_of(mean) : UPPER_HALF, style);
}

/* Half of each difference, around 128. */
static void add_pixels(struct canvas *canvas, struct rect rect, const int16_t *difference,
                       int height, int width)
{
    size_t count = (size_t)height * (size_t)width;
    struct picture_size size =
        picture_fit(height, width, picture_units(PICTURE_PIXELS), rect.width, rect.height);
    if (size.columns == 0)
        return;
    uint8_t *pixels = xmalloc(count);
    for (size_t i = 0; i < count; i++)
        pixels[i] = (uint8_t)(128 + difference[i] / 2);
    picture_add_pixels(canvas, picture_place(rect, &size), pixels, height, width, true);
    free(pixels);
}

static void paint(struct canvas *canvas, struct rect rect, const int16_t *difference, int height,
                  int width, bool is_text)
{
    struct picture_size size = picture_fit(height, width, HALF_ACROSS, rect.width, rect.height);
    if (size.columns == 0)
        return;
    struct rect cells = picture_place(rect, &size);
    struct points above = points_of(&size, difference, height, width, 1);
    struct points below = points_of(&size, difference, height, width, -1);
    for (int i = 0; i < above.width * above.height; i++)
        above.values[i] -= below.values[i];
    for (int i = 0; i < size.columns * size.rows; i++) {
        int x = i % size.columns, y = i / size.columns;
        size_t stride = (size_t)above.width, top = (size_t)(DOWN * y) * stride + (size_t)x;
        paint_cell(canvas, cells.x + x, cells.y + y, above.values[top], above.values[top + stride],
                   is_text);
    }
    free(above.values);
    free(below.values);
}

void picture_draw_signed(struct canvas *canvas, struct rect rect, const int16_t *difference,
                         int height, int width, enum picture_mode mode)
{
    if (rect.height <= 0)
        return;
    if (mode == PICTURE_PIXELS)
        add_pixels(canvas, rect, difference, height, width);
    else
        paint(canvas, rect, difference, height, width,
              mode == PICTURE_ASCII || mode == PICTURE_BRAILLE);
}
