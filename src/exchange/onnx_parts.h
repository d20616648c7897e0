/* A graph of ONNX that is being put together; all of it lies in its arena. */
#ifndef GANDER_EXCHANGE_ONNX_PARTS_H
#define GANDER_EXCHANGE_ONNX_PARTS_H

#include <onnx.pb-c.h>

#include "base/memory.h"
#include "exchange/onnx.h"

struct building {
    struct arena arena;
    const struct onnx_model *model;
    Onnx__Node **nodes;
    size_t node_count, node_room;
    Onnx__Tensor **tensors;
    size_t tensor_count, tensor_room;
    const char *at; /* the value that the next layer gets … */
    int rank;       /* … (N, F) or (N, C, H, W): 2 or 4 */
    int layer;      /* that is put in; for names */
    int made;       /* values of it */
};

/* A node that takes b->at first; its output is b->at from now on. */
Onnx__Node *building_node(struct building *b, const char *op);
/* One that takes nothing yet. */
Onnx__Node *building_source(struct building *b, const char *op);
void node_takes(struct building *b, Onnx__Node *node, const char *value);
void node_int(struct building *b, Onnx__Node *node, const char *name, int64_t value);
void node_ints(struct building *b, Onnx__Node *node, const char *name, const int64_t *values,
               int count);
void node_float(struct building *b, Onnx__Node *node, const char *name, float value);
void node_word(struct building *b, Onnx__Node *node, const char *name, const char *value);

/* A tensor of the model as an initializer, "LAYER.weight"; NULL: it has none of that name. */
const char *building_tensor(struct building *b, const char *what);
/* Constants, under a new name. */
const char *building_whole(struct building *b, const int64_t *values, int count);
const char *building_reals(struct building *b, const float *values, int count);

/* Puts a layer in: --- onnx_layers.c --- */
int building_add(struct building *b, const struct onnx_layer *layer);
/* At the end: (N, 1, H, W), called "images". */
void building_end(struct building *b);

#endif
