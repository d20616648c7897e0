/* Colours as values, and how they are said to a terminal that has fewer.
 *
 * A colour is 32 bits: 0 is the terminal's own default, the others carry a tag in the top byte. */
#ifndef GANDER_DRAW_COLOUR_H
#define GANDER_DRAW_COLOUR_H

#include "base/base.h"
#include "draw/terminal.h"

enum {
    COLOUR_DEFAULT = 0,
    COLOUR_TAG_ANSI = 1 << 24,
    COLOUR_TAG_FIXED = 2 << 24,
    COLOUR_TAG_RGB = 3 << 24
};

/* One of the 16 that the terminal's theme defines: 0 black, 1 red, 2 green, 3 yellow, 4 blue,
 * 5 magenta, 6 cyan, 7 white, 8 … 15 the bright ones. */
static inline uint32_t colour_ansi(int index)
{
    return (uint32_t)(COLOUR_TAG_ANSI | (index & 15));
}

/* One of the 240 that are the same everywhere: 16 … 231 a 6x6x6 cube, 232 … 255 greys. */
static inline uint32_t colour_fixed(int index)
{
    return (uint32_t)(COLOUR_TAG_FIXED | (index & 255));
}

static inline uint32_t colour_rgb(uint8_t red, uint8_t green, uint8_t blue)
{
    return (uint32_t)(COLOUR_TAG_RGB | red << 16 | green << 8 | blue);
}

static inline uint32_t colour_grey(uint8_t level)
{
    return colour_rgb(level, level, level);
}

/* Rec. 709 luma of an RGB colour, 0 … 255; -1 for the others, which the terminal defines. */
int colour_luma(uint32_t colour);

/* What `colour` becomes at `depth`: itself, or the nearest that is there. */
uint32_t colour_reduce(uint32_t colour, enum colour_depth depth);

enum { COLOUR_SGR_SIZE = 24 };

/* Writes the parameters of SGR that select a colour as foreground or background ("38;5;240", "39");
 * returns their length. */
int colour_sgr(char out[COLOUR_SGR_SIZE], uint32_t colour, bool background);

#endif
