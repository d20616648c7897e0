/* Layer lists: what they become, and what is said of those that become nothing. */
#include "nn/network.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h" /* before cmocka's fail() */
#include <cmocka.h>

#include "base/memory.h"
#include "nn/layer.h"
#include "nn/windows.h"

static const char dcgan_g[] = "dense 6272 | reshape 128x7x7 | norm | relu | upconv 64 4/2 | norm | "
                              "relu | upconv 1 4/2 | tanh";
static const char dcgan_d[] =
    "conv 64 4/2 | lrelu 0.2 | conv 128 4/2 | lrelu 0.2 | flatten | dense 1";
static const char dense_g[] =
    "dense 128 | relu | dense 256 | norm | relu | dense 512 | norm | relu "
    "| dense 1024 | norm | relu | dense 784 | tanh";
static const char dense_d[] = "dense 512 | lrelu | dense 256 | lrelu | dense 1";

static struct network *look_at(const char *layers, struct shape input, int classes)
{
    struct network *net;
    if (network_new(&net, "network", layers, input, classes, NULL) < 0)
        fail_msg("%s", error_text());
    return net;
}

/* --- sentences --- */

/* Which layer, what it gets, and what it needs: all that a person must know to mend the list. */
static const struct {
    const char *layers;
    struct shape input;
    const char *which, *gets, *needs;
} wrong[] = {
    { "dens 10", { 100, 1, 1 }, "layer 1 'dens 10'", "100", "did you mean 'dense'?" },
    { "relu | upcnv 3 4/2", { 1, 4, 4 }, "layer 2 'upcnv 3 4/2'", "1x4x4", "mean 'upconv'?" },
    { "relu | fully-connected", { 5, 1, 1 }, "layer 2", "5", "unknown layer 'fully-connected'" },
    { "dense", { 5, 1, 1 }, "layer 1 'dense'", "5", "needs a number of outputs" },
    { "dense x", { 5, 1, 1 }, "layer 1", "5", "needs a number of outputs, got 'x'" },
    { "dense 0", { 5, 1, 1 }, "layer 1", "5", "from 1 to 1048576, got 0" },
    { "dense -5", { 5, 1, 1 }, "layer 1", "5", "from 1 to 1048576, got -5" },
    { "dense 1048577", { 5, 1, 1 }, "layer 1", "5", "from 1 to 1048576, got 1048577" },
    { "dense 99999999999999999999", { 5, 1, 1 }, "layer 1", "5", "got '99999999999999999999'" },
    { "dense 4.5", { 5, 1, 1 }, "layer 1", "5", "got '4.5'" },
    { "dense 5 6", { 5, 1, 1 }, "layer 1", "5", "does not know what to do with '6'" },
    { "dense 5 spectral spectral", { 5, 1, 1 }, "layer 1", "5", "what to do with 'spectral'" },
    { "conv 4 3/1 | dense 10", { 2, 5, 6 }, "layer 2 'dense 10'", "4x5x6", "put 'flatten' before" },
    { "conv", { 1, 9, 9 }, "layer 1", "1x9x9", "needs a number of feature maps" },
    { "conv 70000 3/1", { 1, 9, 9 }, "layer 1", "1x9x9", "from 1 to 16384, got 70000" },
    { "conv 8", { 1, 9, 9 }, "layer 1", "1x9x9", "needs KERNEL/STRIDE, for instance 4/2" },
    { "conv 8 4", { 1, 9, 9 }, "layer 1", "1x9x9", "needs KERNEL/STRIDE, for instance 4/2" },
    { "conv 8 4/2/", { 1, 9, 9 }, "layer 1", "1x9x9", "got '4/2/'" },
    { "conv 8 4/2/1/1", { 1, 9, 9 }, "layer 1", "1x9x9", "got '4/2/1/1'" },
    { "conv 8 0/1", { 1, 9, 9 }, "layer 1", "1x9x9", "a kernel from 1 to 64" },
    { "conv 8 65/2", { 1, 9, 9 }, "layer 1", "1x9x9", "a kernel from 1 to 64" },
    { "conv 8 -3/1", { 1, 9, 9 }, "layer 1", "1x9x9", "a kernel from 1 to 64" },
    { "conv 8 3/0", { 1, 9, 9 }, "layer 1", "1x9x9", "a stride from 1 to the kernel" },
    { "conv 8 3/4", { 1, 9, 9 }, "layer 1", "1x9x9", "a stride from 1 to the kernel" },
    { "conv 8 4/2/4", { 1, 9, 9 }, "layer 1", "1x9x9", "a padding below it" },
    { "conv 8 4/2/-1", { 1, 9, 9 }, "layer 1", "1x9x9", "a padding below it" },
    { "conv 8 999999999/1", { 1, 9, 9 }, "layer 1", "1x9x9", "needs KERNEL/STRIDE" },
    { "conv 8 7/1/0", { 1, 9, 5 }, "layer 1", "1x9x5", "an image of at least 7x7 pixels" },
    { "upconv 1 2/2/1", { 3, 1, 1 }, "layer 1", "3", "would make an image of 0x0 pixels" },
    { "upconv 1 64/64", { 1, 65, 65 }, "layer 1", "1x65x65", "an image of 4160x4160 pixels" },
    { "conv 1 64/1/63", { 256, 256, 256 }, "layer 1", "256x256x256", "would spread an image" },
    { "upsample", { 1, 4, 4 }, "layer 1", "1x4x4", "needs a factor" },
    { "upsample 17", { 1, 4, 4 }, "layer 1", "1x4x4", "from 1 to 16, got 17" },
    { "pool 2", { 1, 4, 4 }, "layer 1", "1x4x4", "needs 'max' or 'average' and a size" },
    { "pool max", { 1, 4, 4 }, "layer 1", "1x4x4", "needs a size" },
    { "pool max 3", { 1, 6, 4 }, "layer 1", "1x6x4", "a height and width that 3 divides" },
    { "reshape 1x28", { 784, 1, 1 }, "layer 1", "784", "needs CHANNELSxHEIGHTxWIDTH" },
    { "reshape 1x28x28x1", { 784, 1, 1 }, "layer 1", "784", "needs CHANNELSxHEIGHTxWIDTH" },
    { "reshape -1x28x-28", { 784, 1, 1 }, "layer 1", "784", "needs CHANNELSxHEIGHTxWIDTH" },
    { "reshape 999999x9999x9999", { 784, 1, 1 }, "layer 1", "784", "99979901019999 values" },
    { "reshape 1x28x27", { 784, 1, 1 }, "layer 1", "784", "needs 756 values" },
    { "reshape 1x28x28", { 1, 28, 28 }, "layer 1", "1x28x28", "needs a flat vector" },
    { "dropout", { 5, 1, 1 }, "layer 1", "5", "needs a probability from 0 to below 1" },
    { "dropout 1", { 5, 1, 1 }, "layer 1", "5", "needs a probability from 0 to below 1" },
    { "dropout nan", { 5, 1, 1 }, "layer 1", "5", "needs a probability from 0 to below 1" },
    { "lrelu 1", { 5, 1, 1 }, "layer 1", "5", "needs a slope from 0 to below 1, got 1" },
    { "lrelu -0.1", { 5, 1, 1 }, "layer 1", "5", "needs a slope from 0 to below 1, got -0.1" },
    { "lrelu steep", { 5, 1, 1 }, "layer 1", "5", "does not know what to do with 'steep'" },
    { "embed 5", { 5, 1, 1 }, "layer 1", "5", "needs labels, and the data has none" },
    { "join", { 5, 1, 1 }, "layer 1", "5", "needs labels, and the data has none" },
    { "condition", { 5, 1, 1 }, "layer 1", "5", "needs an image as condition, and there is none" },
    { "norm spectral", { 5, 1, 1 }, "layer 1", "5", "does not know what to do with 'spectral'" },
    { "relu a b c d e f g h i", { 5, 1, 1 }, "layer 1", "5", "does not know what to do with 'a'" },
    { "", { 5, 1, 1 }, "layer 1", "5", "nothing stands" },
    { "relu |", { 5, 1, 1 }, "layer 2", "5", "nothing stands" },
    { "relu | | relu", { 5, 1, 1 }, "layer 2", "5", "nothing stands" },
};

static void assert_says(const char *layers, const char *part)
{
    if (!strstr(error_text(), part))
        fail_msg("'%.80s': '%s' is not said in: %s", layers, part, error_text());
}

static void a_network_that_does_not_fit_says_which_layer_got_and_needs_what(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct network *net = NULL;
        char gets[64];
        snprintf(gets, sizeof gets, ", which gets %s: ", wrong[i].gets);
        assert_int_equal(network_new(&net, "generator", wrong[i].layers, wrong[i].input, 0, NULL),
                         ERR_INVALID);
        assert_null(net);
        assert_memory_equal(error_text(), "generator layer ", 16);
        assert_says(wrong[i].layers, wrong[i].which);
        assert_says(wrong[i].layers, gets);
        assert_says(wrong[i].layers, wrong[i].needs);
    }
}

static void embeddings_are_bounded(void **state)
{
    struct network *net;
    (void)state;
    assert_int_equal(network_new(&net, "d", "embed 4097", (struct shape){ 5, 1, 1 }, 10, NULL),
                     ERR_INVALID);
    assert_says("embed 4097", "needs a number of features from 1 to 4096, got 4097");
}

/* --- limits --- */

/* "word | word | …", `count` times; the caller frees. */
static char *repeat(const char *word, int count)
{
    size_t length = strlen(word), step = length + 3;
    char *list = xcalloc((size_t)count, step);
    for (int i = 0; i < count; i++) {
        memcpy(list + (size_t)i * step, word, length);
        if (i + 1 < count)
            memcpy(list + (size_t)i * step + length, " | ", 3);
    }
    return list;
}

static void assert_refused(const char *layers, struct shape input, const char *part)
{
    struct network *net;
    assert_int_equal(network_new(&net, "critic", layers, input, 0, NULL), ERR_INVALID);
    assert_says(layers, part);
}

static void lists_have_at_most_64_layers(void **state)
{
    char *most = repeat("relu", 64), *more = repeat("relu", 65), *many = repeat("relu", 200000);
    struct shape input = { 5, 1, 1 };
    (void)state;
    network_free(look_at(most, input, 0));
    assert_refused(more, input, "critic has more than 64 layers");
    assert_refused(many, input, "critic has more than 64 layers");
    free(most);
    free(more);
    free(many);
}

static void words_of_any_length_are_told_in_one_line(void **state)
{
    char *word = xcalloc(1 << 20, 1), *bars = xcalloc(1 << 20, 1);
    struct shape input = { 5, 1, 1 };
    (void)state;
    memset(word, 'x', (1 << 20) - 1);
    memset(bars, '|', (1 << 20) - 1);
    assert_refused(word, input, "critic layer 1 'xxx");
    assert_true(strlen(error_text()) < 300);
    memcpy(word, "dense ", 6);
    assert_refused(word, input, "needs a number of outputs, got 'xxx");
    assert_true(strlen(error_text()) < 300);
    assert_refused(bars, input, "nothing stands");
    free(word);
    free(bars);
}

static void networks_have_a_greatest_size(void **state)
{
    (void)state;
    assert_refused("dense 1048576 | dense 1048576", (struct shape){ 5, 1, 1 },
                   "more than 268435456 parameters at layer 2 'dense 1048576'");
    assert_refused("reshape 1x1x1 | upsample 16 | upsample 16 | upsample 16 | upsample 16",
                   (struct shape){ 1, 1, 1 }, "makes 4294967296 values an image");
    assert_refused("conv 16384 1/1", (struct shape){ 1, 64, 64 }, "makes 67108864 values an image");
    assert_refused("conv 16384 64/1/63", (struct shape){ 1048576, 1, 1 }, "would spread");
    assert_refused("layernorm | layernorm | layernorm | layernorm | layernorm | layernorm | "
                   "layernorm | layernorm | layernorm",
                   (struct shape){ 16, 1024, 1024 }, "more than 268435456 parameters at layer 9");
}

/* --- shapes --- */

static const struct {
    const char *layers;
    struct shape input, output;
} fitting[] = {
    { "dense 7", { 3, 1, 1 }, { 7, 1, 1 } },
    { "  dense\t7  |relu|tanh", { 3, 1, 1 }, { 7, 1, 1 } },
    { "conv 6 4/2", { 3, 28, 14 }, { 6, 14, 7 } },
    { "conv 6 5/2", { 3, 7, 5 }, { 6, 4, 3 } },
    { "conv 6 3/1", { 3, 7, 5 }, { 6, 7, 5 } },
    { "conv 6 7/1/0", { 3, 7, 9 }, { 6, 1, 3 } },
    { "conv 6 3/1/2", { 3, 7, 9 }, { 6, 9, 11 } },
    { "conv 6 2/2", { 3, 7, 9 }, { 6, 3, 4 } },
    { "upconv 6 4/2", { 3, 7, 5 }, { 6, 14, 10 } },
    { "upconv 6 5/2", { 3, 7, 5 }, { 6, 14, 10 } },
    { "upconv 6 5/3", { 3, 2, 3 }, { 6, 6, 9 } },
    { "upconv 6 7/1/0", { 3, 1, 1 }, { 6, 7, 7 } },
    { "upconv 6 4/2/0", { 3, 2, 3 }, { 6, 6, 8 } },
    { "upsample 3", { 3, 2, 5 }, { 3, 6, 15 } },
    { "pool max 2", { 3, 4, 6 }, { 3, 2, 3 } },
    { "pool average 5", { 3, 10, 5 }, { 3, 2, 1 } },
    { "flatten", { 3, 4, 5 }, { 60, 1, 1 } },
    { "reshape 3x4x5", { 60, 1, 1 }, { 3, 4, 5 } },
    { "norm | layernorm | dropout 0.5 | relu", { 3, 4, 5 }, { 3, 4, 5 } },
    { "stddev", { 3, 4, 5 }, { 4, 4, 5 } },
    { "embed 6", { 3, 4, 5 }, { 9, 4, 5 } },
    { "join", { 3, 1, 1 }, { 13, 1, 1 } },
};

static void assert_shape(const char *layers, struct shape got, struct shape wanted)
{
    if (got.channels != wanted.channels || got.height != wanted.height || got.width != wanted.width)
        fail_msg("'%s' gives %dx%dx%d, not %dx%dx%d", layers, got.channels, got.height, got.width,
                 wanted.channels, wanted.height, wanted.width);
}

static void shapes_are_inferred(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(fitting); i++) {
        struct network *net = look_at(fitting[i].layers, fitting[i].input, 10);
        assert_shape(fitting[i].layers, net->output, fitting[i].output);
        network_free(net);
    }
}

static void check_padding(int kernel, int stride, int height)
{
    struct shape input = { 1, height, height + 3 };
    int fit = (kernel - stride) % 2 ? height + 1 : height;
    char list[32];
    snprintf(list, sizeof list, "upconv 2 %d/%d", kernel, stride);
    struct network *net = look_at(list, input, 0);
    assert_shape(list, net->output, (struct shape){ 2, height * stride, (height + 3) * stride });
    network_free(net);
    if (fit < stride)
        return;
    snprintf(list, sizeof list, "conv 2 %d/%d", kernel, stride);
    net = look_at(list, input, 0);
    assert_shape(list, net->output, (struct shape){ 2, fit / stride, (fit + 3) / stride });
    network_free(net);
}

static void an_unwritten_padding_centres_the_kernel(void **state)
{
    (void)state;
    for (int kernel = 1; kernel <= 9; kernel++)
        for (int stride = 1; stride <= kernel; stride++)
            for (int height = 1; height <= 30; height++)
                check_padding(kernel, stride, height);
}

/* --- counts --- */

static void add_facts(const struct network *net, size_t *parameters, double *multiply_adds)
{
    *parameters = 0;
    *multiply_adds = 0;
    for (int i = 0; i < net->layer_count; i++) {
        struct layer_facts facts;
        network_layer_facts(net, i, &facts);
        *parameters += facts.parameters;
        *multiply_adds += facts.multiply_adds;
    }
}

/* Those of the same networks in PyTorch. */
static void parameters_and_work_are_counted(void **state)
{
    static const struct {
        const char *layers;
        struct shape input;
        size_t parameters;
        double multiply_adds;
    } known[] = {
        { dcgan_g, { 100, 1, 1 }, 759681, 7250432 },
        { dcgan_d, { 1, 28, 28 }, 138561, 6629504 },
        { dense_g, { 100, 1, 1 }, 1508240, 1503744 },
        { dense_d, { 784, 1, 1 }, 533505, 532736 },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(known); i++) {
        struct network *net = look_at(known[i].layers, known[i].input, 0);
        size_t parameters;
        double multiply_adds;
        add_facts(net, &parameters, &multiply_adds);
        assert_int_equal(parameters, known[i].parameters);
        assert_true(multiply_adds == known[i].multiply_adds);
        network_free(net);
    }
}

static void a_bias_is_dropped_before_a_norm_alone(void **state)
{
    static const struct {
        const char *layers;
        bool biased[2]; /* of the first two layers */
    } lists[] = {
        { "dense 5 | dense 4", { true, true } },
        { "dense 5 | norm", { false, true } }, /* norm's shift */
        { "dense 6 | reshape 6x1x1 | norm", { false, false } },
        { "dense 5 | relu | norm", { true, false } },
        { "dense 5 | layernorm", { true, true } },
        { "dense 5 | dropout 0.5 | norm", { true, false } },
        { "dense 5 | stddev | norm", { true, false } },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++) {
        struct network *net = look_at(lists[i].layers, (struct shape){ 3, 1, 1 }, 0);
        for (int k = 0; k < 2; k++)
            if ((net->layers[k].bias_count > 0) != lists[i].biased[k])
                fail_msg("'%s': layer %d", lists[i].layers, k + 1);
        network_free(net);
    }
}

static void facts_are_those_of_the_list(void **state)
{
    struct layer_facts facts;
    struct network *net = look_at(" conv 6 4/2   spectral| norm |lrelu 0.1|flatten | dense 1",
                                  (struct shape){ 3, 8, 6 }, 0);
    (void)state;
    network_layer_facts(net, 0, &facts);
    assert_string_equal(facts.text, "conv 6 4/2   spectral");
    assert_shape(facts.text, facts.output, (struct shape){ 6, 4, 3 });
    assert_int_equal(facts.parameters, 6 * 3 * 16);
    assert_true(facts.multiply_adds == 6 * 3 * 16 * 4 * 3);
    network_layer_facts(net, 1, &facts);
    assert_int_equal(facts.parameters, 12);
    network_layer_facts(net, 2, &facts);
    assert_string_equal(facts.text, "lrelu 0.1");
    assert_int_equal(facts.parameters, 0);
    network_layer_facts(net, 4, &facts);
    assert_int_equal(facts.parameters, 73);
    network_free(net);
}

static void labels_are_asked_for_where_a_layer_takes_them(void **state)
{
    struct network *without = look_at("dense 3", (struct shape){ 3, 1, 1 }, 10);
    struct network *with = look_at("dense 3 | join", (struct shape){ 3, 1, 1 }, 10);
    (void)state;
    assert_false(without->uses_labels);
    assert_true(with->uses_labels);
    network_free(without);
    network_free(with);
}

/* --- conditions --- */

static int look_conditioned(struct network **net, const char *layers, struct shape input)
{
    return network_new_conditioned(net, "generator", layers, input, 0, (struct shape){ 1, 28, 28 },
                                   NULL);
}

static void a_condition_joins_what_has_its_size_or_a_whole_part_of_it(void **state)
{
    static const struct {
        struct shape input, output;
    } taken[] = {
        { { 3, 28, 28 }, { 4, 28, 28 } }, { { 3, 14, 14 }, { 4, 14, 14 } },
        { { 3, 7, 7 }, { 4, 7, 7 } },     { { 5, 1, 1 }, { 789, 1, 1 } },
        { { 1, 4, 4 }, { 2, 4, 4 } },
    };
    static const struct shape refused[] = {
        { 3, 6, 6 }, { 3, 56, 56 }, { 3, 28, 14 }, { 3, 1, 28 }
    };
    struct network *net;
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(taken); i++) {
        assert_int_equal(look_conditioned(&net, "condition", taken[i].input), 0);
        assert_shape("condition", net->output, taken[i].output);
        assert_true(net->uses_condition);
        network_free(net);
    }
    for (int i = 0; i < ARRAY_SIZE(refused); i++) {
        assert_int_equal(look_conditioned(&net, "relu | condition", refused[i]), ERR_INVALID);
        assert_says("condition", "generator layer 2 'condition', which gets ");
        assert_says("condition", "to put the condition of 28x28 beside");
    }
    assert_int_equal(look_conditioned(&net, "flatten", (struct shape){ 3, 28, 28 }), 0);
    assert_false(net->uses_condition);
    network_free(net);
}

static void a_network_to_look_at_takes_no_memory(void **state)
{
    struct network *net = look_at(dcgan_g, (struct shape){ 100, 1, 1 }, 0);
    (void)state;
    assert_null(net->parameters);
    assert_null(net->gradients);
    assert_null(net->buffers);
    assert_null(net->layers[4].windows->places);
    assert_true(net->parameter_count >= 759681);
    network_free(net);
    network_free(NULL);
}

static void tapes_are_sized_by_images_and_threads(void **state)
{
    struct network *net = look_at(dcgan_d, (struct shape){ 1, 28, 28 }, 0);
    size_t values = 784 + 64 * 196 + 128 * 49; /* floats of an image, twice: with gradients */
    size_t one = tape_bytes(net, 64, false, 1), two = tape_bytes(net, 128, false, 1);
    (void)state;
    assert_true(two - one >= 64 * 2 * values * sizeof(float));
    /* A convolution 4/2 may keep its input unfolded, each value four times. */
    size_t unfolded = 4 * (784 + 64 * 196);
    assert_true(two - one < 64 * (3 * values + unfolded) * sizeof(float));
    assert_true(tape_bytes(net, 64, true, 1) >= one + 64 * values * sizeof(float));
    assert_true(tape_bytes(net, 64, false, 2) > one);
    network_free(net);
}

/* --- penalties --- */

static void penalties_refuse_what_is_not_linear_in_pieces(void **state)
{
    static const struct {
        const char *layers, *culprit;
    } lists[] = {
        { "dense 16 | tanh | dense 1", "layer 2 'tanh'" },
        { "dense 16 | lrelu | dense 1 | sigmoid", "layer 4 'sigmoid'" },
        { "dense 16 | dropout 0.1 | sigmoid", "layer 3 'sigmoid'" },
        { "dense 16 | norm | lrelu | dense 1", "layer 2 'norm'" },
        { "dense 16 | norm | tanh | dense 1", "layer 2 'norm'" },
        { "dense 16 | layernorm | relu | dense 1", "layer 2 'layernorm'" },
        { "dense 16 | relu | stddev | dense 1", "layer 3 'stddev'" },
        { "reshape 1x2x2 | upconv 1 4/2 | flatten | dense 1", "layer 2 'upconv 1 4/2'" },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++) {
        struct network *net = look_at(lists[i].layers, (struct shape){ 4, 1, 1 }, 0);
        assert_int_equal(network_check_penalty(net), ERR_INVALID);
        assert_says(lists[i].layers, lists[i].culprit);
        assert_says(lists[i].layers, "training.penalty = none");
        network_free(net);
    }
}

static void penalties_accept_the_rest(void **state)
{
    static const char *const lists[] = {
        dcgan_d,
        "conv 8 4/2 spectral | relu | pool max 2 | dropout 0.1 | embed 2 | join | flatten | dense "
        "1",
        "flatten | dense 16 | reshape 1x4x4 | upsample 2 | pool average 4 | flatten | dense 1",
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lists); i++) {
        struct network *net = look_at(lists[i], (struct shape){ 1, 28, 28 }, 10);
        assert_int_equal(network_check_penalty(net), 0);
        network_free(net);
    }
}

/* --- initial weights --- */

static double deviation(const float *values, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)values[i];
        squares += (double)values[i] * (double)values[i];
    }
    return sqrt(squares / (double)count - sum * sum / ((double)count * (double)count));
}

static void check_weights(const struct network *net, int i, double wanted)
{
    const struct layer *layer = &net->layers[i];
    double got = deviation(net->parameters + layer->weights, layer->weight_count);
    if (!(fabs(got / wanted - 1) < 4 / sqrt(2 * (double)layer->weight_count)))
        fail_msg("layer %d '%s': %g, not %g", i + 1, layer->text, got, wanted);
    for (size_t k = 0; k < layer->bias_count; k++)
        assert_true(net->parameters[layer->biases + k] == 0);
}

static void initial_weights_keep_the_size_of_what_flows(void **state)
{
    static const char list[] =
        "conv 40 3/1 | relu | conv 50 4/2 | norm | lrelu 0.2 | conv 30 3/1 | "
        "flatten | dense 90 | reshape 10x3x3 | upconv 60 4/2 | tanh";
    struct network *net;
    struct pool *pool;
    struct random random;
    (void)state;
    assert_int_equal(pool_new(&pool, 1), 0);
    assert_int_equal(network_new(&net, "n", list, (struct shape){ 20, 6, 6 }, 0, pool), 0);
    random_seed(&random, 1, 1);
    network_init(net, &random);
    check_weights(net, 0, sqrt(2.0 / (9 * 20)));
    check_weights(net, 2, sqrt(2 / 1.04 / (16 * 40)));
    check_weights(net, 5, sqrt(1.0 / (9 * 50)));
    check_weights(net, 7, sqrt(1.0 / 270));
    check_weights(net, 9, 0.02);
    const struct layer *norm = &net->layers[3];
    for (int c = 0; c < 50; c++) {
        assert_true(net->parameters[norm->weights + (size_t)c] == 1);
        assert_true(net->parameters[norm->biases + (size_t)c] == 0);
        assert_true(net->buffers[norm->buffers + (size_t)c] == 0);
        assert_true(net->buffers[norm->buffers + 50 + (size_t)c] == 1);
    }
    network_free(net);
    pool_free(pool);
}

static void a_seed_fixes_the_initial_weights(void **state)
{
    struct network *nets[3];
    struct pool *pool;
    (void)state;
    assert_int_equal(pool_new(&pool, 1), 0);
    for (int i = 0; i < 3; i++) {
        struct random random;
        random_seed(&random, i == 2, 1);
        assert_int_equal(network_new(&nets[i], "n", "dense 9 spectral | norm | dense 2",
                                     (struct shape){ 5, 1, 1 }, 0, pool),
                         0);
        network_init(nets[i], &random);
    }
    size_t parameter_bytes = nets[0]->parameter_count * sizeof(float);
    size_t buffer_bytes = nets[0]->buffer_count * sizeof(float);
    assert_memory_equal(nets[0]->parameters, nets[1]->parameters, parameter_bytes);
    assert_memory_equal(nets[0]->buffers, nets[1]->buffers, buffer_bytes);
    assert_memory_not_equal(nets[0]->parameters, nets[2]->parameters, parameter_bytes);
    for (int i = 0; i < 3; i++)
        network_free(nets[i]);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_that_does_not_fit_says_which_layer_got_and_needs_what),
        cmocka_unit_test(embeddings_are_bounded),
        cmocka_unit_test(lists_have_at_most_64_layers),
        cmocka_unit_test(words_of_any_length_are_told_in_one_line),
        cmocka_unit_test(networks_have_a_greatest_size),
        cmocka_unit_test(shapes_are_inferred),
        cmocka_unit_test(an_unwritten_padding_centres_the_kernel),
        cmocka_unit_test(parameters_and_work_are_counted),
        cmocka_unit_test(a_bias_is_dropped_before_a_norm_alone),
        cmocka_unit_test(facts_are_those_of_the_list),
        cmocka_unit_test(labels_are_asked_for_where_a_layer_takes_them),
        cmocka_unit_test(a_condition_joins_what_has_its_size_or_a_whole_part_of_it),
        cmocka_unit_test(a_network_to_look_at_takes_no_memory),
        cmocka_unit_test(tapes_are_sized_by_images_and_threads),
        cmocka_unit_test(penalties_refuse_what_is_not_linear_in_pieces),
        cmocka_unit_test(penalties_accept_the_rest),
        cmocka_unit_test(initial_weights_keep_the_size_of_what_flows),
        cmocka_unit_test(a_seed_fixes_the_initial_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
