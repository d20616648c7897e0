/* Products by places and steps: our kernel and OpenBLAS against sums in double. */
#define _GNU_SOURCE
#include "nn/product.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "nn/blas.h"
#include "testing.h"

struct problem {
    struct product product;
    float *a, *b, *c, *before, *bias, *scratch;
    int *rows, *steps;
};

static int place(const struct places *places, int i)
{
    return places->table
               ? places->table[i % places->period] + i / places->period * (int)places->next
               : i * (int)places->stride;
}

static double expected(const struct problem *problem, int i, int j)
{
    const struct product *p = &problem->product;
    int row = i + p->first_row;
    double sum = (p->bias ? (double)p->bias[j] : 0) +
                 (p->add ? (double)problem->before[place(&p->c_rows, row) + j] : 0);
    for (int k = 0; k < p->k; k++)
        sum += (double)p->a[place(&p->a_rows, row) + place(&p->a_steps, k)] *
               (double)p->b[k * (int)p->ldb + j];
    return sum > 0 ? sum : sum * (double)p->slope;
}

static void check(struct problem *problem, const char *what)
{
    const struct product *p = &problem->product;
    product_run(p, problem->scratch);
    for (int i = 0; i < p->m; i++)
        for (int j = 0; j < p->n; j++) {
            double got = (double)p->c[place(&p->c_rows, i + p->first_row) + j],
                   want = expected(problem, i, j);
            if (fabs(got - want) > 1e-5 * (1 + fabs(want)) * sqrt(p->k))
                fail_msg("%s: m %d n %d k %d: C[%d][%d] is %g, should be %g", what, p->m, p->n,
                         p->k, i, j, got, want);
        }
}

enum { ROOM = 1 << 16 };

static void begin(struct problem *problem, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed, 1);
    float **blocks[] = { &problem->a, &problem->b, &problem->c, &problem->before, &problem->bias };
    for (int i = 0; i < ARRAY_SIZE(blocks); i++) {
        *blocks[i] = float_block_new(ROOM);
        random_fill_normal(&random, *blocks[i], ROOM);
    }
    for (int i = 0; i < ROOM; i++)
        problem->before[i] = problem->c[i];
    problem->scratch = float_block_new(PRODUCT_SCRATCH);
    problem->rows = xcalloc(ROOM, sizeof *problem->rows);
    problem->steps = xcalloc(ROOM, sizeof *problem->steps);
}

static void end(struct problem *problem)
{
    float *blocks[] = { problem->a,      problem->b,    problem->c,
                        problem->before, problem->bias, problem->scratch };
    for (int i = 0; i < ARRAY_SIZE(blocks); i++)
        float_block_free(blocks[i]);
    free(problem->rows);
    free(problem->steps);
}

/* Sizes around the tile's 6 x 64, with everything that a product can have. */
static void check_plain(bool add, bool bias, float slope, bool turned)
{
    static const int sizes[] = { 1, 2, 5, 6, 7, 13, 16, 17, 33, 48, 63, 64, 65, 100 };
    struct problem problem = { .product = { .m = 0 } };
    begin(&problem, 3);
    for (int m = 0; m < ARRAY_SIZE(sizes); m++)
        for (int n = 0; n < ARRAY_SIZE(sizes); n++) {
            memcpy(problem.c, problem.before, ROOM * sizeof *problem.c);
            int M = sizes[m], N = sizes[n], K = 1 + (m * 7 + n * 3) % 40;
            problem.product = (struct product){
                .m = M,
                .n = N,
                .k = K,
                .a = problem.a,
                .b = problem.b,
                .ldb = N + 3,
                .c = problem.c,
                .c_rows = { .stride = N + 1 },
                .a_rows = { .stride = turned ? 1 : K },
                .a_steps = { .stride = turned ? M : 1 },
                .add = add,
                .bias = bias ? problem.bias : NULL,
                .slope = slope,
            };
            check(&problem, turned ? "turned" : "plain");
        }
    end(&problem);
}

/* Tables that begin anew every period, as the images of a batch do, and a share that begins in the
 * middle. */
static void check_tables(int first_row)
{
    struct problem problem = { .product = { .m = 0 } };
    begin(&problem, 77);
    enum { ROWS = 7, STEPS = 9, IMAGES = 5 };
    for (int i = 0; i < ROWS; i++)
        problem.rows[i] = i * 13 + i % 3;
    for (int i = 0; i < STEPS; i++)
        problem.steps[i] = i * i;
    problem.product = (struct product){
        .m = ROWS * 3 - first_row,
        .n = 19,
        .k = STEPS * IMAGES,
        .a = problem.a,
        .b = problem.b,
        .ldb = 20,
        .c = problem.c,
        .a_rows = { .table = problem.rows, .period = ROWS, .next = 500 },
        .a_steps = { .table = problem.steps, .period = STEPS, .next = 1000 },
        .c_rows = { .table = problem.steps, .period = STEPS, .next = 400 },
        .first_row = first_row,
        .slope = 1,
    };
    for (int i = 0; i < STEPS; i++)
        problem.steps[i] = i * 37;
    check(&problem, "tables");
    end(&problem);
}

static void check_all(void)
{
    check_plain(false, false, 1, false);
    check_plain(true, false, 1, false);
    check_plain(false, true, 0.2f, false);
    check_plain(true, true, 0, true);
    check_tables(0);
    check_tables(5);
}

static void our_kernel_multiplies(void **state)
{
    (void)state;
    check_all();
}

static void openblas_multiplies_the_same(void **state)
{
    (void)state;
    product_prefer_blas(true);
    check_all();
    product_prefer_blas(false);
}

static void nothing_is_done_without_rows_or_columns(void **state)
{
    struct problem problem = { .product = { .m = 0 } };
    (void)state;
    begin(&problem, 5);
    problem.product = (struct product){
        .m = 0, .n = 4, .k = 2, .a = problem.a, .b = problem.b, .c = problem.c, .slope = 1
    };
    product_run(&problem.product, problem.scratch);
    problem.product.m = 3;
    problem.product.n = 0;
    product_run(&problem.product, problem.scratch);
    for (int i = 0; i < ROOM; i++)
        assert_true(problem.c[i] == problem.before[i]);
    end(&problem);
}

/* What is not finite must reach the loss, where it is noticed. */
static void infinity_and_nan_come_through(void **state)
{
    struct problem problem = { .product = { .m = 0 } };
    (void)state;
    begin(&problem, 6);
    problem.a[1] = NAN;
    problem.product = (struct product){ .m = 1,
                                        .n = 20,
                                        .k = 3,
                                        .a = problem.a,
                                        .a_steps = { .stride = 1 },
                                        .b = problem.b,
                                        .ldb = 20,
                                        .c = problem.c,
                                        .slope = 0 };
    product_run(&problem.product, problem.scratch);
    for (int j = 0; j < 20; j++)
        assert_true(isnan(problem.c[j]));
    end(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_kernel_multiplies),
        cmocka_unit_test(openblas_multiplies_the_same),
        cmocka_unit_test(nothing_is_done_without_rows_or_columns),
        cmocka_unit_test(infinity_and_nan_come_through),
    };
    return blas_load() < 0 ? 1 : cmocka_run_group_tests_name("product", tests, NULL, NULL);
}
