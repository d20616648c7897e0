#define _GNU_SOURCE
#include "draw/pixels.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/memory.h"
#include "picture_parts.h"

enum { LARGEST_CELL = 128, LARGEST_SIDE = 1 << 13 };

static int side_of(int cells, int cell)
{
    return (int)MIN((int64_t)cells * MIN(MAX(cell, 1), LARGEST_CELL), LARGEST_SIDE);
}

enum { NOTHING = 128 /* of a signed picture */ };

/* The image as large as `width` x `height` pixels allow, in their middle. */
static struct image fit_image(const struct canvas_pixels *picture, int width, int height)
{
    int64_t by_width = (int64_t)width * picture->height / picture->width;
    int64_t by_height = (int64_t)height * picture->width / picture->height;
    int inner_width = (int)MAX(MIN(by_height, width), 1);
    int inner_height = (int)MAX(MIN(by_width, height), 1);
    size_t count = (size_t)width * (size_t)height;
    size_t corner =
        (size_t)((height - inner_height) / 2) * (size_t)width + (size_t)((width - inner_width) / 2);
    float *points = xcalloc(count, sizeof *points);
    struct image image = { width, height, xmalloc(count) };
    for (size_t i = 0; picture->is_signed && i < count; i++)
        points[i] = NOTHING / 255.0F;
    picture_resample(picture->pixels, picture->height, picture->width, KERNEL_BOX, points + corner,
                     inner_height, inner_width, width);
    for (size_t i = 0; i < count; i++)
        image.pixels[i] = (uint8_t)(points[i] * 255 + 0.5F);
    free(points);
    return image;
}

static FILE *open_output(char **text, size_t *size)
{
    FILE *stream = open_memstream(text, size);
    if (!stream)
        die_out_of_memory(0);
    return stream;
}

/* --- sixel --- */

enum { SIXEL_HIGH = 6, SIXEL_LEVELS = 64, SIXEL_BLANK = '?' };

/* Six rows: for each level the columns' bits, the uppermost row lowest. */
struct band {
    bool is_used[SIXEL_LEVELS];
    uint8_t *bits; /* (SIXEL_LEVELS, width) */
};

static int level_of(uint8_t grey)
{
    return (grey * (SIXEL_LEVELS - 1) + 127) / 255;
}

static int percent_of(int part, int whole)
{
    return (part * 100 + whole / 2) / whole;
}

static void declare_level(FILE *stream, int level, bool is_signed)
{
    uint8_t parts[3];
    int black = level_of(NOTHING), percent = percent_of(level, SIXEL_LEVELS - 1);
    picture_signed_parts((float)(level - black) / (float)(SIXEL_LEVELS - 1 - black), parts);
    if (is_signed)
        fprintf(stream, "#%d;2;%d;%d;%d", level, percent_of(parts[0], 255),
                percent_of(parts[1], 255), percent_of(parts[2], 255));
    else
        fprintf(stream, "#%d;2;%d;%d;%d", level, percent, percent, percent);
}

static void declare_levels(FILE *stream, const struct image *image, bool is_signed)
{
    bool is_used[SIXEL_LEVELS] = { false };
    for (size_t i = 0; i < (size_t)image->width * (size_t)image->height; i++)
        is_used[level_of(image->pixels[i])] = true;
    for (int level = 0; level < SIXEL_LEVELS; level++)
        if (is_used[level])
            declare_level(stream, level, is_signed);
}

static void fill_band(struct band *band, const struct image *image, int top)
{
    size_t width = (size_t)image->width;
    memset(band->is_used, 0, sizeof band->is_used);
    memset(band->bits, 0, SIXEL_LEVELS * width);
    for (int row = 0; row < MIN(SIXEL_HIGH, image->height - top); row++) {
        const uint8_t *pixels = image->pixels + (size_t)(top + row) * width;
        for (size_t x = 0; x < width; x++) {
            int level = level_of(pixels[x]);
            band->is_used[level] = true;
            band->bits[(size_t)level * width + x] |= (uint8_t)(1 << row);
        }
    }
}

static void put_number(FILE *stream, int number)
{
    if (number >= 10)
        put_number(stream, number / 10);
    putc_unlocked('0' + number % 10, stream);
}

static void put_run(FILE *stream, int character, int length)
{
    enum { SHORTEST_CODED = 4 };
    if (length >= SHORTEST_CODED) {
        putc_unlocked('!', stream);
        put_number(stream, length);
        length = 1;
    }
    for (; length > 0; length--)
        putc_unlocked(character, stream);
}

/* One level of a band as runs; what is blank at its end is left out. */
static void put_level(FILE *stream, const uint8_t *bits, int width)
{
    while (width > 0 && bits[width - 1] == 0)
        width--;
    for (int x = 0, end; x < width; x = end) {
        for (end = x + 1; end < width && bits[end] == bits[x];)
            end++;
        put_run(stream, SIXEL_BLANK + bits[x], end - x);
    }
}

static void put_band(FILE *stream, const struct band *band, int width)
{
    bool is_first = true;
    for (int level = 0; level < SIXEL_LEVELS; level++) {
        if (!band->is_used[level])
            continue;
        if (!is_first)
            putc_unlocked('$', stream);
        putc_unlocked('#', stream);
        put_number(stream, level);
        put_level(stream, band->bits + (size_t)level * (size_t)width, width);
        is_first = false;
    }
}

char *pixels_sixel(const struct canvas_pixels *picture, int cell_width, int cell_height,
                   size_t *size)
{
    int width = side_of(picture->cells.width, cell_width);
    int height = side_of(picture->cells.height, cell_height);
    if (height > SIXEL_HIGH)
        height -= height % SIXEL_HIGH;
    struct image image = fit_image(picture, width, height);
    struct band band = { .bits = xcalloc(SIXEL_LEVELS, (size_t)width) };
    char *text = NULL;
    FILE *stream = open_output(&text, size);
    fprintf(stream, "\033P0;1;0q\"1;1;%d;%d", width, height);
    declare_levels(stream, &image, picture->is_signed);
    for (int top = 0; top < height; top += SIXEL_HIGH) {
        fill_band(&band, &image, top);
        if (top > 0)
            putc_unlocked('-', stream);
        put_band(stream, &band, width);
    }
    fputs("\033\\", stream);
    fclose(stream);
    free(band.bits);
    image_release(&image);
    return text;
}

/* --- the Kitty graphics protocol --- */

static void put_base64(FILE *stream, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        putc_unlocked(digits[group >> 18], stream);
        putc_unlocked(digits[group >> 12 & 63], stream);
        putc_unlocked(left > 1 ? digits[group >> 6 & 63] : '=', stream);
        putc_unlocked(left > 2 ? digits[group & 63] : '=', stream);
    }
}

/* In pieces of 4096 characters, as the protocol demands; the keys stand in the first one. */
static void put_pieces(FILE *stream, const char *keys, const uint8_t *bytes, size_t count)
{
    enum { PIECE = 4096 / 4 * 3 };
    for (size_t i = 0; i < count; i += PIECE) {
        size_t length = MIN(count - i, (size_t)PIECE);
        fprintf(stream, "\033_G%sq=2,m=%d;", i == 0 ? keys : "", i + length < count);
        put_base64(stream, bytes + i, length);
        fputs("\033\\", stream);
    }
}

static void fill_palette(uint8_t palette[256][3])
{
    for (int i = 0; i < 256; i++)
        picture_signed_parts((float)(i - NOTHING) / (255 - NOTHING), palette[i]);
}

char *pixels_kitty(const struct canvas_pixels *picture, int cell_width, int cell_height,
                   uint32_t id, size_t *size)
{
    char keys[96], *text = NULL;
    uint8_t *png = NULL, palette[256][3];
    size_t png_size = 0;
    struct image image = fit_image(picture, side_of(picture->cells.width, cell_width),
                                   side_of(picture->cells.height, cell_height));
    FILE *stream = open_output(&text, size);
    fill_palette(palette);
    int error = image_encode_png(&image, picture->is_signed ? palette[0] : NULL, &png, &png_size);
    snprintf(keys, sizeof keys, "a=T,f=100,i=%" PRIu32 ",p=1,c=%d,r=%d,C=1,", id,
             picture->cells.width, picture->cells.height);
    put_pieces(stream, keys, png, error ? 0 : png_size);
    fclose(stream);
    free(png);
    image_release(&image);
    return text;
}

char *pixels_kitty_delete(uint32_t id)
{
    return xasprintf("\033_Ga=d,d=I,i=%" PRIu32 ",q=2\033\\", id);
}
