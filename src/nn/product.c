#include "nn/product.h"

#include <string.h>

#include "nn/blas.h"
#include "product_kernel.h"

static bool prefers_blas;

void product_prefer_blas(bool prefer)
{
    prefers_blas = prefer;
}

/* Goes from row to row of a table that begins anew every `period`. */
struct cursor {
    const struct places *places;
    ptrdiff_t base;
    int index;
};

static struct cursor cursor_at(const struct places *places, int row)
{
    int period = places->table ? places->period : 0;
    return (struct cursor){ places, period ? row / period * places->next : row * places->stride,
                            period ? row % period : 0 };
}

static inline ptrdiff_t cursor_next(struct cursor *cursor)
{
    const struct places *places = cursor->places;
    ptrdiff_t base = cursor->base;
    if (!places->table) {
        cursor->base += places->stride;
        return base;
    }
    ptrdiff_t place = base + places->table[cursor->index];
    if (++cursor->index == places->period) {
        cursor->index = 0;
        cursor->base += places->next;
    }
    return place;
}

/* A thread's rows in blocks of TILE_ROWS, each against all the columns of one panel of B, which
 * stays in the second cache. */
static void run_panel(const struct product *p, int column, int width)
{
    struct cursor a_cursor = cursor_at(&p->a_rows, p->first_row),
                  c_cursor = cursor_at(&p->c_rows, p->first_row);
    struct tile tile = {
        .b = p->b + column,
        .ldb = p->ldb,
        .steps = p->a_steps.table,
        .step = p->a_steps.stride,
        .k = p->a_steps.table ? p->a_steps.period : p->k,
        .next = p->a_steps.next,
        .width = width,
        .add = p->add,
        .bias = p->bias ? p->bias + column : NULL,
        .slope = p->slope,
    };
    tile.repeats = p->k / tile.k;
    for (int row = 0; row < p->m; row += TILE_ROWS) {
        int rows = MIN(TILE_ROWS, p->m - row);
        for (int r = 0; r < rows; r++) {
            tile.a[r] = p->a + cursor_next(&a_cursor);
            tile.c[r] = p->c + cursor_next(&c_cursor) + column;
        }
        tile_run(&tile, rows);
    }
}

static void run_kernel(const struct product *p)
{
    for (int column = 0; column < p->n; column += TILE_COLUMNS)
        run_panel(p, column, MIN(TILE_COLUMNS, p->n - column));
}

/* So many of k and of n at once, so that rows of both fit the scratch whatever the product. */
enum { PIECE = 1 << 14 };

static void gather_row(const struct product *p, int begin, int count, const float *from, float *to)
{
    struct cursor steps = cursor_at(&p->a_steps, begin);
    for (int i = 0; i < count; i++)
        to[i] = from[cursor_next(&steps)];
}

static void finish_row(const struct product *p, int column, int width, const float *sums, float *c)
{
    for (int j = 0; j < width; j++) {
        float value = sums[j] + (p->add ? c[j] : 0) + (p->bias ? p->bias[column + j] : 0);
        c[j] = value > 0 ? value : value * p->slope;
    }
}

/* sums (rows, width) of rows of A, gathered a piece of k at a time, and columns of B. Returns where
 * the next rows begin. */
static struct cursor sum_rows(const struct product *p, struct cursor first, int rows, int column,
                              int width, float *gathered, float *sums)
{
    struct cursor next = first;
    for (int begin = 0; begin < p->k; begin += PIECE) {
        int count = MIN(PIECE, p->k - begin);
        next = first;
        for (int r = 0; r < rows; r++)
            gather_row(p, begin, count, p->a + cursor_next(&next),
                       gathered + (size_t)r * (size_t)count);
        blas_sgemm(false, false, rows, width, count, 1, gathered, count,
                   p->b + begin * p->ldb + column, (int)p->ldb, begin > 0, sums, width);
    }
    return next;
}

static void run_blas_panel(const struct product *p, int column, int width, float *scratch)
{
    int depth = MIN(p->k, PIECE), at_once = PRODUCT_SCRATCH / (depth + width);
    float *sums = scratch + (size_t)at_once * (size_t)depth;
    struct cursor a_cursor = cursor_at(&p->a_rows, p->first_row),
                  c_cursor = cursor_at(&p->c_rows, p->first_row);
    for (int row = 0; row < p->m; row += at_once) {
        int rows = MIN(at_once, p->m - row);
        a_cursor = sum_rows(p, a_cursor, rows, column, width, scratch, sums);
        for (int r = 0; r < rows; r++)
            finish_row(p, column, width, sums + (size_t)r * (size_t)width,
                       p->c + cursor_next(&c_cursor) + column);
    }
}

static void run_blas(const struct product *p, float *scratch)
{
    for (int column = 0; column < p->n; column += PIECE)
        run_blas_panel(p, column, MIN(PIECE, p->n - column), scratch);
}

void product_run(const struct product *product, float *scratch)
{
    if (product->m <= 0 || product->n <= 0)
        return;
    if (tile_is_supported() && !prefers_blas)
        run_kernel(product);
    else
        run_blas(product, scratch);
}
