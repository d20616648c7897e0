/* Every layer of the table at small and odd sizes, alone and with every activation behind it, for
 * several numbers of threads: values against the reference, gradients against finite differences of
 * it, tangents against both. A new layer needs a row in `cases` and one in reference.h. */
#include "nn/layer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/product.h"
#include "nn/reference.h"
#include "nn/rig.h"
#include "nn/slopes.h"

static const struct layer_case {
    const char *layers;
    struct shape input;
    int images;
} cases[] = {
    { "dense 1", { 1, 1, 1 }, 1 },
    { "dense 1", { 37, 1, 1 }, 6 },
    { "dense 3", { 17, 1, 1 }, 5 },
    { "dense 17", { 3, 1, 1 }, 4 },
    { "dense 70 spectral", { 33, 1, 1 }, 6 },
    { "dense 18 | norm", { 5, 1, 1 }, 6 },
    { "dense 20", { 40, 1, 1 }, 150 },
    { "conv 1 3/1", { 1, 1, 1 }, 2 },
    { "conv 3 4/2", { 1, 5, 3 }, 4 },
    { "conv 17 5/2", { 3, 5, 5 }, 3 },
    { "conv 3 5/3", { 17, 7, 4 }, 2 },
    { "conv 2 7/1/0", { 3, 9, 7 }, 3 },
    { "conv 4 2/2", { 3, 4, 6 }, 3 },
    { "conv 5 3/3", { 2, 7, 5 }, 3 },
    { "conv 20 1/1", { 18, 3, 2 }, 3 },
    { "conv 3 4/1", { 2, 3, 5 }, 3 },
    { "conv 3 3/1/2 spectral", { 2, 3, 4 }, 3 },
    { "conv 5 3/1 | norm", { 3, 3, 5 }, 4 },
    { "conv 2 3/1", { 1, 3, 3 }, 150 },
    { "conv 16 4/2", { 8, 30, 28 }, 5 },
    { "conv 3 4/2", { 2, 2, 2 }, 3 }, /* a kernel larger than the image */
    { "conv 13 4/2", { 14, 2, 3 }, 3 },
    { "conv 3 8/3/3", { 2, 3, 2 }, 3 },
    { "upconv 1 3/1", { 1, 1, 1 }, 2 },
    { "upconv 3 4/2", { 1, 5, 3 }, 4 },
    { "upconv 17 5/2", { 3, 3, 3 }, 3 },
    { "upconv 3 5/3", { 17, 2, 3 }, 2 },
    { "upconv 2 7/1/0", { 3, 1, 1 }, 3 },
    { "upconv 4 2/2", { 3, 4, 3 }, 3 },
    { "upconv 3 4/2/0 spectral", { 5, 3, 2 }, 3 },
    { "upconv 18 1/1", { 20, 3, 2 }, 3 },
    { "upconv 5 4/2 | norm", { 3, 3, 2 }, 4 },
    { "upconv 2 4/2", { 3, 2, 2 }, 150 },
    { "upconv 4 4/2", { 16, 14, 15 }, 5 },
    { "upconv 3 4/2", { 14, 1, 1 }, 3 },
    { "upconv 14 4/2", { 3, 1, 2 }, 3 },
    { "upconv 2 8/3/3", { 3, 1, 1 }, 3 },
    { "upsample 1", { 3, 2, 2 }, 2 },
    { "upsample 2", { 17, 1, 3 }, 3 },
    { "upsample 3", { 1, 5, 2 }, 4 },
    { "pool max 2", { 3, 4, 6 }, 3 },
    { "pool max 3", { 17, 3, 3 }, 2 },
    { "pool average 2", { 1, 6, 2 }, 5 },
    { "pool average 5", { 3, 5, 5 }, 3 },
    { "flatten", { 3, 5, 2 }, 3 },
    { "flatten", { 1, 3, 3 }, 2 },
    { "reshape 3x5x2", { 30, 1, 1 }, 3 },
    { "dense 24 | reshape 4x3x2 | norm", { 5, 1, 1 }, 4 },
    { "norm", { 1, 1, 1 }, 6 },
    { "norm", { 37, 1, 1 }, 6 },
    { "norm", { 17, 3, 5 }, 2 },
    { "norm", { 3, 1, 5 }, 4 },
    { "norm", { 3, 3, 3 }, 1 },
    { "layernorm", { 17, 1, 1 }, 5 },
    { "layernorm", { 3, 5, 3 }, 4 },
    { "dropout 0.4", { 37, 1, 1 }, 5 },
    { "dropout 0.3", { 3, 5, 3 }, 3 },
    { "stddev", { 17, 1, 1 }, 4 },
    { "stddev", { 3, 3, 5 }, 6 },
    { "relu", { 17, 1, 1 }, 3 },
    { "lrelu", { 3, 5, 1 }, 3 },
    { "lrelu 0.05", { 3, 1, 1 }, 3 },
    { "tanh", { 3, 5, 3 }, 3 },
    { "sigmoid", { 37, 1, 1 }, 3 },
    { "embed 3", { 5, 1, 1 }, 6 },
    { "embed 1", { 3, 3, 5 }, 5 },
    { "join", { 17, 1, 1 }, 5 },
    { "join", { 1, 5, 3 }, 3 },
    { "condition", { 17, 1, 1 }, 5 },
    { "condition", { 1, 12, 6 }, 3 },
    { "condition", { 3, 6, 3 }, 4 },
    { "condition", { 2, 2, 1 }, 3 },
    { "condition | dense 16 | reshape 2x4x2 | condition | norm | relu | upconv 5 3/3 | condition | "
      "conv 2 3/1",
      { 3, 1, 1 },
      4 },
    { "conv 6 4/2 | lrelu | conv 5 4/2 | norm | lrelu | stddev | flatten | dense 1",
      { 2, 8, 9 },
      4 },
    { "join | dense 60 | reshape 15x2x2 | norm | relu | upconv 6 4/2 | layernorm | upsample 2 | "
      "dropout 0.2 | conv 2 5/1",
      { 10, 1, 1 },
      4 },
};

static const char *const activations[] = { "", " | relu", " | lrelu 0.3", " | tanh", " | sigmoid" };
/* Products are computed by a kernel of our own where the CPU has one for it, or by OpenBLAS. */
static const struct {
    int threads;
    bool blas;
} teams[] = { { 1, false }, { 2, false }, { 3, false }, { 2, true }, { 7, false } };

/* Enough images of enough values that all loops over parts of a batch go round again. */
static const struct layer_case large[] = {
    { "conv 64 2/2", { 12, 40, 40 }, 7 },
    { "upconv 12 2/2", { 64, 20, 20 }, 7 },
    { "conv 5 4/2", { 3, 70, 70 }, 11 },
    { "dense 600", { 70, 1, 1 }, 140 },
};

enum { TEXT_SIZE = 256 };
static const double tolerance = 2e-5;

static bool couples_images(const struct network *net)
{
    for (int i = 0; i < net->layer_count; i++)
        if (net->layers[i].ops == &layer_norm || net->layers[i].ops == &layer_stddev)
            return true;
    return false;
}

/* --- what is true: the reference and its finite differences --- */

struct truth {
    struct reference reference;
    double *x, *y, *loss_weights; /* the loss is the sum of the outputs, times these */
    size_t y_count;
    struct slopes input, parameters; /* of the loss */
};

static double loss(void *context)
{
    struct truth *truth = context;
    double sum = 0, *y = reference_forward(&truth->reference, truth->x);
    for (size_t i = 0; i < truth->y_count; i++)
        sum += truth->loss_weights[i] * y[i];
    free(y);
    return sum;
}

static void truth_find(struct truth *truth, struct rig *rig)
{
    const struct network *net = rig->net;
    size_t x_count = rig_count(rig, net->input);
    int entries = slopes_affordable(rig, 2, 4);
    *truth = (struct truth){ .y_count = rig_count(rig, net->output) };
    rig_reference(rig, &truth->reference);
    truth->x = rig_channels_first(tape_input(rig->tape), rig->pass.images, net->input);
    float *loss_weights = xcalloc(truth->y_count, sizeof *loss_weights);
    rig_fill(loss_weights, truth->y_count, 4); /* as rig_backward does */
    truth->loss_weights = rig_channels_first(loss_weights, rig->pass.images, net->output);
    free(loss_weights);
    truth->y = reference_forward(&truth->reference, truth->x);
    slopes_find(&truth->input, truth->x, x_count, slopes_noise(x_count, 8), entries, loss, truth);
    slopes_find(&truth->parameters, truth->reference.parameters, net->parameter_count,
                slopes_parameter_direction(net), entries, loss, truth);
}

static void truth_release(struct truth *truth)
{
    reference_free(&truth->reference);
    slopes_release(&truth->input);
    slopes_release(&truth->parameters);
    free(truth->x);
    free(truth->y);
    free(truth->loss_weights);
}

/* --- a network held against it --- */

static void check_gradients(const struct truth *truth, struct rig *rig)
{
    struct network *net = rig->net;
    for (size_t i = 0; i < net->parameter_count; i++)
        net->gradients[i] = NAN; /* SET reads nothing */
    rig_backward(rig, GRADIENT_INPUT | GRADIENT_SET);
    network_finish_gradients(net);
    double *y = rig_channels_first(tape_output(rig->tape), rig->pass.images, net->output);
    double *dx = rig_channels_first(tape_input_gradient(rig->tape), rig->pass.images, net->input);
    double *gradients = slopes_doubles(net->gradients, net->parameter_count);
    rig_near_doubles(y, truth->y, truth->y_count, tolerance, "value");
    slopes_check(&truth->input, dx, tolerance, "input gradient");
    slopes_check(&truth->parameters, gradients, tolerance, "parameter gradient");
    free(y);
    free(dx);
    free(gradients);
}

static void check_case(const struct layer_case *c, const char *activation, int groups)
{
    char list[TEXT_SIZE];
    struct truth truth;
    struct rig rig;
    snprintf(list, sizeof list, "%s%s", c->layers, activation);
    int count = ARRAY_SIZE(teams) - (*activation != '\0'); /* crowds of threads are slow */
    for (int i = 0; i < count; i++) {
        rig_at("'%s', %d images, %d groups, %d threads%s", list, c->images, MAX(groups, 1),
               teams[i].threads, teams[i].blas ? ", OpenBLAS" : "");
        product_prefer_blas(teams[i].blas);
        rig_new(&rig, list, c->input, c->images, teams[i].threads);
        rig.pass.groups = groups;
        if (i == 0)
            truth_find(&truth, &rig);
        truth.reference.net = rig.net;
        check_gradients(&truth, &rig);
        rig_free(&rig);
    }
    product_prefer_blas(false);
    truth_release(&truth);
}

static void gradients_are_finite_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        for (int k = 0; k < ARRAY_SIZE(activations); k++)
            check_case(&cases[i], activations[k], 0);
}

static void gradients_of_large_batches_are_finite_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(large); i++)
        check_case(&large[i], " | lrelu", 0);
}

/* Wider than the scratch in which OpenBLAS gets its operands. */
static void layers_may_be_wider_than_a_threads_scratch(void **state)
{
    const struct shape input = { PRODUCT_SCRATCH + 1000, 1, 1 };
    struct rig own, blas;
    (void)state;
    rig_new(&own, "dense 3", input, 2, 2);
    rig_new(&blas, "dense 3", input, 2, 2);
    rig_backward(&own, GRADIENT_SET | GRADIENT_INPUT);
    product_prefer_blas(true);
    rig_backward(&blas, GRADIENT_SET | GRADIENT_INPUT);
    product_prefer_blas(false);
    rig_near_all(tape_output(blas.tape), tape_output(own.tape), 6, 1e-5, "value");
    rig_near_all(blas.net->gradients, own.net->gradients, own.net->parameter_count, 1e-5,
                 "gradient");
    rig_free(&own);
    rig_free(&blas);
}

static void statistics_are_those_of_a_group(void **state)
{
    int checked = 0;
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rig rig;
        rig_new(&rig, cases[i].layers, cases[i].input, cases[i].images, 1);
        bool apt = couples_images(rig.net) && cases[i].images % 2 == 0;
        rig_free(&rig);
        if (!apt)
            continue;
        check_case(&cases[i], " | lrelu", 2);
        checked++;
    }
    assert_true(checked >= 6);
}

static void every_layer_has_a_case(void **state)
{
    (void)state;
    for (int t = 0; layer_table[t]; t++) {
        bool found = false;
        for (int i = 0; i < ARRAY_SIZE(cases); i++) {
            struct network *net;
            assert_int_equal(network_new_conditioned(&net, "network", cases[i].layers,
                                                     cases[i].input, RIG_CLASSES, rig_condition,
                                                     NULL),
                             0);
            for (int l = 0; l < net->layer_count; l++)
                found = found || net->layers[l].ops == layer_table[t];
            network_free(net);
        }
        if (!found)
            fail_msg("no case for layer '%s'", layer_table[t]->name);
    }
}

static void check_wanted(const struct layer_case *c, int threads)
{
    struct rig rig;
    rig_at("'%s', %d threads", c->layers, threads);
    rig_new(&rig, c->layers, c->input, c->images, threads);
    size_t count = rig.net->parameter_count, x_count = rig_count(&rig, c->input);
    rig_backward(&rig, GRADIENT_INPUT | GRADIENT_SET);
    float *set = rig_copy(rig.net->gradients, count);
    float *dx = rig_copy(tape_input_gradient(rig.tape), x_count);

    rig_backward(&rig, GRADIENT_SET);
    rig_near_all(rig.net->gradients, set, count, 1e-5, "set");

    float *sum = xcalloc(count + 1, sizeof *sum);
    for (size_t i = 0; i < count; i++)
        sum[i] = 3 * set[i];
    rig_backward(&rig, GRADIENT_ADD);
    rig_backward(&rig, GRADIENT_ADD | GRADIENT_INPUT);
    rig_near_all(rig.net->gradients, sum, count, 1e-5, "added");
    rig_near_all(tape_input_gradient(rig.tape), dx, x_count, 1e-5, "input gradient");

    memcpy(sum, rig.net->gradients, count * sizeof *sum);
    rig_backward(&rig, GRADIENT_INPUT);
    assert_memory_equal(rig.net->gradients, sum, count * sizeof *sum);
    rig_near_all(tape_input_gradient(rig.tape), dx, x_count, 1e-5, "input gradient");
    free(set);
    free(dx);
    free(sum);
    rig_free(&rig);
}

static void gradients_are_set_added_or_left_alone(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        for (int threads = 1; threads <= 3; threads++)
            check_wanted(&cases[i], threads);
}

static void check_repetition(const struct layer_case *c, int threads)
{
    struct rig first, second;
    rig_new(&first, c->layers, c->input, c->images, threads);
    rig_new(&second, c->layers, c->input, c->images, threads);
    rig_backward(&first, GRADIENT_SET);
    for (int i = 0; i < 3; i++)
        rig_backward(&second, GRADIENT_SET); /* what lies about on a tape does not count */
    size_t bytes = first.net->parameter_count * sizeof(float);
    assert_memory_equal(first.net->gradients, second.net->gradients, bytes);
    assert_memory_equal(tape_output(first.tape), tape_output(second.tape),
                        rig_count(&first, first.net->output) * sizeof(float));
    rig_free(&first);
    rig_free(&second);
}

static void the_same_threads_give_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        for (int threads = 1; threads <= 3; threads++)
            check_repetition(&cases[i], threads);
}

/* --- tangents: a dense layer at the end shows what arrives there --- */

/* Column n of a dense layer's (K, F) block: what leads to output n. The caller frees. */
static float *output_column(const float *block, int K, int F, int n)
{
    float *column = xcalloc((size_t)K, sizeof *column);
    for (int k = 0; k < K; k++)
        column[k] = block[k * F + n];
    return column;
}

/* With output n's seed on image n alone, column n of the last layer's gradient is image n's tangent
 * J v, and its weights' column n is what comes back as J^T w: <w, J v> = <J^T w, v>, exactly. */
static void check_symmetry(struct rig *rig)
{
    struct network *net = rig->net;
    const struct layer *last = &net->layers[net->layer_count - 1];
    int images = rig->pass.images, in = shape_size(net->input), K = last->in.channels;
    rig_forward(rig);
    memset(tape_output_gradient(rig->tape), 0, rig_count(rig, net->output) * sizeof(float));
    for (int n = 0; n < images; n++)
        tape_output_gradient(rig->tape)[n * images + n] = 1;
    network_backward(net, rig->tape, GRADIENT_INPUT);
    float *dx = rig_copy(tape_input_gradient(rig->tape), rig_count(rig, net->input));
    float *v = xcalloc((size_t)(images * in), sizeof *v);
    rig_fill(v, (size_t)(images * in), 12);
    memcpy(tape_input_tangent(rig->tape), v, (size_t)(images * in) * sizeof *v);
    network_tangent(net, rig->tape, images, NULL, GRADIENT_SET);
    for (int n = 0; n < images; n++) {
        float *w = output_column(net->parameters + last->weights, K, images, n);
        float *jv = output_column(net->gradients + last->weights, K, images, n);
        double length = rig_length(dx + n * in, (size_t)in) * rig_length(v + n * in, (size_t)in);
        rig_near(rig_dot(w, jv, (size_t)K), rig_dot(dx + n * in, v + n * in, (size_t)in), length,
                 1e-6, "<w, Jv>");
        free(w);
        free(jv);
    }
    free(dx);
    free(v);
}

/* J v as the difference of two passes of the reference, whose kinks are held. */
static void check_derivative(struct rig *rig)
{
    struct reference reference;
    const struct layer *last = &rig->net->layers[rig->net->layer_count - 1];
    int images = rig->pass.images, K = last->in.channels;
    size_t count = rig_count(rig, rig->net->input);
    float *v = xcalloc(count, sizeof *v);
    rig_fill(v, count, 12);
    double *along = rig_channels_first(v, images, rig->net->input);
    double *x = rig_channels_first(tape_input(rig->tape), images, rig->net->input);
    rig_reference(rig, &reference);
    double *y = reference_forward(&reference, x);
    for (size_t i = 0; i < count; i++)
        x[i] += slopes_step * along[i];
    double *moved = reference_forward(&reference, x);
    for (int n = 0; n < images; n++) {
        float *w = output_column(rig->net->parameters + last->weights, K, images, n);
        float *jv = output_column(rig->net->gradients + last->weights, K, images, n);
        double length = rig_length(w, (size_t)K) * rig_length(jv, (size_t)K);
        double difference = moved[n * images + n] - y[n * images + n];
        rig_near(rig_dot(w, jv, (size_t)K), difference / slopes_step, length, 1e-5, "Jv");
        free(w);
        free(jv);
    }
    reference_free(&reference);
    free(v);
    free(along);
    free(x);
    free(y);
    free(moved);
}

static bool check_tangent(const struct layer_case *c, const char *activation, int threads)
{
    char list[TEXT_SIZE];
    struct rig rig;
    snprintf(list, sizeof list, "%s%s | flatten | dense %d", c->layers, activation, c->images);
    rig_new(&rig, list, c->input, c->images, threads);
    bool apt = network_check_penalty(rig.net) == 0;
    rig_at("'%s', %d threads", list, threads);
    if (apt) {
        check_symmetry(&rig);
        check_derivative(&rig);
    }
    rig_free(&rig);
    return apt;
}

/* A layer's place in the list counts: with a tangent it must have been here. */
static void tangents_are_the_transpose_of_the_way_back(void **state)
{
    int checked = 0, expected = 0;
    (void)state;
    for (int t = 0; layer_table[t]; t++)
        expected += layer_table[t]->tangent != NULL;
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        for (int k = 0; k < 3; k++)
            for (int threads = 1; threads <= 3; threads++)
                checked += check_tangent(&cases[i], activations[k], threads);
    assert_true(checked >= 3 * 3 * expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_has_a_case),
        cmocka_unit_test(gradients_are_finite_differences),
        cmocka_unit_test(gradients_of_large_batches_are_finite_differences),
        cmocka_unit_test(layers_may_be_wider_than_a_threads_scratch),
        cmocka_unit_test(statistics_are_those_of_a_group),
        cmocka_unit_test(gradients_are_set_added_or_left_alone),
        cmocka_unit_test(the_same_threads_give_the_same_bits),
        cmocka_unit_test(tangents_are_the_transpose_of_the_way_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
