/* Spectral normalisation: sigma is the largest singular value, and one call is one iteration. */
#include "nn/network.h"

#include <math.h>
#include <string.h>

#include "nn/rig.h"

static const struct {
    const char *layers;
    struct shape input;
    int rows, columns; /* of the matrix as PyTorch sees it: outputs, the rest */
} cases[] = {
    { "dense 20 spectral", { 33, 1, 1 }, 20, 33 },    { "dense 1 spectral", { 7, 1, 1 }, 1, 7 },
    { "dense 9 spectral | norm", { 7, 1, 1 }, 9, 7 }, { "conv 5 3/2 spectral", { 3, 6, 7 }, 5, 27 },
    { "upconv 5 4/2 spectral", { 3, 4, 3 }, 5, 48 },
};

/* PyTorch's matrix of a layer's exported weights: rows are what comes out, also where the weights'
 * first dimension is what goes in. */
struct matrix {
    double *values;
    int rows, columns;
    bool transposed; /* exported as (inputs, rows, K K) */
};

static int take_weight(void *context, const char *name, int dimensions, const int64_t *shape,
                       const float *values)
{
    struct matrix *matrix = context;
    if (strcmp(name, "0.weight") != 0)
        return 0;
    int places = dimensions == 4 ? (int)(shape[2] * shape[3]) : 1, inputs = (int)shape[0];
    matrix->values = xcalloc((size_t)(matrix->rows * matrix->columns), sizeof(double));
    for (int i = 0; i < matrix->rows * matrix->columns; i++) {
        int row = i / matrix->columns, column = i % matrix->columns;
        int input = column / places, place = column % places;
        int at = matrix->transposed ? (input * matrix->rows + row) * places + place : i;
        matrix->values[i] = (double)values[at];
    }
    assert_true(!matrix->transposed || inputs * places == matrix->columns);
    return 0;
}

static struct matrix exported(struct network *net, int rows, int columns)
{
    struct matrix matrix = { .rows = rows, .columns = columns };
    matrix.transposed = net->layers[0].ops == &layer_upconv;
    assert_int_equal(network_export(net, NULL, NULL, take_weight, &matrix), 0);
    return matrix;
}

/* v = A^T u, u = A v; both to length 1. The length that u had is returned: A's largest singular
 * value, once many of these are done. */
static double power_iteration(const struct matrix *matrix, double *u, double *v)
{
    double length = 0, out = 0;
    for (int c = 0; c < matrix->columns; c++) {
        v[c] = 0;
        for (int r = 0; r < matrix->rows; r++)
            v[c] += matrix->values[r * matrix->columns + c] * u[r];
        length += v[c] * v[c];
    }
    for (int c = 0; c < matrix->columns; c++)
        v[c] /= sqrt(length);
    for (int r = 0; r < matrix->rows; r++) {
        u[r] = 0;
        for (int c = 0; c < matrix->columns; c++)
            u[r] += matrix->values[r * matrix->columns + c] * v[c];
        out += u[r] * u[r];
    }
    for (int r = 0; r < matrix->rows; r++)
        u[r] /= sqrt(out);
    return sqrt(out);
}

static double largest_singular_value(const struct matrix *matrix, int iterations)
{
    double *u = xcalloc((size_t)matrix->rows, sizeof *u);
    double *v = xcalloc((size_t)matrix->columns, sizeof *v), value = 0;
    for (int r = 0; r < matrix->rows; r++)
        u[r] = 1 + 0.1 * r;
    for (int i = 0; i < iterations; i++)
        value = power_iteration(matrix, u, v);
    free(u);
    free(v);
    return value;
}

static void exported_weights_have_a_norm_of_1(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rig rig;
        rig_at("'%s'", cases[i].layers);
        rig_new(&rig, cases[i].layers, cases[i].input, 2, 1);
        for (int k = 0; k < 3000; k++)
            network_prepare(rig.net, NULL, NULL, true);
        struct matrix matrix = exported(rig.net, cases[i].rows, cases[i].columns);
        rig_near(largest_singular_value(&matrix, 5000), 1, 1, 1e-5, "norm");
        free(matrix.values);
        rig_free(&rig);
    }
}

/* Where output f and input i meet in memory: (inputs, F), upconv's (K K, F, C). */
static size_t weight_at(const struct layer *layer, int f, int i)
{
    int F = layer->out.channels, C = layer->in.channels;
    return (size_t)(layer->ops == &layer_upconv ? (i / C * F + f) * C + i % C : i * F + f);
}

/* Miyato et al. 2018, algorithm 1, u over the outputs. */
static void check_iteration(struct rig *rig)
{
    const struct layer *layer = &rig->net->layers[0];
    int count = (int)layer->weight_count, rows = layer->out.channels, columns = count / rows;
    const float *got = rig->net->buffers + layer->spectrals;
    struct matrix matrix = { .values = xcalloc((size_t)count, sizeof(double)),
                             .rows = rows,
                             .columns = columns };
    double *u = xcalloc((size_t)rows, sizeof *u), *v = xcalloc((size_t)columns, sizeof *v);
    for (int i = 0; i < count; i++)
        matrix.values[i] =
            (double)
                rig->net->parameters[layer->weights + weight_at(layer, i / columns, i % columns)];
    for (int r = 0; r < rows; r++)
        u[r] = (double)got[r];
    for (int k = 0; k < 3; k++) {
        double sigma = power_iteration(&matrix, u, v);
        network_prepare(rig->net, NULL, NULL, true);
        for (int r = 0; r < rows; r++)
            rig_near((double)got[r], u[r], 1 / sqrt(rows), 1e-5, "u");
        for (int c = 0; c < columns; c++)
            rig_near((double)got[rows + c], v[c], 1 / sqrt(columns), 1e-5, "v");
        rig_near((double)got[rows + columns], sigma, 0, 1e-5, "sigma");
    }
    free(matrix.values);
    free(u);
    free(v);
}

static void one_call_is_one_iteration(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rig rig;
        rig_at("'%s'", cases[i].layers);
        rig_new(&rig, cases[i].layers, cases[i].input, 2, 1);
        const struct layer *layer = &rig.net->layers[0];
        rig_fill(rig.net->buffers + layer->spectrals, spectral_sigma_at(layer), 40);
        check_iteration(&rig);
        rig_free(&rig);
    }
}

/* Without `iterate` the vectors stay, and sigma follows the weights. */
static void sampling_weights_get_their_sigma_and_change_no_vector(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rig rig;
        rig_new(&rig, cases[i].layers, cases[i].input, 2, 1);
        const struct layer *layer = &rig.net->layers[0];
        size_t vectors = spectral_sigma_at(layer), count = rig.net->parameter_count;
        float *buffers = rig_copy(rig.net->buffers, rig.net->buffer_count);
        float *own = rig_copy(rig.net->buffers, rig.net->buffer_count);
        float *doubled = rig_copy(rig.net->parameters, count);
        for (size_t k = 0; k < count; k++)
            doubled[k] *= 2;
        network_prepare(rig.net, doubled, buffers, false);
        assert_memory_equal(buffers + layer->spectrals, own + layer->spectrals,
                            vectors * sizeof(float));
        float ratio = buffers[layer->spectrals + vectors] / own[layer->spectrals + vectors];
        assert_true(fabsf(ratio - 2) < 1e-5f);
        assert_memory_equal(rig.net->buffers, own, rig.net->buffer_count * sizeof(float));
        free(buffers);
        free(own);
        free(doubled);
        rig_free(&rig);
    }
}

/* W / sigma does not know the length of W. */
static void outputs_do_not_depend_on_the_size_of_the_weights(void **state)
{
    struct rig small, large;
    (void)state;
    rig_new(&small, "conv 6 4/2 spectral | lrelu | flatten | dense 3 spectral",
            (struct shape){ 1, 6, 6 }, 4, 2);
    rig_new(&large, "conv 6 4/2 spectral | lrelu | flatten | dense 3 spectral",
            (struct shape){ 1, 6, 6 }, 4, 2);
    for (int i = 0; i < large.net->layer_count; i++)
        for (size_t k = 0; k < large.net->layers[i].weight_count; k++)
            large.net->parameters[large.net->layers[i].weights + k] *= 100;
    network_prepare(large.net, NULL, NULL, false);
    rig_forward(&small);
    rig_forward(&large);
    rig_near_all(tape_output(large.tape), tape_output(small.tape), 4 * 3, 1e-5, "output");
    rig_free(&small);
    rig_free(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exported_weights_have_a_norm_of_1),
        cmocka_unit_test(one_call_is_one_iteration),
        cmocka_unit_test(sampling_weights_get_their_sigma_and_change_no_vector),
        cmocka_unit_test(outputs_do_not_depend_on_the_size_of_the_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
