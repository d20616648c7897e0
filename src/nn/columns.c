#include "nn/columns.h"

#include <string.h>

size_t columns_per_image(const struct columns *g)
{
    return (size_t)g->small_height * (size_t)g->small_width * (size_t)g->kernel *
           (size_t)g->kernel * (size_t)g->channels;
}

/* The part [begin, end) of 0 … kernel that falls inside a side of `size` when the kernel starts at
 * `start`. */
struct overlap {
    int begin, end;
};
static struct overlap overlap_of(int start, int size, int kernel)
{
    return (struct overlap){ MAX(0, -start), MIN(kernel, size - start) };
}

/* One row of the kernel at one place: K * C floats, of which [begin, end) * C lie inside. */
static void copy_row(float *to, const float *from, struct overlap x, int K, int C)
{
    if (x.begin > 0)
        memset(to, 0, (size_t)(x.begin * C) * sizeof *to);
    if (x.end > x.begin)
        memcpy(to + x.begin * C, from, (size_t)((x.end - x.begin) * C) * sizeof *to);
    if (x.end < K)
        memset(to + MAX(x.end, 0) * C, 0, (size_t)((K - MAX(x.end, 0)) * C) * sizeof *to);
}

static void gather_image(const struct columns *g, const float *large, float *columns)
{
    int K = g->kernel, C = g->channels, row = K * C;
    for (int sy = 0; sy < g->small_height; sy++)
        for (int sx = 0; sx < g->small_width; sx++) {
            int top = sy * g->stride - g->pad, left = sx * g->stride - g->pad;
            struct overlap x = overlap_of(left, g->width, K);
            for (int ky = 0; ky < K; ky++, columns += row) {
                int y = top + ky;
                if (y < 0 || y >= g->height)
                    memset(columns, 0, (size_t)row * sizeof *columns);
                else
                    copy_row(columns,
                             large + ((size_t)y * (size_t)g->width + (size_t)(left + x.begin)) *
                                         (size_t)C,
                             x, K, C);
            }
        }
}

void columns_gather(const struct columns *g, const float *large, int images, float *columns)
{
    size_t size = (size_t)g->height * (size_t)g->width * (size_t)g->channels;
    for (int n = 0; n < images; n++)
        gather_image(g, large + (size_t)n * size, columns + (size_t)n * columns_per_image(g));
}

VECTOR_CLONES
static void scatter_image(const struct columns *g, const float *restrict columns,
                          float *restrict large)
{
    int K = g->kernel, C = g->channels;
    for (int sy = 0; sy < g->small_height; sy++)
        for (int sx = 0; sx < g->small_width; sx++) {
            int top = sy * g->stride - g->pad, left = sx * g->stride - g->pad;
            struct overlap x = overlap_of(left, g->width, K);
            int begin = x.begin * C, count = (x.end - x.begin) * C;
            for (int ky = 0; ky < K; ky++, columns += K * C) {
                int y = top + ky;
                if (y < 0 || y >= g->height)
                    continue;
                float *to =
                    large + ((size_t)y * (size_t)g->width + (size_t)(left + x.begin)) * (size_t)C;
                for (int i = 0; i < count; i++)
                    to[i] += columns[begin + i];
            }
        }
}

void columns_scatter(const struct columns *g, const float *columns, int images, float *large)
{
    size_t size = (size_t)g->height * (size_t)g->width * (size_t)g->channels;
    memset(large, 0, (size_t)images * size * sizeof *large);
    for (int n = 0; n < images; n++)
        scatter_image(g, columns + (size_t)n * columns_per_image(g), large + (size_t)n * size);
}
