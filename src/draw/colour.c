#include "draw/colour.h"

#include <stdio.h>

struct rgb {
    int red, green, blue;
};

static struct rgb parts_of(uint32_t colour)
{
    return (struct rgb){ (colour >> 16) & 255, (colour >> 8) & 255, colour & 255 };
}

static int luma_of(struct rgb c)
{
    return (2126 * c.red + 7152 * c.green + 722 * c.blue + 5000) / 10000;
}

int colour_luma(uint32_t colour)
{
    return colour >> 24 == COLOUR_TAG_RGB >> 24 ? luma_of(parts_of(colour)) : -1;
}

static int distance(struct rgb a, struct rgb b)
{
    int red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;
    return 3 * red * red + 6 * green * green + blue * blue;
}

/* The cube's steps are 0, 95, 135, 175, 215, 255. */
static int cube_step(int level)
{
    return level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40;
}

static int cube_level(int step)
{
    return step == 0 ? 0 : 55 + 40 * step;
}

static uint32_t nearest_fixed(struct rgb c)
{
    int red = cube_step(c.red), green = cube_step(c.green), blue = cube_step(c.blue);
    struct rgb cube = { cube_level(red), cube_level(green), cube_level(blue) };
    int ramp = MIN(MAX((luma_of(c) - 3) / 10, 0), 23), level = 8 + 10 * ramp;
    struct rgb grey = { level, level, level };
    if (distance(c, grey) < distance(c, cube))
        return colour_fixed(232 + ramp);
    return colour_fixed(16 + 36 * red + 6 * green + blue);
}

static uint32_t nearest_ansi(struct rgb c)
{
    static const struct rgb palette[] = {
        { 0, 0, 0 },     { 170, 0, 0 },    { 0, 170, 0 },    { 170, 85, 0 },
        { 0, 0, 170 },   { 170, 0, 170 },  { 0, 170, 170 },  { 170, 170, 170 },
        { 85, 85, 85 },  { 255, 85, 85 },  { 85, 255, 85 },  { 255, 255, 85 },
        { 85, 85, 255 }, { 255, 85, 255 }, { 85, 255, 255 }, { 255, 255, 255 },
    };
    int best = 0;
    for (int i = 1; i < ARRAY_SIZE(palette); i++)
        if (distance(c, palette[i]) < distance(c, palette[best]))
            best = i;
    return colour_ansi(best);
}

uint32_t colour_reduce(uint32_t colour, enum colour_depth depth)
{
    bool is_rgb = colour >> 24 == COLOUR_TAG_RGB >> 24;
    if (depth == COLOUR_NONE)
        return COLOUR_DEFAULT;
    if (!is_rgb || depth == COLOUR_TRUE)
        return colour;
    return depth == COLOUR_256 ? nearest_fixed(parts_of(colour)) : nearest_ansi(parts_of(colour));
}

int colour_sgr(char out[COLOUR_SGR_SIZE], uint32_t colour, bool background)
{
    struct rgb c = parts_of(colour);
    int shift = background ? 10 : 0, index = c.blue;
    switch (colour >> 24 << 24) {
    case COLOUR_TAG_ANSI:
        return snprintf(out, COLOUR_SGR_SIZE, "%d", shift + (index < 8 ? 30 : 82) + index);
    case COLOUR_TAG_FIXED:
        return snprintf(out, COLOUR_SGR_SIZE, "%d;5;%d", 38 + shift, index);
    case COLOUR_TAG_RGB:
        return snprintf(out, COLOUR_SGR_SIZE, "%d;2;%d;%d;%d", 38 + shift, c.red, c.green, c.blue);
    default:
        return snprintf(out, COLOUR_SGR_SIZE, "%d", 39 + shift);
    }
}
