/* Networks as models of ONNX: of each word of a layer list the right operators, and the same images
 * where onnxruntime runs them ($GANDER_TEST_PYTHON, or python3, has it and numpy). */
#define _GNU_SOURCE
#include "../../src/cli/export_onnx.h"

#include <onnx.pb-c.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "nn/blas.h"
#include "nn/layer.h"
#include "testing.h"

enum { IMAGES = 5, CLASSES = 3, LATENT = 7, SIDE = 6 };

/* Each ends in an image of one channel, or in a flat vector that is one. */
static const struct {
    const char *layers;
    int height, width;
} networks[] = {
    { "dense 12 | relu | dense 15 | sigmoid", 3, 5 },
    { "dense 8 | norm | lrelu 0.3 | dense 16 spectral | layernorm | tanh", 4, 4 },
    { "dense 36 | reshape 4x3x3 | norm | relu | upconv 3 4/2 | norm | lrelu | upconv 1 5/2 | tanh",
      12, 12 },
    { "upconv 6 4/1/0 | norm | relu | upconv 2 3/2 | layernorm | upconv 1 4/2/1 | tanh", 16, 16 },
    { "dense 24 | reshape 6x2x2 | upsample 3 | conv 5 3/1 | dropout 0.4 | lrelu | conv 1 4/1/2 | "
      "tanh",
      7, 7 },
    { "dense 128 | reshape 2x8x8 | pool max 2 | conv 3 5/2 | relu | upsample 2 | pool average 2 | "
      "flatten | "
      "dense 9 | sigmoid",
      3, 3 },
    { "embed 4 | dense 18 | join | dense 18 | reshape 2x3x3 | embed 2 | join | conv 1 3/1 | tanh",
      3, 3 },
    { "condition | dense 72 | reshape 2x6x6 | condition | pool max 2 | condition | conv 1 3/1 | "
      "tanh",
      3, 3 },
    { "dense 18 | reshape 2x3x3 | stddev | conv 1 3/1 | tanh", 3, 3 },
    { "dense 10 | stddev | dense 6 | sigmoid", 2, 3 },
};

static struct arena arena;
static struct pool *pool;

static int enter(void **state)
{
    int code = scratch_enter(state);
    return code || blas_load() || pool_new(&pool, 1);
}

static int leave(void **state)
{
    pool_free(pool);
    arena_release(&arena);
    return scratch_leave(state);
}

static struct network *make_network(int i)
{
    struct network *net;
    struct random random;
    assert_int_equal(network_new_conditioned(&net, "generator", networks[i].layers,
                                             (struct shape){ LATENT, 1, 1 }, CLASSES,
                                             (struct shape){ 1, SIDE, SIDE }, pool),
                     0);
    random_seed(&random, (uint64_t)i, 1);
    network_init(net, &random);
    /* statistics and shifts that are not those of the beginning */
    for (size_t k = 0; k < net->parameter_count; k++)
        net->parameters[k] += 0.1F * (float)random_normal(&random);
    for (size_t k = 0; k < net->buffer_count; k++)
        net->buffers[k] = 0.5F + (float)random_uniform(&random);
    network_prepare(net, net->parameters, net->buffers, true);
    return net;
}

static int keep(void *context, const void *data, size_t size)
{
    FILE *file = context;
    return fwrite(data, 1, size, file) == size ? 0 : -1;
}

static void write_file(int i, const char *ending, const void *data, size_t size)
{
    const char *path = arena_printf(&arena, "%d.%s", i, ending);
    assert_int_equal(file_replace(path, data, size), 0);
}

/* I.latent, I.label and I.images, as the network itself draws them. */
static void draw(int i, struct network *net)
{
    struct tape *tape = tape_new(net, IMAGES, false);
    struct random random;
    int labels[IMAGES];
    int64_t wide[IMAGES];
    float latents[IMAGES * LATENT], conditions[IMAGES * SIDE * SIDE];
    random_seed(&random, (uint64_t)i, 2);
    random_fill_normal(&random, latents, IMAGES * LATENT);
    random_fill_uniform(&random, conditions, IMAGES * SIDE * SIDE, -1, 1);
    memcpy(tape_input(tape), latents, sizeof latents);
    for (int k = 0; k < IMAGES; k++)
        wide[k] = labels[k] = k % CLASSES;
    network_forward(net, tape,
                    &(struct pass){ .images = IMAGES,
                                    .mode = PASS_SAMPLE,
                                    .labels = net->uses_labels ? labels : NULL,
                                    .condition = net->uses_condition ? conditions : NULL,
                                    .random = &random });
    write_file(i, "latent", latents, sizeof latents);
    if (net->uses_labels)
        write_file(i, "label", wide, sizeof wide);
    if (net->uses_condition)
        write_file(i, "condition", conditions, sizeof conditions);
    write_file(i, "images", tape_output(tape),
               (size_t)(IMAGES * shape_size(net->output)) * sizeof(float));
    tape_free(tape);
}

static int write_model(int i, struct network *net)
{
    struct onnx_model model = { .name = networks[i].layers };
    FILE *file = fopen(arena_printf(&arena, "%d.onnx", i), "wb");
    onnx_of_network(&arena, net, networks[i].height, networks[i].width, &model);
    int error = onnx_write(&(struct outlet){ keep, file }, &model);
    fclose(file);
    return error;
}

static Onnx__Model *read_model(int i)
{
    char *data;
    size_t size;
    assert_int_equal(file_read(arena_printf(&arena, "%d.onnx", i), 1 << 24, &data, &size), 0);
    Onnx__Model *model = onnx__model__unpack(NULL, size, (const uint8_t *)data);
    free(data);
    assert_non_null(model);
    return model;
}

static void every_word_is_in_some_network(void **state)
{
    (void)state;
    for (int k = 0; layer_table[k]; k++) {
        bool is_there = false;
        for (int i = 0; i < ARRAY_SIZE(networks); i++)
            is_there = is_there || strstr(networks[i].layers, layer_table[k]->name);
        if (!is_there)
            print_message("no network has '%s'\n", layer_table[k]->name);
        assert_true(is_there);
    }
}

static const Onnx__Tensor *find_tensor(const Onnx__Graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (strcmp(graph->initializer[i]->name, name) == 0)
            return graph->initializer[i];
    return NULL;
}

/* Each value is made once, before it is taken. */
static void assert_sound(const Onnx__Graph *graph)
{
    for (size_t n = 0; n < graph->n_node; n++)
        for (size_t i = 0; i < graph->node[n]->n_input; i++) {
            const char *value = graph->node[n]->input[i];
            bool is_known = !*value || find_tensor(graph, value);
            for (size_t k = 0; k < graph->n_input && !is_known; k++)
                is_known = strcmp(graph->input[k]->name, value) == 0;
            for (size_t k = 0; k < n && !is_known; k++)
                is_known = strcmp(graph->node[k]->output[0], value) == 0;
            assert_true(is_known);
        }
    assert_string_equal(graph->node[graph->n_node - 1]->output[0], graph->output[0]->name);
    for (size_t i = 0; i < graph->n_initializer; i++) {
        size_t size = graph->initializer[i]->data_type == ONNX__TENSOR__TYPE__FLOAT ? 4 : 8;
        for (size_t k = 0; k < graph->initializer[i]->n_dims; k++)
            size *= (size_t)graph->initializer[i]->dims[k];
        assert_int_equal(graph->initializer[i]->raw_data.len, size);
    }
}

static void operators_are_those_of_the_layers(void **state)
{
    (void)state;
    static const char *const wanted[] = { "Gemm",      "Reshape",       "BatchNormalization",
                                          "Relu",      "ConvTranspose", "BatchNormalization",
                                          "LeakyRelu", "ConvTranspose", "Tanh",
                                          "Reshape" };
    struct network *net = make_network(2);
    assert_int_equal(write_model(2, net), 0);
    Onnx__Model *model = read_model(2);
    assert_int_equal(model->opset_import[0]->version, 17);
    assert_int_equal(model->graph->n_node, ARRAY_SIZE(wanted));
    for (int i = 0; i < ARRAY_SIZE(wanted); i++)
        assert_string_equal(model->graph->node[i]->op_type, wanted[i]);
    assert_sound(model->graph);
    /* upconv 1 5/2 of 6x6: 2 * 5 - 2 * 2 + 5 = 11, and one more */
    const Onnx__Node *last = model->graph->node[7];
    const Onnx__Attribute *padding = last->attribute[last->n_attribute - 1];
    assert_string_equal(padding->name, "output_padding");
    assert_int_equal(padding->ints[0], 1);
    const Onnx__Tensor *weight = find_tensor(model->graph, "7.weight");
    assert_true(weight && weight->n_dims == 4);
    if (!weight)
        return;
    assert_int_equal(weight->dims[0], 3);
    assert_int_equal(weight->dims[1], 1);
    assert_int_equal(weight->dims[3], 5);
    assert_null(find_tensor(model->graph, "4.bias")); /* a norm follows */
    assert_int_equal(model->graph->n_input, 1);
    onnx__model__free_unpacked(model, NULL);
    network_free(net);
}

static void every_network_becomes_a_sound_graph(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(networks); i++) {
        struct network *net = make_network(i);
        assert_int_equal(write_model(i, net), 0);
        Onnx__Model *model = read_model(i);
        assert_sound(model->graph);
        assert_int_equal(model->graph->n_input, 1 + net->uses_labels + net->uses_condition);
        assert_int_equal(model->graph->output[0]->type->tensor_type->shape->dim[2]->dim_value,
                         networks[i].height);
        onnx__model__free_unpacked(model, NULL);
        network_free(net);
    }
}

static void layer_that_is_unknown_or_incomplete_is_refused(void **state)
{
    (void)state;
    const struct onnx_layer layers[] = { { .word = "dense", .in = { 7, 1, 1 }, .out = { 4, 1, 1 } },
                                         { .word = "quantum" } };
    struct onnx_model model = { .name = "x", .latent = 7, .layers = layers, .layer_count = 1 };
    const struct outlet outlet = { keep, NULL };
    assert_int_equal(onnx_write(&outlet, &model), ERR_INVALID);
    assert_string_equal(error_text(), "generator layer 1 has no weight");
    model.layers = &layers[1];
    assert_int_equal(onnx_write(&outlet, &model), ERR_INVALID);
    assert_string_equal(error_text(), "generator layer 1: 'quantum' has no counterpart in ONNX");
}

static int run_python(const char *const *words)
{
    struct process_result result;
    if (process_run(&result, &(struct process){ .argv = words, .limit = 1 << 16 }) < 0)
        return -1;
    bool is_good = process_succeeded(&result);
    if (!is_good)
        print_message("%s\n", result.output);
    free(result.output);
    return is_good ? 0 : -1;
}

static void onnxruntime_makes_the_same_images(void **state)
{
    (void)state;
    const char *chosen = getenv("GANDER_TEST_PYTHON");
    const char *python = chosen && *chosen ? chosen : "python3";
    const char *script = arena_printf(&arena, "%s/tests/onnx/run_models.py", scratch_home);
    const char *const probe[] = { python, "-c", "import numpy, onnxruntime", NULL };
    const char *const words[] = { python, script, ".", NULL };
    struct process_result result;
    if (process_run(&result, &(struct process){ .argv = probe, .limit = 1 << 16 }) < 0)
        skip();
    bool has_it = process_succeeded(&result);
    free(result.output);
    if (!has_it)
        skip();
    for (int i = 0; i < ARRAY_SIZE(networks); i++) {
        struct network *net = make_network(i);
        draw(i, net);
        assert_int_equal(write_model(i, net), 0);
        network_free(net);
    }
    assert_int_equal(run_python(words), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_in_some_network),
        TEST(operators_are_those_of_the_layers),
        TEST(every_network_becomes_a_sound_graph),
        TEST(layer_that_is_unknown_or_incomplete_is_refused),
        TEST(onnxruntime_makes_the_same_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
