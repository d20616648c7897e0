/* The modes of a pass: what each computes, and what it may change. */
#include "nn/network.h"

#include <math.h>
#include <string.h>

#include "nn/reference.h"
#include "nn/rig.h"
#include "nn/slopes.h"

static const char generator[] =
    "dense 90 | reshape 10x3x3 | norm | relu | upconv 7 4/2 | norm | lrelu | dropout 0.2 | "
    "conv 3 3/1 spectral | layernorm | upconv 2 5/2 spectral | tanh";
static const char flat[] = "norm | dense 20 spectral | norm | relu | dropout 0.1 | dense 18 | norm";

static const struct {
    const char *layers;
    struct shape input;
} lists[] = { { generator, { 11, 1, 1 } }, { flat, { 21, 1, 1 } } };

/* Some passes of other images, so that running statistics are no longer those of the start. */
static void learn_statistics(struct rig *rig)
{
    size_t count = rig_count(rig, rig->net->input);
    float *inputs = rig_copy(tape_input(rig->tape), count);
    rig->pass.mode = PASS_TRAIN;
    for (uint64_t i = 0; i < 5; i++) {
        rig_fill(tape_input(rig->tape), count, 20 + i);
        rig_forward(rig);
    }
    memcpy(tape_input(rig->tape), inputs, count * sizeof *inputs);
    free(inputs);
}

/* --- PASS_SAMPLE --- */

static void samples_are_what_the_running_statistics_make(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++)
        for (int threads = 1; threads <= 3; threads++) {
            struct rig rig;
            struct reference reference;
            rig_at("'%s', %d threads", lists[i].layers, threads);
            rig_new(&rig, lists[i].layers, lists[i].input, 6, threads);
            learn_statistics(&rig);
            rig.pass.mode = PASS_SAMPLE;
            rig_reference(&rig, &reference);
            double *x = rig_channels_first(tape_input(rig.tape), 6, rig.net->input);
            double *wanted = reference_forward(&reference, x);
            rig_forward(&rig);
            double *y = rig_channels_first(tape_output(rig.tape), 6, rig.net->output);
            rig_near_doubles(y, wanted, rig_count(&rig, rig.net->output), 2e-5, "sample");
            reference_free(&reference);
            free(x);
            free(wanted);
            free(y);
            rig_free(&rig);
        }
}

/* Image n of a batch, sampled alone. */
static void check_alone(struct rig *rig, const float *inputs, const float *together, int n)
{
    size_t in = (size_t)shape_size(rig->net->input), out = (size_t)shape_size(rig->net->output);
    struct pass pass = { .images = 1, .mode = PASS_SAMPLE };
    memcpy(tape_input(rig->tape), inputs + (size_t)n * in, in * sizeof *inputs);
    network_forward(rig->net, rig->tape, &pass);
    rig_near_all(tape_output(rig->tape), together + (size_t)n * out, out, 1e-6, "alone");
}

static void a_sample_does_not_depend_on_its_batch(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++)
        for (int threads = 1; threads <= 3; threads++) {
            struct rig rig;
            rig_at("'%s', %d threads", lists[i].layers, threads);
            rig_new(&rig, lists[i].layers, lists[i].input, 7, threads);
            learn_statistics(&rig);
            rig.pass.mode = PASS_SAMPLE;
            rig_forward(&rig);
            float *inputs = rig_copy(tape_input(rig.tape), rig_count(&rig, rig.net->input));
            float *together = rig_copy(tape_output(rig.tape), rig_count(&rig, rig.net->output));
            for (int n = 0; n < 7; n++)
                check_alone(&rig, inputs, together, n);
            free(inputs);
            free(together);
            rig_free(&rig);
        }
}

struct sampled { /* the sum of a sample's outputs, times random numbers */
    struct reference reference;
    double *x, *weights;
    size_t count;
};

static double sampled_value(void *context)
{
    struct sampled *sampled = context;
    double sum = 0, *y = reference_forward(&sampled->reference, sampled->x);
    for (size_t i = 0; i < sampled->count; i++)
        sum += sampled->weights[i] * y[i];
    free(y);
    return sum;
}

static void check_sampled_gradient(struct rig *rig)
{
    struct sampled sampled = { .count = rig_count(rig, rig->net->output) };
    struct slopes slopes;
    size_t count = rig_count(rig, rig->net->input);
    rig_reference(rig, &sampled.reference);
    rig_backward(rig, GRADIENT_INPUT);
    float *seeds = xcalloc(sampled.count, sizeof *seeds);
    rig_fill(seeds, sampled.count, 4); /* as rig_backward does */
    sampled.weights = rig_channels_first(seeds, rig->pass.images, rig->net->output);
    sampled.x = rig_channels_first(tape_input(rig->tape), rig->pass.images, rig->net->input);
    sampled_value(&sampled);
    slopes_find(&slopes, sampled.x, count, slopes_noise(count, 8), SLOPES, sampled_value, &sampled);
    double *dx =
        rig_channels_first(tape_input_gradient(rig->tape), rig->pass.images, rig->net->input);
    slopes_check(&slopes, dx, 2e-5, "input gradient");
    slopes_release(&slopes);
    reference_free(&sampled.reference);
    free(sampled.weights);
    free(sampled.x);
    free(seeds);
    free(dx);
}

static void gradients_of_samples_are_finite_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++)
        for (int threads = 1; threads <= 3; threads++) {
            struct rig rig;
            rig_at("'%s', %d threads", lists[i].layers, threads);
            rig_new(&rig, lists[i].layers, lists[i].input, 6, threads);
            learn_statistics(&rig);
            rig.pass.mode = PASS_SAMPLE;
            check_sampled_gradient(&rig);
            rig_free(&rig);
        }
}

/* --- what a pass may change --- */

static void only_training_changes_buffers(void **state)
{
    static const enum pass_mode modes[] = { PASS_FROZEN, PASS_SAMPLE };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++)
        for (int k = 0; k < ARRAY_SIZE(modes); k++) {
            struct rig rig;
            rig_new(&rig, lists[i].layers, lists[i].input, 6, 2);
            learn_statistics(&rig);
            size_t bytes = rig.net->buffer_count * sizeof(float);
            float *before = rig_copy(rig.net->buffers, rig.net->buffer_count);
            rig.pass.mode = modes[k];
            rig_backward(&rig, GRADIENT_SET | GRADIENT_INPUT);
            assert_memory_equal(rig.net->buffers, before, bytes);
            rig.pass.mode = PASS_TRAIN;
            rig_forward(&rig);
            assert_memory_not_equal(rig.net->buffers, before, bytes);
            free(before);
            rig_free(&rig);
        }
}

static void a_frozen_pass_computes_what_training_does(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++) {
        struct rig train, frozen;
        rig_new(&train, lists[i].layers, lists[i].input, 6, 2);
        rig_new(&frozen, lists[i].layers, lists[i].input, 6, 2);
        frozen.pass.mode = PASS_FROZEN;
        rig_backward(&train, GRADIENT_SET);
        rig_backward(&frozen, GRADIENT_SET);
        assert_memory_equal(tape_output(train.tape), tape_output(frozen.tape),
                            rig_count(&train, train.net->output) * sizeof(float));
        assert_memory_equal(train.net->gradients, frozen.net->gradients,
                            train.net->parameter_count * sizeof(float));
        rig_free(&train);
        rig_free(&frozen);
    }
}

static void a_pass_takes_other_parameters_and_statistics(void **state)
{
    struct rig own, lent;
    (void)state;
    rig_new(&own, flat, lists[1].input, 6, 2);
    rig_new(&lent, flat, lists[1].input, 6, 2);
    size_t buffer_bytes = own.net->buffer_count * sizeof(float);
    learn_statistics(&own);
    float *parameters = rig_copy(lent.net->parameters, lent.net->parameter_count);
    float *buffers = rig_copy(own.net->buffers, own.net->buffer_count);
    float *untouched = rig_copy(lent.net->buffers, lent.net->buffer_count);
    memset(lent.net->parameters, 0, lent.net->parameter_count * sizeof(float));
    network_prepare(lent.net, parameters, buffers, false);
    lent.pass.parameters = parameters;
    lent.pass.buffers = buffers;
    static const enum pass_mode modes[] = { PASS_SAMPLE, PASS_TRAIN, PASS_ESTIMATE };
    for (int k = 0; k < ARRAY_SIZE(modes); k++) {
        own.pass.mode = lent.pass.mode = modes[k];
        rig_forward(&own);
        rig_forward(&lent);
        assert_memory_equal(tape_output(own.tape), tape_output(lent.tape),
                            rig_count(&own, own.net->output) * sizeof(float));
        assert_memory_equal(own.net->buffers, buffers, buffer_bytes);
    }
    assert_memory_equal(lent.net->buffers, untouched, buffer_bytes);
    free(parameters);
    free(buffers);
    free(untouched);
    rig_free(&own);
    rig_free(&lent);
}

static void a_tape_takes_fewer_images_than_it_has_room_for(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++)
        for (int threads = 1; threads <= 3; threads++) {
            struct rig exact, roomy;
            rig_at("'%s', %d threads", lists[i].layers, threads);
            rig_new(&exact, lists[i].layers, lists[i].input, 4, threads);
            rig_new(&roomy, lists[i].layers, lists[i].input, 9, threads);
            roomy.pass.images = 4;
            rig_backward(&exact, GRADIENT_SET | GRADIENT_INPUT);
            rig_backward(&roomy, GRADIENT_SET | GRADIENT_INPUT);
            rig_near_all(roomy.net->gradients, exact.net->gradients, exact.net->parameter_count,
                         1e-6, "gradient");
            rig_near_all(tape_input_gradient(roomy.tape), tape_input_gradient(exact.tape),
                         rig_count(&exact, exact.net->input), 1e-6, "input gradient");
            rig_free(&exact);
            rig_free(&roomy);
        }
}

/* --- statistics of norm --- */

/* Mean and unbiased variance of channel c of images [first, first + images). */
static void moments(const float *x, struct shape shape, int first, int images, int c, double *mean,
                    double *variance)
{
    int places = shape.height * shape.width, C = shape.channels, rows = images * places;
    const float *from = x + first * places * C + c;
    double squares = 0;
    *mean = 0;
    for (int r = 0; r < rows; r++)
        *mean += (double)from[r * C] / rows;
    for (int r = 0; r < rows; r++)
        squares += pow((double)from[r * C] - *mean, 2);
    *variance = squares / (rows - 1);
}

static const struct shape shapes[] = { { 17, 1, 1 }, { 5, 3, 4 }, { 1, 2, 2 } };

/* PyTorch's rule, with a momentum of 0.1; two groups are two updates. */
static void check_running(struct shape shape, int groups, int threads)
{
    struct rig rig;
    rig_at("%dx%dx%d, %d groups, %d threads", shape.channels, shape.height, shape.width, groups,
           threads);
    rig_new(&rig, "norm", shape, 6, threads);
    rig.pass.groups = groups;
    for (int c = 0; c < shape.channels; c++) {
        rig.net->buffers[c] = 0.5f;
        rig.net->buffers[shape.channels + c] = 2;
    }
    rig_forward(&rig);
    for (int c = 0; c < shape.channels; c++) {
        double mean = 0.5, variance = 2, m, v;
        for (int g = 0; g < groups; g++) {
            moments(tape_input(rig.tape), shape, g * 6 / groups, 6 / groups, c, &m, &v);
            mean += 0.1 * (m - mean);
            variance += 0.1 * (v - variance);
        }
        rig_near((double)rig.net->buffers[c], mean, 1, 1e-6, "running mean");
        rig_near((double)rig.net->buffers[shape.channels + c], variance, 1, 1e-6,
                 "running variance");
    }
    rig_free(&rig);
}

static void running_statistics_follow_the_batches(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(shapes); i++)
        for (int groups = 1; groups <= 2; groups++)
            for (int threads = 1; threads <= 3; threads++)
                check_running(shapes[i], groups, threads);
}

static void check_estimate(struct shape shape, int passes, int threads)
{
    struct rig rig;
    double means[32] = { 0 }, variances[32] = { 0 }, m, v;
    rig_at("%d channels, %d passes, %d threads", shape.channels, passes, threads);
    rig_new(&rig, "norm | norm", shape, 6, threads);
    learn_statistics(&rig);
    rig.pass.mode = PASS_ESTIMATE;
    network_forget_statistics(rig.net, rig.net->buffers);
    for (int pass = 0; pass < passes; pass++) {
        rig_fill(tape_input(rig.tape), rig_count(&rig, shape), 30 + (uint64_t)pass);
        for (int c = 0; c < shape.channels; c++) {
            moments(tape_input(rig.tape), shape, 0, 6, c, &m, &v);
            means[c] += m / passes;
            variances[c] += v / passes;
        }
        rig_forward(&rig);
    }
    for (int c = 0; c < shape.channels; c++) {
        rig_near((double)rig.net->buffers[c], means[c], 1, 1e-6, "estimated mean");
        rig_near((double)rig.net->buffers[shape.channels + c], variances[c], 1, 1e-6,
                 "estimated variance");
    }
    rig_free(&rig);
}

static void estimates_are_the_plain_mean_over_passes(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(shapes); i++)
        for (int passes = 1; passes <= 7; passes += 3)
            for (int threads = 1; threads <= 3; threads++)
                check_estimate(shapes[i], passes, threads);
}

static void estimates_begin_again_once_forgotten(void **state)
{
    struct rig once, twice;
    (void)state;
    rig_new(&once, flat, lists[1].input, 6, 2);
    rig_new(&twice, flat, lists[1].input, 6, 2);
    learn_statistics(&twice);
    once.pass.mode = twice.pass.mode = PASS_ESTIMATE;
    rig_forward(&twice);
    network_forget_statistics(once.net, once.net->buffers);
    network_forget_statistics(twice.net, twice.net->buffers);
    rig_forward(&once);
    rig_forward(&twice);
    assert_memory_equal(once.net->buffers, twice.net->buffers,
                        once.net->buffer_count * sizeof(float));
    rig_free(&once);
    rig_free(&twice);
}

/* A discriminator may see real and fake images in one pass, and must not tell them by it. */
static void groups_are_passes_of_their_own(void **state)
{
    static const char critic[] = "conv 5 4/2 | norm | lrelu | stddev | flatten | norm | dense 3";
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        struct rig both, half;
        rig_new(&both, critic, (struct shape){ 2, 6, 6 }, 8, threads);
        rig_new(&half, critic, (struct shape){ 2, 6, 6 }, 4, threads);
        size_t in = rig_count(&half, half.net->input), out = rig_count(&half, half.net->output);
        both.pass.groups = 2;
        rig_forward(&both);
        for (size_t g = 0; g < 2; g++) {
            memcpy(tape_input(half.tape), tape_input(both.tape) + g * in, in * sizeof(float));
            rig_forward(&half);
            rig_near_all(tape_output(both.tape) + g * out, tape_output(half.tape), out, 1e-6,
                         "output");
        }
        rig_near_all(both.net->buffers, half.net->buffers, half.net->buffer_count, 1e-6,
                     "statistics");
        rig_free(&both);
        rig_free(&half);
    }
}

/* --- dropout --- */

enum { DROPPED = 20000 };

static void new_dropout(struct rig *rig, int threads)
{
    rig_new(rig, "dropout 0.3", (struct shape){ DROPPED / 8, 1, 1 }, 8, threads);
    for (int i = 0; i < DROPPED; i++)
        tape_input(rig->tape)[i] = 1;
}

static void dropout_drops_the_given_share(void **state)
{
    struct rig rig;
    int kept = 0;
    (void)state;
    new_dropout(&rig, 2);
    rig_forward(&rig);
    for (int i = 0; i < DROPPED; i++) {
        float y = tape_output(rig.tape)[i];
        assert_true(y == 0 || fabsf(y - 1 / 0.7f) < 1e-6f);
        kept += y != 0;
    }
    assert_true(fabs(kept - 0.7 * DROPPED) < 4 * sqrt(0.3 * 0.7 * DROPPED));
    rig_free(&rig);
}

static void dropout_is_the_same_for_any_number_of_threads(void **state)
{
    struct rig one, many;
    (void)state;
    new_dropout(&one, 1);
    rig_forward(&one);
    for (int threads = 2; threads <= RIG_THREADS; threads++) {
        new_dropout(&many, threads);
        rig_forward(&many);
        assert_memory_equal(tape_output(one.tape), tape_output(many.tape), DROPPED * sizeof(float));
        rig_free(&many);
    }
    rig_free(&one);
}

static void dropout_differs_from_pass_to_pass(void **state)
{
    struct rig rig;
    (void)state;
    new_dropout(&rig, 2);
    rig.pass.random = &rig.random;
    network_forward(rig.net, rig.tape, &rig.pass);
    float *first = rig_copy(tape_output(rig.tape), DROPPED);
    rig.pass.mode = PASS_FROZEN;
    network_forward(rig.net, rig.tape, &rig.pass);
    int same = 0;
    for (int i = 0; i < DROPPED; i++)
        same += first[i] == tape_output(rig.tape)[i];
    assert_true(abs(same - (int)(0.58 * DROPPED)) < 0.02 * DROPPED); /* 0.7^2 + 0.3^2 */
    free(first);
    rig_free(&rig);
}

static void samples_drop_nothing_and_draw_nothing(void **state)
{
    struct rig rig;
    (void)state;
    new_dropout(&rig, 2);
    rig.pass.mode = PASS_SAMPLE;
    struct random before = rig.random;
    rig.pass.random = &rig.random;
    network_forward(rig.net, rig.tape, &rig.pass);
    assert_memory_equal(tape_output(rig.tape), tape_input(rig.tape), DROPPED * sizeof(float));
    assert_memory_equal(&rig.random, &before, sizeof before);
    rig.pass.random = NULL;
    network_forward(rig.net, rig.tape, &rig.pass);
    assert_memory_equal(tape_output(rig.tape), tape_input(rig.tape), DROPPED * sizeof(float));
    rig_free(&rig);
}

/* --- threads --- */

static void threads_agree(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++) {
        struct rig one, many;
        rig_new(&one, lists[i].layers, lists[i].input, 5, 1);
        rig_backward(&one, GRADIENT_SET | GRADIENT_INPUT);
        for (int threads = 2; threads <= RIG_THREADS; threads++) {
            rig_at("'%s', %d threads", lists[i].layers, threads);
            rig_new(&many, lists[i].layers, lists[i].input, 5, threads);
            rig_backward(&many, GRADIENT_SET | GRADIENT_INPUT);
            rig_near_all(tape_output(many.tape), tape_output(one.tape),
                         rig_count(&one, one.net->output), 1e-5, "output");
            rig_near_all(many.net->gradients, one.net->gradients, one.net->parameter_count, 1e-5,
                         "gradient");
            rig_near_all(many.net->buffers, one.net->buffers, one.net->buffer_count, 1e-5,
                         "statistics");
            rig_free(&many);
        }
        rig_free(&one);
    }
}

/* --- extreme values --- */

static void logits_of_any_size_stay_finite(void **state)
{
    static const float values[] = { -3e38f, -1000, -80, -1e-30f, 0, 1e-30f, 80, 1000, 3e38f };
    static const char *const words[] = { "tanh", "sigmoid", "relu", "lrelu" };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        struct rig rig;
        rig_new(&rig, words[i], (struct shape){ ARRAY_SIZE(values), 1, 1 }, 1, 1);
        memcpy(tape_input(rig.tape), values, sizeof values);
        rig_backward(&rig, GRADIENT_INPUT);
        for (int k = 0; k < ARRAY_SIZE(values); k++) {
            assert_true(isfinite(tape_output(rig.tape)[k]));
            assert_true(isfinite(tape_input_gradient(rig.tape)[k]));
        }
        assert_true(i > 1 || fabsf(tape_output(rig.tape)[8] - 1) < 1e-6f);
        rig_free(&rig);
    }
}

static void a_value_that_is_no_number_is_not_hidden(void **state)
{
    static const char *const words[] = { "tanh",     "sigmoid",         "relu", "lrelu",
                                         "dense 20", "dense 20 | tanh", "norm", "layernorm" };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        struct rig rig;
        rig_new(&rig, words[i], (struct shape){ 20, 1, 1 }, 3, 2);
        for (int k = 0; k < 60; k += 20)
            tape_input(rig.tape)[k + 7] = NAN;
        rig_forward(&rig);
        rig_at("'%s'", words[i]);
        if (!isnan(tape_output(rig.tape)[7]))
            fail_msg("%s: NaN became %g", rig_place, (double)tape_output(rig.tape)[7]);
        rig_free(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_what_the_running_statistics_make),
        cmocka_unit_test(a_sample_does_not_depend_on_its_batch),
        cmocka_unit_test(gradients_of_samples_are_finite_differences),
        cmocka_unit_test(only_training_changes_buffers),
        cmocka_unit_test(a_frozen_pass_computes_what_training_does),
        cmocka_unit_test(a_pass_takes_other_parameters_and_statistics),
        cmocka_unit_test(a_tape_takes_fewer_images_than_it_has_room_for),
        cmocka_unit_test(running_statistics_follow_the_batches),
        cmocka_unit_test(estimates_are_the_plain_mean_over_passes),
        cmocka_unit_test(estimates_begin_again_once_forgotten),
        cmocka_unit_test(groups_are_passes_of_their_own),
        cmocka_unit_test(dropout_drops_the_given_share),
        cmocka_unit_test(dropout_is_the_same_for_any_number_of_threads),
        cmocka_unit_test(dropout_differs_from_pass_to_pass),
        cmocka_unit_test(samples_drop_nothing_and_draw_nothing),
        cmocka_unit_test(threads_agree),
        cmocka_unit_test(logits_of_any_size_stay_finite),
        cmocka_unit_test(a_value_that_is_no_number_is_not_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
