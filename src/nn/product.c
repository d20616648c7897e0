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

static void gather_row(const struct product *p, const float *from, float *to)
{
    struct cursor steps = cursor_at(&p->a_steps, 0);
    for (int i = 0; i < p->k; i++)
        to[i] = from[cursor_next(&steps)];
}

static void finish_row(const struct product *p, const float *sums, float *c)
{
    for (int j = 0; j < p->n; j++) {
        float value = sums[j] + (p->add ? c[j] : 0) + (p->bias ? p->bias[j] : 0);
        c[j] = value > 0 ? value : value * p->slope;
    }
}

/* Rows in batches whose gathered A (rows, k) and sums (rows, n) fit the scratch. */
static void run_blas(const struct product *p, float *scratch)
{
    int at_once = MAX(1, PRODUCT_SCRATCH / (p->k + p->n));
    struct cursor a_cursor = cursor_at(&p->a_rows, p->first_row),
                  c_cursor = cursor_at(&p->c_rows, p->first_row);
    for (int row = 0; row < p->m; row += at_once) {
        int rows = MIN(at_once, p->m - row);
        float *sums = scratch + (size_t)rows * (size_t)p->k;
        for (int r = 0; r < rows; r++)
            gather_row(p, p->a + cursor_next(&a_cursor), scratch + (size_t)r * (size_t)p->k);
        blas_sgemm(false, false, rows, p->n, p->k, 1, scratch, p->k, p->b, (int)p->ldb, 0, sums,
                   p->n);
        for (int r = 0; r < rows; r++)
            finish_row(p, sums + (size_t)r * (size_t)p->n, p->c + cursor_next(&c_cursor));
    }
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
