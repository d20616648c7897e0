#include "nn/layer.h"

const struct layer_ops *const layer_table[] = {
    &layer_dense,   &layer_conv, &layer_upconv,    &layer_upsample, &layer_pool,   &layer_flatten,
    &layer_reshape, &layer_norm, &layer_layernorm, &layer_dropout,  &layer_stddev, &layer_relu,
    &layer_lrelu,   &layer_tanh, &layer_sigmoid,   &layer_embed,    &layer_join,   &layer_condition,
    NULL,
};
