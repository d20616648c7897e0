/* Tensors as PyTorch names, shapes and orders them. That the order is right is proved by
 * pytorch_test.c, which puts PyTorch's numbers where network_export says. */
#include "nn/network.h"

#include <string.h>

#include "nn/rig.h"

static const char everything[] =
    "join | dense 45 | reshape 5x3x3 | norm | relu | conv 6 3/1 spectral | layernorm | lrelu | "
    "upconv 4 4/2 | stddev | pool max 2 | embed 3 | dropout 0.1 | upsample 2 | flatten | "
    "dense 7 | norm | dense 2 spectral | tanh";

/* In the order in which they are visited. Layers 1 and 15 have no bias: norms follow them. */
static const struct {
    const char *name;
    int dimensions;
    int64_t shape[4];
} tensors[] = {
    { "1.weight", 2, { 45, 14 } },  { "3.weight", 1, { 5 } },
    { "3.bias", 1, { 5 } },         { "3.running_mean", 1, { 5 } },
    { "3.running_var", 1, { 5 } },  { "5.weight", 4, { 6, 5, 3, 3 } },
    { "5.bias", 1, { 6 } },         { "6.weight", 3, { 6, 3, 3 } },
    { "6.bias", 3, { 6, 3, 3 } },   { "8.weight", 4, { 6, 4, 4, 4 } },
    { "8.bias", 1, { 4 } },         { "11.weight", 2, { 4, 3 } },
    { "15.weight", 2, { 7, 288 } }, { "16.weight", 1, { 7 } },
    { "16.bias", 1, { 7 } },        { "16.running_mean", 1, { 7 } },
    { "16.running_var", 1, { 7 } }, { "17.weight", 2, { 2, 7 } },
    { "17.bias", 1, { 2 } },
};

static size_t count_of(int dimensions, const int64_t *shape)
{
    size_t count = 1;
    for (int i = 0; i < dimensions; i++)
        count *= (size_t)shape[i];
    return count;
}

static int check_tensor(void *context, const char *name, int dimensions, const int64_t *shape,
                        const float *values)
{
    int *next = context;
    assert_true(*next < ARRAY_SIZE(tensors));
    assert_non_null(values);
    assert_string_equal(name, tensors[*next].name);
    assert_int_equal(dimensions, tensors[*next].dimensions);
    for (int i = 0; i < dimensions; i++)
        assert_int_equal(shape[i], tensors[*next].shape[i]);
    ++*next;
    return 0;
}

static void tensors_have_pytorchs_names_and_shapes(void **state)
{
    struct rig rig;
    int next = 0;
    (void)state;
    rig_new(&rig, everything, (struct shape){ 10, 1, 1 }, 2, 1);
    assert_int_equal(network_export(rig.net, NULL, NULL, check_tensor, &next), 0);
    assert_int_equal(next, ARRAY_SIZE(tensors));
    rig_free(&rig);
}

static int count_places(void *context, const char *name, int dimensions, const int64_t *shape,
                        const float *values)
{
    int *seen = context;
    for (size_t i = 0; !strstr(name, ".running_") && i < count_of(dimensions, shape); i++)
        seen[(size_t)values[i]]++;
    return 0;
}

/* Shown the places themselves, every layer gives each of its own once and no other. */
static void every_parameter_is_visited_once(void **state)
{
    static const char list[] = "join | dense 45 | reshape 5x3x3 | norm | conv 6 3/1 | layernorm | "
                               "upconv 4 4/2 | embed 3 | flatten | dense 2";
    struct rig rig;
    (void)state;
    rig_new(&rig, list, (struct shape){ 10, 1, 1 }, 2, 1);
    size_t count = rig.net->parameter_count;
    int *seen = xcalloc(count, sizeof *seen), wanted = 0;
    for (size_t i = 0; i < count; i++)
        rig.net->parameters[i] = (float)i;
    assert_int_equal(network_export(rig.net, NULL, NULL, count_places, seen), 0);
    for (int i = 0; i < rig.net->layer_count; i++) {
        const struct layer *layer = &rig.net->layers[i];
        for (size_t k = 0; k < layer->weight_count; k++)
            assert_int_equal(seen[layer->weights + k], 1);
        for (size_t k = 0; k < layer->bias_count; k++)
            assert_int_equal(seen[layer->biases + k], 1);
        wanted += (int)(layer->weight_count + layer->bias_count);
    }
    for (size_t i = 0; i < count; i++)
        wanted -= seen[i];
    assert_int_equal(wanted, 0); /* nothing between the layers */
    free(seen);
    rig_free(&rig);
}

struct sample { /* the first value of one tensor */
    const char *name;
    float value;
};

static int take_first(void *context, const char *name, int dimensions, const int64_t *shape,
                      const float *values)
{
    struct sample *sample = context;
    (void)dimensions, (void)shape;
    if (strcmp(name, sample->name) == 0)
        sample->value = values[0];
    return 0;
}

static float first_of(struct network *net, const float *parameters, const float *buffers,
                      const char *name)
{
    struct sample sample = { .name = name };
    assert_int_equal(network_export(net, parameters, buffers, take_first, &sample), 0);
    return sample.value;
}

/* A moving average is exported with its own statistics. */
static void other_blocks_are_exported_in_place_of_the_networks_own(void **state)
{
    struct rig rig;
    (void)state;
    rig_new(&rig, "dense 20 | norm | dense 3 spectral", (struct shape){ 6, 1, 1 }, 4, 1);
    float *parameters = rig_copy(rig.net->parameters, rig.net->parameter_count);
    float *buffers = rig_copy(rig.net->buffers, rig.net->buffer_count);
    const struct layer *spectral = &rig.net->layers[2];
    float own = first_of(rig.net, NULL, NULL, "0.weight");
    float normed = first_of(rig.net, NULL, NULL, "2.weight");
    for (size_t i = 0; i < rig.net->parameter_count; i++)
        parameters[i] *= 2;
    buffers[rig.net->layers[1].buffers] = 7;
    buffers[spectral->spectrals + spectral_sigma_at(spectral)] *= 4;
    assert_true(first_of(rig.net, parameters, NULL, "0.weight") == 2 * own);
    assert_true(first_of(rig.net, NULL, buffers, "1.running_mean") == 7);
    rig_near((double)first_of(rig.net, parameters, buffers, "2.weight"), (double)normed / 2, 0,
             1e-6, "W / sigma");
    assert_true(first_of(rig.net, NULL, NULL, "0.weight") == own);
    assert_true(first_of(rig.net, NULL, NULL, "1.running_mean") == 0);
    free(parameters);
    free(buffers);
    rig_free(&rig);
}

/* What is exported of spectral norm is what passes use: W / sigma. */
static void weights_with_spectral_norm_are_those_in_use(void **state)
{
    struct rig with, without;
    (void)state;
    rig_new(&with, "dense 3 spectral", (struct shape){ 6, 1, 1 }, 4, 1);
    rig_new(&without, "dense 3", (struct shape){ 6, 1, 1 }, 4, 1);
    memcpy(without.net->parameters, with.net->parameters,
           with.net->parameter_count * sizeof(float));
    float factor =
        first_of(with.net, NULL, NULL, "0.weight") / first_of(without.net, NULL, NULL, "0.weight");
    for (size_t i = 0; i < with.net->layers[0].weight_count; i++)
        without.net->parameters[i] *= factor;
    rig_forward(&with);
    rig_forward(&without);
    rig_near_all(tape_output(with.tape), tape_output(without.tape), 12, 1e-5, "output");
    assert_true(factor != 1);
    rig_free(&with);
    rig_free(&without);
}

static int stop_at_third(void *context, const char *name, int dimensions, const int64_t *shape,
                         const float *values)
{
    int *visits = context;
    (void)name, (void)dimensions, (void)shape, (void)values;
    return ++*visits == 3 ? ERR_IO : 0;
}

static void a_visitor_that_fails_ends_the_visit(void **state)
{
    struct rig rig;
    (void)state;
    rig_new(&rig, everything, (struct shape){ 10, 1, 1 }, 2, 1);
    for (int skipped = 0; skipped < ARRAY_SIZE(tensors) - 3; skipped++) {
        int visits = -skipped;
        assert_int_equal(network_export(rig.net, NULL, NULL, stop_at_third, &visits), ERR_IO);
        assert_int_equal(visits, 3);
    }
    rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_have_pytorchs_names_and_shapes),
        cmocka_unit_test(every_parameter_is_visited_once),
        cmocka_unit_test(other_blocks_are_exported_in_place_of_the_networks_own),
        cmocka_unit_test(weights_with_spectral_norm_are_those_in_use),
        cmocka_unit_test(a_visitor_that_fails_ends_the_visit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
