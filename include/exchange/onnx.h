/* A generator as an ONNX model, for onnxruntime, browsers, phones:
 *
 *     latent (N, latent) float, label (N) int64 if it takes labels, condition (N, 1, h, w) float if it
 *     takes an image  ->  images (N, 1, H, W) float
 *
 * with images from -1 (black) to 1 (white), and N free. It is as in PASS_SAMPLE of nn/network.h: with
 * running statistics and without dropout. Operators are those of opset 17. Tensors are as PyTorch has
 * them, and called so: "3.weight". */
#ifndef GANDER_EXCHANGE_ONNX_H
#define GANDER_EXCHANGE_ONNX_H

#include "base/base.h"
#include "exchange/table.h"

/* A layer of the list, with what its words came to. Shapes are channels, height, width; a flat vector
 * of F features is (F, 1, 1). */
struct onnx_layer {
    const char *word; /* "upconv" */
    int in[3], out[3];
    int kernel, stride, pad;
    float slope;  /* of lrelu */
    bool maximum; /* pool max */
};

struct onnx_tensor {
    const char *name; /* "LAYER.weight", "LAYER.running_mean" … */
    int dimensions;
    int64_t shape[4];
    const float *values;
};

struct onnx_model {
    const char *name;                   /* of the graph */
    const char *note;                   /* for people, or NULL */
    int latent, classes, height, width; /* classes 0: it takes no labels */
    int condition[2];                   /* height and width; 0: it takes no image */
    const struct onnx_layer *layers;
    int layer_count;
    const struct onnx_tensor *tensors;
    int tensor_count;
    const char *const *facts; /* key, value, key, value … NULL; for metadata_props */
};

/* ERR_INVALID for a layer that is not known here, or lacks a tensor. */
int onnx_write(const struct outlet *outlet, const struct onnx_model *model);

#endif
