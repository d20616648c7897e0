/* What each word of a layer list is in ONNX; https://onnx.ai/onnx/operators, as of opset 17. */
#define _GNU_SOURCE
#include <string.h>

#include "base/error.h"
#include "onnx_parts.h"

/* --- shapes: an image is (N, C, H, W), a flat vector (N, F), in PyTorch's order --- */

static void be_image(struct building *b, const int shape[3])
{
    const int64_t sizes[] = { -1, shape[0], shape[1], shape[2] };
    if (b->rank == 4)
        return;
    node_takes(b, building_node(b, "Reshape"), building_whole(b, sizes, 4));
    b->rank = 4;
}

static void be_flat(struct building *b)
{
    if (b->rank == 2)
        return;
    node_int(b, building_node(b, "Flatten"), "axis", 1);
    b->rank = 2;
}

static bool is_flat(const int shape[3])
{
    return shape[1] == 1 && shape[2] == 1;
}

/* What a layer cannot do without. */
static int take_tensor(struct building *b, Onnx__Node *node, const char *what)
{
    const char *name = building_tensor(b, what);
    if (!name)
        return fail(ERR_INVALID, "generator layer %d has no %s", b->layer + 1, what);
    node_takes(b, node, name);
    return 0;
}

static void take_bias(struct building *b, Onnx__Node *node)
{
    const char *bias = building_tensor(b, "bias");
    if (bias) /* before a norm there is none */
        node_takes(b, node, bias);
}

/* --- weights --- */

static int add_dense(struct building *b, const struct onnx_layer *layer)
{
    (void)layer;
    be_flat(b);
    Onnx__Node *node = building_node(b, "Gemm");
    node_int(b, node, "transB", 1);
    int error = take_tensor(b, node, "weight");
    if (!error)
        take_bias(b, node);
    return error;
}

static Onnx__Node *windows(struct building *b, const struct onnx_layer *layer, const char *op)
{
    const int64_t kernel[] = { layer->kernel, layer->kernel };
    const int64_t stride[] = { layer->stride, layer->stride };
    const int64_t pads[] = { layer->pad, layer->pad, layer->pad, layer->pad };
    be_image(b, layer->in);
    Onnx__Node *node = building_node(b, op);
    node_ints(b, node, "kernel_shape", kernel, 2);
    node_ints(b, node, "strides", stride, 2);
    node_ints(b, node, "pads", pads, 4);
    return node;
}

static int add_conv(struct building *b, const struct onnx_layer *layer)
{
    Onnx__Node *node = windows(b, layer, "Conv");
    int error = take_tensor(b, node, "weight");
    if (!error)
        take_bias(b, node);
    return error;
}

/* What H - 1 strides and a kernel come to may be less than the layer makes: the rest is padded at the
 * end. */
static int add_upconv(struct building *b, const struct onnx_layer *layer)
{
    Onnx__Node *node = windows(b, layer, "ConvTranspose");
    int64_t more[2];
    for (int i = 0; i < 2; i++)
        more[i] = layer->out[1 + i] -
                  ((layer->in[1 + i] - 1) * layer->stride - 2 * layer->pad + layer->kernel);
    node_ints(b, node, "output_padding", more, 2);
    int error = take_tensor(b, node, "weight");
    if (!error)
        take_bias(b, node);
    return error;
}

/* --- sizes --- */

static int add_upsample(struct building *b, const struct onnx_layer *layer)
{
    const float scales[] = { 1, 1, (float)layer->stride, (float)layer->stride };
    be_image(b, layer->in);
    Onnx__Node *node = building_node(b, "Resize");
    node_takes(b, node, ""); /* a region of interest */
    node_takes(b, node, building_reals(b, scales, 4));
    node_word(b, node, "mode", "nearest");
    node_word(b, node, "coordinate_transformation_mode", "asymmetric");
    node_word(b, node, "nearest_mode", "floor");
    return 0;
}

static int add_pool(struct building *b, const struct onnx_layer *layer)
{
    const int64_t size[] = { layer->stride, layer->stride };
    be_image(b, layer->in);
    Onnx__Node *node = building_node(b, layer->maximum ? "MaxPool" : "AveragePool");
    node_ints(b, node, "kernel_shape", size, 2);
    node_ints(b, node, "strides", size, 2);
    return 0;
}

static int add_flatten(struct building *b, const struct onnx_layer *layer)
{
    (void)layer;
    be_flat(b);
    return 0;
}

static int add_reshape(struct building *b, const struct onnx_layer *layer)
{
    be_flat(b);
    be_image(b, layer->out);
    return 0;
}

/* --- statistics --- */

static const float epsilon = 1e-5F; /* of src/nn/norm.c and layernorm.c, and PyTorch's */

static int add_norm(struct building *b, const struct onnx_layer *layer)
{
    static const char *const parts[] = { "weight", "bias", "running_mean", "running_var" };
    (void)layer;
    Onnx__Node *node = building_node(b, "BatchNormalization");
    int error = 0;
    node_float(b, node, "epsilon", epsilon);
    for (int i = 0; i < ARRAY_SIZE(parts) && !error; i++)
        error = take_tensor(b, node, parts[i]);
    return error;
}

static int add_layernorm(struct building *b, const struct onnx_layer *layer)
{
    if (is_flat(layer->in)) /* and so are its scale and shift */
        be_flat(b);
    Onnx__Node *node = building_node(b, "LayerNormalization");
    node_int(b, node, "axis", 1);
    node_float(b, node, "epsilon", epsilon);
    int error = take_tensor(b, node, "weight");
    return error ? error : take_tensor(b, node, "bias");
}

static Onnx__Node *mean_of_all(struct building *b)
{
    Onnx__Node *node = building_node(b, "ReduceMean");
    node_int(b, node, "keepdims", 1);
    return node;
}

static void mean_over(struct building *b, int64_t axis)
{
    node_ints(b, mean_of_all(b), "axes", &axis, 1);
}

/* x beside the mean of sqrt(variance over the batch + 1e-8), as one more feature or plane of each
 * image: added to a plane of zeros, which is a mean of the image times 0. */
static int add_stddev(struct building *b, const struct onnx_layer *layer)
{
    static const float tiny[] = { 1e-8F }, zero[] = { 0 };
    enum { BATCH_AXIS = 0, CHANNEL_AXIS = 1 };
    const char *x = b->at;
    (void)layer;
    mean_over(b, BATCH_AXIS);
    const char *mean = b->at;
    b->at = x;
    node_takes(b, building_node(b, "Sub"), mean);
    const char *distance = b->at;
    node_takes(b, building_node(b, "Mul"), distance);
    mean_over(b, BATCH_AXIS);
    node_takes(b, building_node(b, "Add"), building_reals(b, tiny, 1));
    building_node(b, "Sqrt");
    mean_of_all(b);
    const char *deviation = b->at;
    b->at = x;
    mean_over(b, CHANNEL_AXIS);
    node_takes(b, building_node(b, "Mul"), building_reals(b, zero, 1));
    node_takes(b, building_node(b, "Add"), deviation);
    const char *plane = b->at;
    b->at = x;
    Onnx__Node *node = building_node(b, "Concat");
    node_takes(b, node, plane);
    node_int(b, node, "axis", 1);
    return 0;
}

/* --- activations --- */

static int add_relu(struct building *b, const struct onnx_layer *layer)
{
    (void)layer;
    building_node(b, "Relu");
    return 0;
}

static int add_lrelu(struct building *b, const struct onnx_layer *layer)
{
    node_float(b, building_node(b, "LeakyRelu"), "alpha", layer->slope);
    return 0;
}

static int add_tanh(struct building *b, const struct onnx_layer *layer)
{
    (void)layer;
    building_node(b, "Tanh");
    return 0;
}

static int add_sigmoid(struct building *b, const struct onnx_layer *layer)
{
    (void)layer;
    building_node(b, "Sigmoid");
    return 0;
}

static int add_nothing(struct building *b, const struct onnx_layer *layer)
{
    (void)b, (void)layer;
    return 0;
}

/* --- labels --- */

/* The label's features (N, F) beside x: as they are, or as constant planes. */
static void join_features(struct building *b, const struct onnx_layer *layer, const char *x)
{
    if (b->rank == 4) {
        static const int64_t axes[] = { 2, 3 };
        const int64_t planes[] = { 1, 1, layer->in[1], layer->in[2] };
        node_takes(b, building_node(b, "Unsqueeze"), building_whole(b, axes, 2));
        node_takes(b, building_node(b, "Expand"), building_whole(b, planes, 4));
    }
    const char *features = b->at;
    b->at = x;
    Onnx__Node *node = building_node(b, "Concat");
    node_takes(b, node, features);
    node_int(b, node, "axis", 1);
}

static int add_embed(struct building *b, const struct onnx_layer *layer)
{
    const char *x = b->at;
    Onnx__Node *node = building_source(b, "Gather");
    int error = take_tensor(b, node, "weight");
    if (error)
        return error;
    node_takes(b, node, "label");
    b->at = node->output[0];
    join_features(b, layer, x);
    return 0;
}

static int add_join(struct building *b, const struct onnx_layer *layer)
{
    static const float values[] = { 0, 1 };
    const int64_t classes[] = { b->model->classes };
    const char *x = b->at;
    Onnx__Node *node = building_source(b, "OneHot");
    node_takes(b, node, "label");
    node_takes(b, node, building_whole(b, classes, 1));
    node_takes(b, node, building_reals(b, values, 2));
    b->at = node->output[0];
    join_features(b, layer, x);
    return 0;
}

/* --- images --- */

/* The condition as one more plane, averaged down to the size of x; or as features beside a vector. */
static int add_condition(struct building *b, const struct onnx_layer *layer)
{
    const char *x = b->at;
    const int64_t by[] = { b->model->condition[0] / layer->in[1],
                           b->model->condition[1] / layer->in[2] };
    b->at = "condition";
    if (b->rank == 2) {
        node_int(b, building_node(b, "Flatten"), "axis", 1);
    } else if (by[0] > 1) {
        Onnx__Node *node = building_node(b, "AveragePool");
        node_ints(b, node, "kernel_shape", by, 2);
        node_ints(b, node, "strides", by, 2);
    }
    const char *condition = b->at;
    b->at = x;
    Onnx__Node *node = building_node(b, "Concat");
    node_takes(b, node, condition);
    node_int(b, node, "axis", 1);
    return 0;
}

/* --- the table --- */

static const struct {
    const char *word;
    int (*add)(struct building *b, const struct onnx_layer *layer);
} words[] = {
    { "dense", add_dense },       { "conv", add_conv },     { "upconv", add_upconv },
    { "upsample", add_upsample }, { "pool", add_pool },     { "flatten", add_flatten },
    { "reshape", add_reshape },   { "norm", add_norm },     { "layernorm", add_layernorm },
    { "dropout", add_nothing },   { "stddev", add_stddev }, { "relu", add_relu },
    { "lrelu", add_lrelu },       { "tanh", add_tanh },     { "sigmoid", add_sigmoid },
    { "embed", add_embed },       { "join", add_join },     { "condition", add_condition },
};

int building_add(struct building *b, const struct onnx_layer *layer)
{
    for (int i = 0; i < ARRAY_SIZE(words); i++)
        if (strcmp(words[i].word, layer->word) == 0)
            return words[i].add(b, layer);
    return fail(ERR_INVALID, "generator layer %d: '%.40s' has no counterpart in ONNX", b->layer + 1,
                layer->word);
}

void building_end(struct building *b)
{
    const int64_t sizes[] = { -1, 1, b->model->height, b->model->width };
    Onnx__Node *node = building_node(b, "Reshape");
    node_takes(b, node, building_whole(b, sizes, 4));
    node->output[0] = arena_strdup(&b->arena, "images");
}
