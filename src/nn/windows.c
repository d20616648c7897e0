#include "nn/windows.h"

#include <string.h>

#include "nn/kernels.h"

static int tap_count(const struct windows *w, int phase)
{
    return (w->kernel - phase + w->stride - 1) / w->stride;
}

/* The first pixel of a side whose window offsets are `phase` modulo the stride. */
static int first_pixel(const struct windows *w, int phase)
{
    int first = (phase - w->pad) % w->stride;
    return first < 0 ? first + w->stride : first;
}

static int pixels_in_class(const struct windows *w, int phase, int side)
{
    int first = first_pixel(w, phase);
    return first < side ? (side - first + w->stride - 1) / w->stride : 0;
}

static void list_pixels(const struct windows *w, struct windows_class *class, int phase_y,
                        int phase_x)
{
    int i = 0;
    for (int y = first_pixel(w, phase_y); y < w->height; y += w->stride)
        for (int x = first_pixel(w, phase_x); x < w->width; x += w->stride, i++) {
            int small_y = (y + w->pad - phase_y) / w->stride + w->border,
                small_x = (x + w->pad - phase_x) / w->stride + w->border;
            class->from[i] = (small_y * w->wide_width + small_x) * w->small_channels;
            class->to[i] = (y * w->width + x) * w->channels;
        }
}

static int list_taps(struct windows *w, struct windows_class *class, int phase_y, int phase_x)
{
    int tap = class->first_tap, i = 0;
    for (int y = 0; y < tap_count(w, phase_y); y++)
        for (int x = 0; x < tap_count(w, phase_x); x++) {
            w->taps[tap++] = (phase_y + y * w->stride) * w->kernel + phase_x + x * w->stride;
            for (int c = 0; c < w->small_channels; c++)
                class->steps[i++] = c - (y * w->wide_width + x) * w->small_channels;
        }
    return tap;
}

static void list_classes(struct windows *w, struct arena *arena)
{
    int next_tap = 0;
    w->classes = arena_alloc(arena, (size_t)(w->stride * w->stride), sizeof *w->classes);
    for (int y = 0; y < w->stride; y++)
        for (int x = 0; x < w->stride; x++) {
            struct windows_class *class = &w->classes[y * w->stride + x];
            class->pixels = pixels_in_class(w, y, w->height) * pixels_in_class(w, x, w->width);
            class->taps = tap_count(w, y) * tap_count(w, x);
            class->first_tap = next_tap;
            class->from = arena_alloc(arena, (size_t) class->pixels, sizeof *class->from);
            class->to = arena_alloc(arena, (size_t) class->pixels, sizeof *class->to);
            class->steps =
                arena_alloc(arena, (size_t)(class->taps * w->small_channels), sizeof *class->steps);
            list_pixels(w, class, y, x);
            next_tap = list_taps(w, class, y, x);
        }
}

static void list_places(struct windows *w, struct arena *arena)
{
    int *place = w->places =
        arena_alloc(arena, (size_t)(w->small_height * w->small_width), sizeof *place);
    int *step = w->steps =
        arena_alloc(arena, (size_t)(w->kernel * w->kernel * w->channels), sizeof *step);
    for (int y = 0; y < w->small_height; y++)
        for (int x = 0; x < w->small_width; x++)
            *place++ = (y * w->padded_width + x) * w->stride * w->channels;
    for (int y = 0; y < w->kernel; y++)
        for (int x = 0; x < w->kernel; x++)
            for (int c = 0; c < w->channels; c++)
                *step++ = (y * w->padded_width + x) * w->channels + c;
}

void windows_init(struct windows *w)
{
    w->padded_height = (w->small_height - 1) * w->stride + w->kernel;
    w->padded_width = (w->small_width - 1) * w->stride + w->kernel;
    w->border = tap_count(w, 0) - 1;
    w->wide_height = MAX((w->height - 1 + w->pad) / w->stride + 1, w->small_height) + w->border;
    w->wide_width = MAX((w->width - 1 + w->pad) / w->stride + 1, w->small_width) + w->border;
}

void windows_list(struct windows *w, struct arena *arena)
{
    w->taps = arena_alloc(arena, (size_t)(w->kernel * w->kernel), sizeof *w->taps);
    list_places(w, arena);
    list_classes(w, arena);
}

size_t windows_padded_size(const struct windows *w)
{
    return round_up_floats((size_t)w->padded_height * (size_t)w->padded_width *
                           (size_t)w->channels);
}

size_t windows_wide_size(const struct windows *w)
{
    return round_up_floats((size_t)w->wide_height * (size_t)w->wide_width *
                           (size_t)w->small_channels);
}

static size_t large_size(const struct windows *w)
{
    return (size_t)w->height * (size_t)w->width * (size_t)w->channels;
}

static size_t small_size(const struct windows *w)
{
    return (size_t)w->small_height * (size_t)w->small_width * (size_t)w->small_channels;
}

/* Rows or columns beyond the last window are read by none: they are left out. */
void windows_pad(const struct windows *w, const float *large, int images, float *padded)
{
    int rows = MIN(w->height, w->padded_height - w->pad),
        columns = MIN(w->width, w->padded_width - w->pad);
    size_t count = (size_t)(columns * w->channels);
    for (int n = 0; n < images; n++, large += large_size(w), padded += windows_padded_size(w))
        for (int y = 0; y < rows; y++)
            memcpy(padded + ((y + w->pad) * w->padded_width + w->pad) * w->channels,
                   large + y * w->width * w->channels, count * sizeof *padded);
}

void windows_widen(const struct windows *w, const float *small, int images, float *wide)
{
    size_t row = (size_t)(w->small_width * w->small_channels);
    for (int n = 0; n < images; n++, wide += windows_wide_size(w))
        for (int y = 0; y < w->small_height; y++, small += row)
            memcpy(wide + ((y + w->border) * w->wide_width + w->border) * w->small_channels, small,
                   row * sizeof *wide);
}

bool windows_prefer_columns(const struct windows *w)
{
    return w->channels < 12;
}

void windows_transpose(const struct windows *w, const float *weights, float *transposed, int begin,
                       int end)
{
    int C = w->channels, row = w->kernel * w->kernel * C;
    size_t block = (size_t)(C * w->small_channels);
    for (int tap = begin; tap < end; tap++)
        if (windows_prefer_columns(w))
            transpose(weights + (size_t)tap * block, w->small_channels, transposed + tap * C, row,
                      C, w->small_channels);
        else
            transpose(weights + (size_t)w->taps[tap] * block, w->small_channels,
                      transposed + (size_t)tap * block, C, C, w->small_channels);
}

/* Images at once, so that what the panels of a product read again stays in the second cache. */
static int images_at_once(size_t floats_per_image)
{
    enum { CACHE_FLOATS = 1 << 17 };
    return MAX(1, (int)(CACHE_FLOATS / floats_per_image));
}

void windows_down(const struct windows *w, const float *padded, int images, const float *weights,
                  const float *bias, float slope, float *small, float *scratch)
{
    int places = w->small_height * w->small_width, at_once = images_at_once(windows_padded_size(w));
    struct product product = {
        .n = w->small_channels,
        .k = w->kernel * w->kernel * w->channels,
        .a_rows = { .table = w->places,
                    .period = places,
                    .next = (ptrdiff_t)windows_padded_size(w) },
        .a_steps = { .table = w->steps, .period = w->kernel * w->kernel * w->channels },
        .b = weights,
        .ldb = w->small_channels,
        .c_rows = { .stride = w->small_channels },
        .bias = bias,
        .slope = slope,
    };
    for (int n = 0; n < images; n += at_once) {
        product.m = MIN(at_once, images - n) * places;
        product.a = padded + (size_t)n * windows_padded_size(w);
        product.c = small + (size_t)n * small_size(w);
        product_run(&product, scratch);
    }
}

void windows_up(const struct windows *w, const float *wide, int images, const float *transposed,
                const float *bias, float slope, float *large, float *scratch)
{
    int at_once = images_at_once(windows_wide_size(w));
    for (int n = 0; n < images; n += at_once)
        for (int i = 0; i < w->stride * w->stride; i++) {
            const struct windows_class *class = &w->classes[i];
            struct product product = {
                .m = MIN(at_once, images - n) * class->pixels,
                .n = w->channels,
                .k = class->taps * w->small_channels,
                .a = wide + (size_t)n * windows_wide_size(w),
                .a_rows = { .table = class->from,
                            .period = class->pixels,
                            .next = (ptrdiff_t)windows_wide_size(w) },
                .a_steps = { .table = class->steps, .period = class->taps * w->small_channels },
                .b = transposed +
                     (size_t) class->first_tap * (size_t)(w->channels * w->small_channels),
                .ldb = w->channels,
                .c = large + (size_t)n * large_size(w),
                .c_rows = { .table = class->to,
                            .period = class->pixels,
                            .next = (ptrdiff_t)large_size(w) },
                .bias = bias,
                .slope = slope,
            };
            product_run(&product, scratch);
        }
}

/* The windows of one row of small, a tap at a time: what lies beyond the image is skipped by where
 * the loop begins and ends. */
static void scatter_row(const struct windows *w, const float *columns, int top, float *large)
{
    int K = w->kernel, S = w->stride, C = w->channels, row = K * K * C;
    for (int ky = MAX(0, -top); ky < MIN(K, w->height - top); ky++)
        for (int kx = 0; kx < K; kx++) {
            int offset = kx - w->pad, begin = offset < 0 ? (-offset + S - 1) / S : 0;
            int end = MIN(w->small_width, (MAX(0, w->width - offset) + S - 1) / S);
            float *to = large + ((top + ky) * w->width + offset) * C;
            const float *from = columns + (ky * K + kx) * C;
            for (int x = begin; x < end; x++)
                for (int c = 0; c < C; c++)
                    to[x * S * C + c] += from[x * row + c];
        }
}

void windows_up_by_columns(const struct windows *w, const float *small, int images,
                           const float *transposed, float *large, float *columns, float *scratch)
{
    int places = w->small_height * w->small_width, row = w->kernel * w->kernel * w->channels;
    struct product product = {
        .m = images * places,
        .n = row,
        .k = w->small_channels,
        .a = small,
        .a_rows = { .stride = w->small_channels },
        .a_steps = { .stride = 1 },
        .b = transposed,
        .ldb = row,
        .c = columns,
        .c_rows = { .stride = row },
        .slope = 1,
    };
    product_run(&product, scratch);
    memset(large, 0, (size_t)images * large_size(w) * sizeof *large);
    for (int n = 0; n < images; n++, large += large_size(w))
        for (int y = 0; y < w->small_height; y++, columns += w->small_width * row)
            scatter_row(w, columns, y * w->stride - w->pad, large);
}

void windows_gradient(const struct windows *w, const float *padded, const float *small, int images,
                      int begin, int end, bool add, float *d_weights, float *scratch)
{
    enum { STEPS_AT_ONCE = 512 };
    int places = w->small_height * w->small_width, at_once = MAX(1, STEPS_AT_ONCE / places);
    struct product product = {
        .m = end - begin,
        .n = w->small_channels,
        .a_rows = { .table = w->steps, .period = w->kernel * w->kernel * w->channels },
        .a_steps = { .table = w->places,
                     .period = places,
                     .next = (ptrdiff_t)windows_padded_size(w) },
        .ldb = w->small_channels,
        .c = d_weights,
        .c_rows = { .stride = w->small_channels },
        .first_row = begin,
        .slope = 1,
    };
    for (int n = 0; n < images; n += at_once) {
        product.k = MIN(at_once, images - n) * places;
        product.a = padded + (size_t)n * windows_padded_size(w);
        product.b = small + (size_t)n * small_size(w);
        product.add = add || n > 0;
        product_run(&product, scratch);
    }
}
