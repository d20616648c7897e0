#include "data/given.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "data/idx.h"

enum { MIDDLE = 128, MEDIAN = 50, QUARTILE = 25 /* percent */, MOST_LOOKED_AT = 500 /* images */ };

/* --- what images look like --- */

/* The value that so many percent of the pixels on the edges of images (count, height, width) do not
 * exceed. */
static int edge_value(const uint8_t *pixels, int count, int height, int width, int percent)
{
    int64_t histogram[256] = { 0 }, total = 0, below = 0;
    for (int i = 0; i < count; i++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                size_t at = ((size_t)i * (size_t)height + (size_t)y) * (size_t)width + (size_t)x;
                if (y > 0 && y < height - 1 && x > 0 && x < width - 1)
                    continue;
                histogram[pixels[at]]++;
                total++;
            }
    int value = 0;
    while (value < 255 && (below += histogram[value]) * 100 < total * percent)
        value++;
    return value;
}

/* Three quarters of the edges are light: they are of paper, not of ink that reaches over them, or
 * noise. */
static bool is_dark_on_light(const uint8_t *pixels, int count, int height, int width)
{
    return edge_value(pixels, count, height, width, QUARTILE) >= MIDDLE;
}

struct box {
    int top, left, height, width; /* height 0: there is no ink */
};

/* Around pixels that are at least half as bright as the brightest. */
static struct box box_of(const uint8_t *pixels, int height, int width)
{
    int peak = 0, bottom = -1, right = -1;
    struct box box = { .top = height, .left = width };
    for (size_t i = 0; i < (size_t)height * (size_t)width; i++)
        peak = MAX(peak, pixels[i]);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            if (peak == 0 || 2 * pixels[(size_t)y * (size_t)width + (size_t)x] < peak)
                continue;
            box.top = MIN(box.top, y);
            box.left = MIN(box.left, x);
            bottom = MAX(bottom, y);
            right = MAX(right, x);
        }
    box.height = bottom < 0 ? 0 : bottom - box.top + 1;
    box.width = bottom < 0 ? 0 : right - box.left + 1;
    return box;
}

static void invert(uint8_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pixels[i] = (uint8_t)(255 - pixels[i]);
}

/* What stands out of the background. */
static uint8_t *standing_out(const uint8_t *pixels, int height, int width)
{
    int background = edge_value(pixels, 1, height, width, MEDIAN);
    size_t area = (size_t)height * (size_t)width;
    uint8_t *out = xcalloc(area, 1);
    for (size_t i = 0; i < area; i++)
        out[i] = (uint8_t)MAX(0, pixels[i] - background);
    return out;
}

struct point {
    double y, x; /* pixels from the top left corner */
};

/* The centre of mass of what is in the box. */
static struct point centre_of(const uint8_t *ink, int width, struct box box)
{
    struct point sum = { 0, 0 };
    double mass = 0;
    for (int y = box.top; y < box.top + box.height; y++)
        for (int x = box.left; x < box.left + box.width; x++) {
            double value = ink[(size_t)y * (size_t)width + (size_t)x];
            mass += value;
            sum.y += value * (y + 0.5);
            sum.x += value * (x + 0.5);
        }
    return (struct point){ sum.y / mass, sum.x / mass };
}

static int compare_numbers(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

struct frame frame_of(const struct dataset *set)
{
    int looked_at = MIN(set->count, MOST_LOOKED_AT), sides[MOST_LOOKED_AT], found = 0;
    int height = set->height, width = set->width;
    size_t area = (size_t)height * (size_t)width;
    uint8_t *image = xcalloc(area, 1);
    struct frame frame = { .height = height,
                           .width = width,
                           .is_dark_on_light =
                               is_dark_on_light(set->pixels, looked_at, height, width) };
    for (int i = 0; i < looked_at; i++) {
        memcpy(image, set->pixels + (size_t)i * area, area);
        if (frame.is_dark_on_light)
            invert(image, area);
        struct box box = box_of(image, height, width);
        if (box.height == 0)
            continue;
        struct point centre = centre_of(image, width, box);
        sides[found++] = MAX(box.height, box.width);
        frame.down += (centre.y - frame.down) / found;
        frame.across += (centre.x - frame.across) / found;
    }
    qsort(sides, (size_t)found, sizeof *sides, compare_numbers);
    frame.ink = found > 0 ? MIN(sides[found / 2], MIN(height, width)) : MIN(height, width);
    free(image);
    return frame;
}

/* --- another size --- */

/* One pixel of the frame is `scale` pixels of the image; its first begins at `begin` there. */
struct way {
    double scale, begin;
};

/* The value of the frame's pixel `at` in a row of `count` pixels: the mean over what it covers where
 * that is more than a pixel, else on the straight line between the two next to its middle. Nothing
 * is beyond the ends. */
static float resampled(const float *row, int stride, int count, struct way way, int at)
{
    double low = way.begin + at * way.scale, high = low + way.scale, sum = 0;
    double middle = (low + high) / 2 - 0.5;
    if (way.scale < 1)
        low = middle, high = middle + 2;
    for (int i = MAX(0, (int)floor(low)); i < MIN(count, (int)ceil(high)); i++) {
        double weight = way.scale < 1 ? fmax(0, 1 - fabs(i - middle))
                                      : (fmin(high, i + 1) - fmax(low, i)) / way.scale;
        sum += weight * (double)row[(size_t)i * (size_t)stride];
    }
    return (float)sum;
}

/* So that the ink's centre comes to `centre` of the frame, and none of it over an edge. */
static struct way way_of(double scale, double ink_centre, int begin, int size, double centre,
                         int room)
{
    double first = ink_centre - centre * scale;
    first = fmax(fmin(first, begin), begin + size - room * scale);
    return (struct way){ scale, first };
}

static void resize(const uint8_t *ink, int height, int width, struct way down, struct way across,
                   const struct frame *frame, float *out)
{
    float *row = xcalloc((size_t)width, sizeof *row);
    float *rows = xcalloc((size_t)height * (size_t)frame->width, sizeof *rows);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++)
            row[x] = (float)ink[(size_t)y * (size_t)width + (size_t)x];
        for (int x = 0; x < frame->width; x++)
            rows[(size_t)y * (size_t)frame->width + (size_t)x] =
                resampled(row, 1, width, across, x);
    }
    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < frame->width; x++)
            out[y * frame->width + x] = resampled(rows + x, frame->width, height, down, y);
    free(rows);
    free(row);
}

/* One image, light on dark already, into the frame, light on dark, its brightest as bright as can
 * be. */
static void take_ink(const uint8_t *pixels, int height, int width, const struct frame *frame,
                     uint8_t *out)
{
    uint8_t *ink = standing_out(pixels, height, width);
    struct box box = box_of(ink, height, width);
    int area = frame->height * frame->width;
    memset(out, 0, (size_t)area);
    if (box.height > 0) {
        float *framed = xcalloc((size_t)area, sizeof *framed), peak = 0;
        struct point centre = centre_of(ink, width, box);
        double scale = (double)MAX(box.height, box.width) / frame->ink;
        resize(ink, height, width,
               way_of(scale, centre.y, box.top, box.height, frame->down, frame->height),
               way_of(scale, centre.x, box.left, box.width, frame->across, frame->width), frame,
               framed);
        for (int i = 0; i < area; i++)
            peak = MAX(peak, framed[i]);
        for (int i = 0; i < area; i++)
            out[i] = (uint8_t)lroundf(255 * framed[i] / peak);
        free(framed);
    }
    free(ink);
}

/* --- files --- */

/* `pixels` (count, height, width) as in the file; inverted in place where need be. */
static void take_all(struct given *given, uint8_t *pixels, const struct frame *frame)
{
    size_t area = (size_t)given->height * (size_t)given->width;
    size_t framed = (size_t)frame->height * (size_t)frame->width;
    bool is_dark = is_dark_on_light(pixels, given->count, given->height, given->width);
    given->is_inverted = is_dark != frame->is_dark_on_light;
    given->is_resized = given->height != frame->height || given->width != frame->width;
    given->pixels = xcalloc((size_t)given->count, framed);
    if (given->is_resized ? is_dark : given->is_inverted)
        invert(pixels, (size_t)given->count * area);
    if (!given->is_resized)
        memcpy(given->pixels, pixels, (size_t)given->count * area);
    for (int i = 0; i < given->count && given->is_resized; i++)
        take_ink(pixels + (size_t)i * area, given->height, given->width, frame,
                 given->pixels + (size_t)i * framed);
    if (given->is_resized && frame->is_dark_on_light)
        invert(given->pixels, (size_t)given->count * framed);
}

static bool is_png(const char *data, size_t size)
{
    static const char signature[] = "\x89PNG";
    return size >= sizeof signature - 1 && memcmp(data, signature, sizeof signature - 1) == 0;
}

static int read_idx(struct given *out, const char *data, size_t size, const char *path, int count,
                    uint8_t **pixels)
{
    struct idx idx;
    bool is_known =
        size >= 2 && ((data[0] == 0 && data[1] == 0) || (data[0] == '\x1F' && data[1] == '\x8B'));
    if (!is_known)
        return fail(ERR_INVALID, "'%s' is neither a PNG nor an IDX file", path);
    int error = idx_parse(&idx, data, size, 3, path);
    if (error)
        return error;
    *out = (struct given){ .count = count > 0 ? MIN(count, idx.count) : idx.count,
                           .height = idx.height,
                           .width = idx.width,
                           .is_idx = true };
    *pixels = idx.bytes;
    return 0;
}

static int read_png(struct given *out, const char *data, size_t size, const char *path,
                    uint8_t **pixels)
{
    struct image image;
    int error = image_decode_png(&image, data, size, GIVEN_SIDE_LIMIT, path);
    if (error)
        return error;
    *out = (struct given){ .count = 1, .height = image.height, .width = image.width };
    *pixels = image.pixels;
    return 0;
}

int given_read(struct given *out, const char *path, const struct frame *frame, int count)
{
    enum { FILE_LIMIT = 1 << 30 };
    char *data;
    size_t size;
    uint8_t *pixels = NULL;
    *out = (struct given){ 0 };
    int error = file_read(path, FILE_LIMIT, &data, &size);
    if (error)
        return error;
    error = is_png(data, size) ? read_png(out, data, size, path, &pixels)
                               : read_idx(out, data, size, path, count, &pixels);
    free(data);
    if (!error && pixels)
        take_all(out, pixels, frame);
    free(pixels);
    return error;
}

void given_release(struct given *given)
{
    free(given->pixels);
    *given = (struct given){ 0 };
}

char *given_note(struct arena *arena, const struct given *given, const struct frame *frame)
{
    if (!given->is_inverted && !given->is_resized)
        return NULL;
    const char *inverted =
        given->is_inverted
            ? frame->is_dark_on_light ? ", light on dark: inverted" : ", dark on light: inverted"
            : "";
    const char *resized =
        given->is_resized ? arena_printf(arena, ", its ink scaled to %d pixels", frame->ink) : "";
    return arena_printf(arena, "%dx%d pixels%s%s", given->width, given->height, inverted, resized);
}
