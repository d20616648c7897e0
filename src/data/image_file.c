#include "data/image_file.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "base/memory.h"
#include "data/idx.h"
#include "data/resize.h"

enum { GROUND = 128, INK_SHARE = 4 /* a quarter of the lightest pixel is ink */ };

static int read_png(struct image_pile *out, const char *data, size_t size, const char *path)
{
    struct image image;
    int code = image_decode_png(&image, data, size, IMAGE_FILE_SIDE, path);
    if (code == 0)
        *out = (struct image_pile){ 1, image.height, image.width, image.pixels };
    return code;
}

static int read_idx(struct image_pile *out, const char *data, size_t size, const char *path)
{
    struct idx idx;
    int code = idx_parse(&idx, data, size, 3, path);
    if (code == 0)
        *out = (struct image_pile){ idx.count, idx.height, idx.width, idx.bytes };
    return code;
}

static bool begins_with(const char *data, size_t size, const char *bytes, size_t count)
{
    return size >= count && memcmp(data, bytes, count) == 0;
}

int image_file_read(struct image_pile *out, const char *path)
{
    static const char png[] = "\x89PNG", gzip[] = "\x1f\x8b", idx[] = "\0\0";
    char *data;
    size_t size;
    int code = file_read(path, INT_MAX, &data, &size);
    if (code < 0)
        return code;
    if (begins_with(data, size, png, 4))
        code = read_png(out, data, size, path);
    else if (begins_with(data, size, gzip, 2) || begins_with(data, size, idx, 2))
        code = read_idx(out, data, size, path);
    else
        code = fail(ERR_INVALID, "'%s' is neither a PNG nor an IDX file", path);
    free(data);
    return code;
}

void image_pile_release(struct image_pile *pile)
{
    free(pile->pixels);
    *pile = (struct image_pile){ 0 };
}

static bool is_dark_on_light(const uint8_t *pixels, int height, int width)
{
    int64_t sum = 0, count = 0;
    for (int i = 0; i < height * width; i++) {
        int y = i / width, x = i % width;
        if (y == 0 || y == height - 1 || x == 0 || x == width - 1) {
            sum += pixels[i];
            count++;
        }
    }
    return sum >= GROUND * count;
}

void image_pile_lighten(struct image_pile *pile)
{
    size_t area = (size_t)pile->height * (size_t)pile->width;
    for (int i = 0; i < pile->count; i++) {
        uint8_t *pixels = pile->pixels + (size_t)i * area;
        if (is_dark_on_light(pixels, pile->height, pile->width))
            for (size_t k = 0; k < area; k++)
                pixels[k] = (uint8_t)(UINT8_MAX - pixels[k]);
    }
}

struct box { /* rows [top, bottom), columns [left, right) */
    int top, bottom, left, right;
};

/* What holds all ink; empty (bottom 0) where there is none. */
static struct box find_ink(const uint8_t *pixels, int height, int width)
{
    struct box box = { height, 0, width, 0 };
    int lightest = 0;
    for (int i = 0; i < height * width; i++)
        lightest = MAX(lightest, pixels[i]);
    for (int i = 0; i < height * width && lightest > 0; i++)
        if (pixels[i] * INK_SHARE >= lightest) {
            box.top = MIN(box.top, i / width);
            box.bottom = i / width + 1;
            box.left = MIN(box.left, i % width);
            box.right = MAX(box.right, i % width + 1);
        }
    return box;
}

static float *cut_out(const uint8_t *pixels, int width, struct box box)
{
    int rows = box.bottom - box.top, columns = box.right - box.left;
    float *cut = xcalloc((size_t)rows * (size_t)columns, sizeof *cut);
    for (int i = 0; i < rows * columns; i++)
        cut[i] = pixels[(box.top + i / columns) * width + box.left + i % columns];
    return cut;
}

/* Where an image of `count` values a side must begin so that its centre of mass is in the middle of
 * `side`, and it does not reach over an edge. */
static int place_mass(const float *image, int rows, int columns, bool down, int side)
{
    double mass = 0, moment = 0;
    for (int i = 0; i < rows * columns; i++) {
        mass += (double)image[i];
        moment += (double)image[i] * ((down ? i / columns : i % columns) + 0.5);
    }
    int begin = (int)floor((double)side / 2 - moment / mass + 0.5);
    return MAX(MIN(begin, side - (down ? rows : columns)), 0);
}

static void put_down(const float *image, int rows, int columns, uint8_t *to, int height, int width)
{
    int top = place_mass(image, rows, columns, true, height);
    int left = place_mass(image, rows, columns, false, width);
    for (int i = 0; i < rows * columns; i++)
        to[(top + i / columns) * width + left + i % columns] =
            (uint8_t)lrintf(fmaxf(0, fminf(UINT8_MAX, image[i])));
}

void image_lay_out(const uint8_t *from, int from_height, int from_width, uint8_t *to, int height,
                   int width)
{
    size_t area = (size_t)height * (size_t)width;
    if (from_height == height && from_width == width) {
        memcpy(to, from, area);
        return;
    }
    memset(to, 0, area);
    struct box box = find_ink(from, from_height, from_width);
    if (box.bottom == 0)
        return;
    int rows = box.bottom - box.top, columns = box.right - box.left;
    double scale = fmin(20.0 / 28 * height / rows, 20.0 / 28 * width / columns);
    int new_rows = MAX((int)lrint(rows * scale), 1),
        new_columns = MAX((int)lrint(columns * scale), 1);
    float *cut = cut_out(from, from_width, box);
    float *laid = xcalloc((size_t)new_rows * (size_t)new_columns, sizeof *laid);
    resize_image(RESIZE_BILINEAR, cut, rows, columns, laid, new_rows, new_columns);
    put_down(laid, new_rows, new_columns, to, height, width);
    free(laid);
    free(cut);
}

bool image_file_is_idx(const char *path)
{
    static const char *const endings[] = { "ubyte", ".idx" };
    size_t length = strlen(path);
    for (int i = 0; i < ARRAY_SIZE(endings); i++) {
        size_t tail = strlen(endings[i]);
        if (length >= tail && strcmp(path + length - tail, endings[i]) == 0)
            return true;
    }
    return false;
}

static void put_number(uint8_t *to, int number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (24 - 8 * i));
}

int image_file_write_idx(const char *path, const uint8_t *bytes, int count, int height, int width)
{
    int dimensions = height > 0 ? 3 : 1;
    const int sizes[] = { count, height, width };
    size_t header = 4 + 4 * (size_t)dimensions, size = (size_t)count;
    for (int i = 1; i < dimensions; i++)
        size *= (size_t)sizes[i];
    uint8_t *file = xcalloc(header + size, 1);
    file[2] = 8; /* bytes */
    file[3] = (uint8_t)dimensions;
    for (int i = 0; i < dimensions; i++)
        put_number(file + 4 + 4 * i, sizes[i]);
    memcpy(file + header, bytes, size);
    int code = file_replace(path, file, header + size);
    free(file);
    return code;
}
