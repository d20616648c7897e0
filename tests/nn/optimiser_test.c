/* Optimisers beside PyTorch, and what an update promises beyond them. */
#include "nn/optimiser.h"

#include <math.h>
#include <string.h>

#include "nn/pytorch_numbers.h"
#include "nn/rig.h"

enum { COUNT = 1003, STEPS = 5 }; /* as in make_layers.py; no multiple of a vector or of a grain */

static void fill(float *values, int tensor, double scale)
{
    for (size_t i = 0; i < COUNT; i++)
        values[i] = (float)(scale * pytorch_number(tensor, i));
}

struct run {
    float parameters[COUNT], average[COUNT];
};

/* Five steps with gradients of growing size. */
static void take_steps(struct run *run, const struct pytorch_optimiser *c, int threads)
{
    static float gradients[COUNT];
    struct optimiser optimiser;
    optimiser_init(&optimiser, c->kind, COUNT, (float)c->beta1, (float)c->beta2);
    fill(run->parameters, 0, 1);
    memcpy(run->average, run->parameters, sizeof run->average);
    struct update update = { .rate = 0.01f,
                             .scale = 0.25f,
                             .bound = (float)c->bound,
                             .average = run->average,
                             .decay = 0.9f };
    for (int step = 0; step < STEPS; step++) {
        fill(gradients, 1 + step, pow(10, step - 2));
        optimiser_step(&optimiser, rig_pool(threads), run->parameters, gradients, &update);
    }
    assert_int_equal(optimiser.step, STEPS);
    optimiser_release(&optimiser);
}

static void optimisers_agree_with_pytorch(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(pytorch_optimisers); i++)
        for (int threads = 1; threads <= 3; threads++) {
            const struct pytorch_optimiser *c = &pytorch_optimisers[i];
            struct run run;
            rig_at("%s, %d threads", c->name, threads);
            take_steps(&run, c, threads);
            pytorch_check(pytorch_find(c->tensors, 2, "parameters"), run.parameters, COUNT, 2e-6);
            pytorch_check(pytorch_find(c->tensors, 2, "average"), run.average, COUNT, 2e-6);
        }
}

static void every_kind_has_a_case(void **state)
{
    bool seen[OPTIMISER_KIND_SGD + 1] = { false };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(pytorch_optimisers); i++)
        seen[pytorch_optimisers[i].kind] = true;
    for (int kind = 0; kind <= OPTIMISER_KIND_SGD; kind++)
        assert_true(seen[kind]);
}

static void the_same_threads_give_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(pytorch_optimisers); i++)
        for (int threads = 1; threads <= 3; threads++) {
            struct run first, second;
            take_steps(&first, &pytorch_optimisers[i], threads);
            take_steps(&second, &pytorch_optimisers[i], threads);
            assert_memory_equal(&first, &second, sizeof first);
        }
}

static void moments_are_kept_where_the_kind_has_them(void **state)
{
    static const struct {
        enum optimiser_kind kind;
        bool first, second;
    } kinds[] = { { OPTIMISER_KIND_ADAM, true, true },
                  { OPTIMISER_KIND_RMSPROP, false, true },
                  { OPTIMISER_KIND_SGD, true, false } };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct optimiser optimiser;
        optimiser_init(&optimiser, kinds[i].kind, COUNT, 0.5f, 0.9f);
        assert_int_equal(optimiser.first != NULL, kinds[i].first);
        assert_int_equal(optimiser.second != NULL, kinds[i].second);
        assert_int_equal(optimiser.step, 0);
        for (int k = 0; k < COUNT; k++)
            assert_true((!optimiser.first || optimiser.first[k] == 0) &&
                        (!optimiser.second || optimiser.second[k] == 0));
        optimiser_release(&optimiser);
        assert_null(optimiser.first);
        assert_null(optimiser.second);
    }
}

/* A run that was stopped goes on from its moments and its step. */
static void moments_and_step_are_all_there_is(void **state)
{
    static float gradients[COUNT];
    (void)state;
    for (int kind = 0; kind <= OPTIMISER_KIND_SGD; kind++) {
        struct optimiser whole, half;
        float a[COUNT], b[COUNT];
        struct update update = { .rate = 0.1f, .scale = 1 };
        optimiser_init(&whole, (enum optimiser_kind)kind, COUNT, 0.5f, 0.9f);
        optimiser_init(&half, (enum optimiser_kind)kind, COUNT, 0.5f, 0.9f);
        fill(a, 0, 1);
        for (int step = 0; step < 6; step++) {
            if (step == 3) {
                memcpy(b, a, sizeof b);
                half.step = whole.step;
                if (whole.first)
                    memcpy(half.first, whole.first, sizeof a);
                if (whole.second)
                    memcpy(half.second, whole.second, sizeof a);
            }
            fill(gradients, 1 + step, 1);
            optimiser_step(&whole, rig_pool(2), a, gradients, &update);
            if (step >= 3)
                optimiser_step(&half, rig_pool(2), b, gradients, &update);
        }
        assert_memory_equal(a, b, sizeof a);
        optimiser_release(&whole);
        optimiser_release(&half);
    }
}

/* Bias correction: whatever the size of the gradient, Adam's first step is its rate. */
static void the_first_step_of_adam_is_its_rate(void **state)
{
    static const float sizes[] = { 1e-5f, 1e-2f, 1, 1e4f, 1e15f };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct optimiser optimiser;
        float parameters[40] = { 0 }, gradients[40];
        struct update update = { .rate = 0.125f, .scale = 1 };
        for (int k = 0; k < 40; k++)
            gradients[k] = k % 2 ? sizes[i] : -sizes[i];
        optimiser_init(&optimiser, OPTIMISER_KIND_ADAM, 40, 0.5f, 0.999f);
        optimiser_step(&optimiser, rig_pool(1), parameters, gradients, &update);
        for (int k = 0; k < 40; k++)
            rig_near((double)parameters[k], k % 2 ? -0.125 : 0.125, 0, 2e-3, "step");
        optimiser_release(&optimiser);
    }
}

static void no_gradient_moves_nothing(void **state)
{
    (void)state;
    for (int kind = 0; kind <= OPTIMISER_KIND_SGD; kind++) {
        struct optimiser optimiser;
        float parameters[COUNT], before[COUNT], gradients[COUNT] = { 0 };
        struct update update = { .rate = 0.1f, .scale = 1 };
        fill(before, 0, 1);
        memcpy(parameters, before, sizeof before);
        optimiser_init(&optimiser, (enum optimiser_kind)kind, COUNT, 0.5f, 0.9f);
        optimiser_step(&optimiser, rig_pool(2), parameters, gradients, &update);
        assert_memory_equal(parameters, before, sizeof before);
        optimiser_release(&optimiser);
    }
}

static void clipping_keeps_parameters_and_their_average_in_bounds(void **state)
{
    struct optimiser optimiser;
    float parameters[COUNT], gradients[COUNT], average[COUNT] = { 0 };
    struct update update = {
        .rate = 10, .scale = 1, .bound = 0.01f, .average = average, .decay = 0.5f
    };
    (void)state;
    fill(parameters, 0, 1);
    fill(gradients, 1, 1);
    optimiser_init(&optimiser, OPTIMISER_KIND_RMSPROP, COUNT, 0, 0.9f);
    optimiser_step(&optimiser, rig_pool(3), parameters, gradients, &update);
    for (int i = 0; i < COUNT; i++) {
        assert_true(fabsf(parameters[i]) <= 0.01f);
        assert_true(fabsf(average[i] - parameters[i] / 2) < 1e-8f);
    }
    optimiser_release(&optimiser);
}

/* Threads update the rows that they made the gradients of; it must come to the same. */
static void check_network(struct rig *rig, enum optimiser_kind kind, int threads)
{
    struct optimiser shared, plain;
    size_t count = rig->net->parameter_count, bytes = count * sizeof(float);
    float *parameters = rig_copy(rig->net->parameters, count);
    float *average = rig_copy(parameters, count), *plain_average = rig_copy(parameters, count);
    struct update update = { .rate = 0.1f, .scale = 0.5f, .decay = 0.7f, .bound = 0.9f };
    optimiser_init(&shared, kind, count, 0.5f, 0.9f);
    optimiser_init(&plain, kind, count, 0.5f, 0.9f);
    shared.network = rig->net;
    for (int step = 0; step < 3; step++) {
        rig_backward(rig, GRADIENT_SET);
        update.average = plain_average;
        optimiser_step(&plain, rig_pool(1), parameters, rig->net->gradients, &update);
        update.average = average;
        optimiser_step(&shared, rig_pool(threads), rig->net->parameters, rig->net->gradients,
                       &update);
        rig_near_all(rig->net->parameters, parameters, count, 1e-6, "parameter");
        rig_near_all(average, plain_average, count, 1e-6, "average");
        memcpy(parameters, rig->net->parameters, bytes);
    }
    optimiser_release(&shared);
    optimiser_release(&plain);
    free(parameters);
    free(average);
    free(plain_average);
}

static void a_network_is_updated_as_any_block(void **state)
{
    static const char list[] =
        "embed 3 | dense 45 spectral | reshape 5x3x3 | norm | relu | conv 6 3/1 | layernorm | "
        "upconv 17 4/2 | lrelu | flatten | dense 33 | norm | dense 1";
    (void)state;
    for (int kind = 0; kind <= OPTIMISER_KIND_SGD; kind++)
        for (int threads = 1; threads <= RIG_THREADS; threads += 2) {
            struct rig rig;
            rig_at("kind %d, %d threads", kind, threads);
            rig_new(&rig, list, (struct shape){ 10, 1, 1 }, 4, threads);
            check_network(&rig, (enum optimiser_kind)kind, threads);
            rig_free(&rig);
        }
}

/* --- norms --- */

static void norms_are_euclidean(void **state)
{
    static const size_t counts[] = { 0, 1, 15, 16, 17, COUNT };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(counts); i++)
        for (int threads = 1; threads <= RIG_THREADS; threads++) {
            float values[COUNT];
            fill(values, 3, 7);
            double got = block_norm(rig_pool(threads), values, counts[i]);
            rig_at("%zu values, %d threads", counts[i], threads);
            rig_near(got, rig_length(values, counts[i]), 0, 1e-12, "norm");
        }
}

static void norms_take_any_number_of_threads(void **state)
{
    float values[COUNT];
    struct pool *pool;
    (void)state;
    fill(values, 3, 7);
    assert_int_equal(pool_new(&pool, 300), 0);
    rig_near(block_norm(pool, values, COUNT), rig_length(values, COUNT), 0, 1e-12, "norm");
    pool_free(pool);
}

static void norms_keep_what_squares_in_floats_would_lose(void **state)
{
    float values[COUNT];
    (void)state;
    for (int i = 0; i < COUNT; i++)
        values[i] = 1e30f;
    rig_near(block_norm(rig_pool(2), values, COUNT), 1e30 * sqrt(COUNT), 0, 1e-6, "huge");
    for (int i = 0; i < COUNT; i++)
        values[i] = 1e-30f;
    double tiny = block_norm(rig_pool(2), values, COUNT);
    assert_true(fabs(tiny / (1e-30 * sqrt(COUNT)) - 1) < 1e-6);
}

static void norms_do_not_hide_what_is_no_number(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i += 59) {
        float values[COUNT];
        fill(values, 3, 1);
        values[i] = NAN;
        assert_true(isnan(block_norm(rig_pool(3), values, COUNT)));
        values[i] = -INFINITY;
        assert_true(isinf(block_norm(rig_pool(3), values, COUNT)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_case),
        cmocka_unit_test(optimisers_agree_with_pytorch),
        cmocka_unit_test(the_same_threads_give_the_same_bits),
        cmocka_unit_test(moments_are_kept_where_the_kind_has_them),
        cmocka_unit_test(moments_and_step_are_all_there_is),
        cmocka_unit_test(the_first_step_of_adam_is_its_rate),
        cmocka_unit_test(no_gradient_moves_nothing),
        cmocka_unit_test(clipping_keeps_parameters_and_their_average_in_bounds),
        cmocka_unit_test(a_network_is_updated_as_any_block),
        cmocka_unit_test(norms_are_euclidean),
        cmocka_unit_test(norms_take_any_number_of_threads),
        cmocka_unit_test(norms_keep_what_squares_in_floats_would_lose),
        cmocka_unit_test(norms_do_not_hide_what_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
