#include "draw/sparkline.h"

#include <math.h>

#include "base/text.h"

enum { LEVELS = 8, LOWEST_BLOCK = 0x2581, MIDDLE = 3, GAP = 0xB7, BLOCK_BYTES = 3 };

/* The mean of the finite values in column `x` of `columns`; NaN if there is none. */
static double column_mean(const double *values, int count, int x, int columns)
{
    int first = (int)((int64_t)x * count / columns);
    int last = (int)(((int64_t)x + 1) * count / columns);
    double mean = 0;
    int found = 0;
    for (int i = first; i < MAX(last, first + 1); i++) {
        if (!isfinite(values[i]))
            continue;
        found++;
        mean += values[i] / found - mean / found; /* the sum could overflow */
    }
    return found > 0 ? mean : NAN;
}

struct range {
    double low, high;
};

static struct range range_of(const double *values, int count, int columns)
{
    struct range range = { INFINITY, -INFINITY };
    for (int x = 0; x < columns; x++) {
        double mean = column_mean(values, count, x, columns);
        range.low = fmin(range.low, mean); /* fmin and fmax pass over NaN */
        range.high = fmax(range.high, mean);
    }
    return range;
}

static uint32_t column_character(const double *values, int count, int x, int columns,
                                 struct range range)
{
    double mean = column_mean(values, count, x, columns);
    double height = range.high / 2 - range.low / 2; /* half of it: the whole may overflow */
    if (isnan(mean))
        return GAP;
    if (height <= 0)
        return LOWEST_BLOCK + MIDDLE;
    double share = (mean / 2 - range.low / 2) / height;
    return LOWEST_BLOCK + (uint32_t)fmin(share * LEVELS, LEVELS - 1);
}

void sparkline_draw(struct canvas *canvas, struct rect rect, const double *values, int count,
                    struct style style)
{
    if (count <= 0 || rect.width <= 0 || rect.height <= 0)
        return;
    struct range range = range_of(values, count, rect.width);
    for (int x = 0; x < rect.width; x++)
        canvas_put(canvas, rect.x + x, rect.y,
                   column_character(values, count, x, rect.width, range), style);
}

char *sparkline_text(struct arena *arena, const double *values, int count, int columns, bool utf8)
{
    columns = MAX(columns, 0);
    char *text = arena_alloc(arena, (size_t)columns * BLOCK_BYTES + 2, 1), *end = text;
    struct range range = count > 0 ? range_of(values, count, columns) : (struct range){ 0 };
    for (int x = 0; x < columns; x++) {
        uint32_t character = count > 0 ? column_character(values, count, x, columns, range) : ' ';
        char bytes[5];
        int length = text_encode(utf8 ? character : (unsigned char)canvas_ascii(character), bytes);
        for (int i = 0; i < length; i++)
            *end++ = bytes[i];
    }
    *end = '\0';
    return text;
}
