#define _GNU_SOURCE
#include <string.h>

#include "onnx_parts.h"

static char *name_of(struct building *b)
{
    return arena_printf(&b->arena, "%d.%d", b->layer, b->made++);
}

/* Appends to a list of pointers in the arena. */
static void append(struct building *b, void *list, size_t *count, size_t *room, void *item)
{
    void **items;
    memcpy(&items, list, sizeof items);
    if (*count == *room) {
        *room = *room ? 2 * *room : 8;
        void **larger = arena_alloc(&b->arena, *room, sizeof *larger);
        if (*count > 0)
            memcpy(larger, items, *count * sizeof *larger);
        items = larger;
        memcpy(list, &items, sizeof items);
    }
    items[(*count)++] = item;
}

Onnx__Node *building_source(struct building *b, const char *op)
{
    enum { INPUTS = 8, ATTRIBUTES = 8 };
    Onnx__Node *node = arena_alloc(&b->arena, 1, sizeof *node);
    onnx__node__init(node);
    node->op_type = arena_strdup(&b->arena, op);
    node->input = arena_alloc(&b->arena, INPUTS, sizeof(char *));
    node->output = arena_alloc(&b->arena, 1, sizeof(char *));
    node->attribute = arena_alloc(&b->arena, ATTRIBUTES, sizeof(void *));
    node->output[node->n_output++] = name_of(b);
    node->name = node->output[0];
    append(b, &b->nodes, &b->node_count, &b->node_room, node);
    return node;
}

Onnx__Node *building_node(struct building *b, const char *op)
{
    Onnx__Node *node = building_source(b, op);
    node_takes(b, node, b->at);
    b->at = node->output[0];
    return node;
}

void node_takes(struct building *b, Onnx__Node *node, const char *value)
{
    node->input[node->n_input++] = arena_strdup(&b->arena, value);
}

static Onnx__Attribute *attribute(struct building *b, Onnx__Node *node, const char *name,
                                  Onnx__Attribute__Type type)
{
    Onnx__Attribute *made = arena_alloc(&b->arena, 1, sizeof *made);
    onnx__attribute__init(made);
    made->name = arena_strdup(&b->arena, name);
    made->type = type;
    node->attribute[node->n_attribute++] = made;
    return made;
}

void node_int(struct building *b, Onnx__Node *node, const char *name, int64_t value)
{
    attribute(b, node, name, ONNX__ATTRIBUTE__TYPE__INT)->i = value;
}

void node_ints(struct building *b, Onnx__Node *node, const char *name, const int64_t *values,
               int count)
{
    Onnx__Attribute *made = attribute(b, node, name, ONNX__ATTRIBUTE__TYPE__INTS);
    made->n_ints = (size_t)count;
    made->ints = arena_alloc(&b->arena, (size_t)count, sizeof *made->ints);
    memcpy(made->ints, values, (size_t)count * sizeof *values);
}

void node_float(struct building *b, Onnx__Node *node, const char *name, float value)
{
    attribute(b, node, name, ONNX__ATTRIBUTE__TYPE__FLOAT)->f = value;
}

void node_word(struct building *b, Onnx__Node *node, const char *name, const char *value)
{
    Onnx__Attribute *made = attribute(b, node, name, ONNX__ATTRIBUTE__TYPE__STRING);
    made->s.data = (uint8_t *)arena_strdup(&b->arena, value);
    made->s.len = strlen(value);
}

/* --- tensors --- */

static Onnx__Tensor *add_tensor(struct building *b, const char *name, const int64_t *shape,
                                int dimensions, const void *values, size_t bytes)
{
    Onnx__Tensor *tensor = arena_alloc(&b->arena, 1, sizeof *tensor);
    onnx__tensor__init(tensor);
    tensor->name = arena_strdup(&b->arena, name);
    tensor->n_dims = (size_t)dimensions;
    tensor->dims = arena_alloc(&b->arena, (size_t)dimensions, sizeof *tensor->dims);
    memcpy(tensor->dims, shape, (size_t)dimensions * sizeof *shape);
    tensor->raw_data.data = (uint8_t *)(uintptr_t)values; /* borrowed until it is packed */
    tensor->raw_data.len = bytes;
    append(b, &b->tensors, &b->tensor_count, &b->tensor_room, tensor);
    return tensor;
}

const char *building_tensor(struct building *b, const char *what)
{
    const char *name = arena_printf(&b->arena, "%d.%s", b->layer, what);
    for (int i = 0; i < b->model->tensor_count; i++) {
        const struct onnx_tensor *from = &b->model->tensors[i];
        size_t count = 1;
        if (strcmp(from->name, name) != 0)
            continue;
        for (int k = 0; k < from->dimensions; k++)
            count *= (size_t)from->shape[k];
        add_tensor(b, name, from->shape, from->dimensions, from->values,
                   count * sizeof *from->values)
            ->data_type = ONNX__TENSOR__TYPE__FLOAT;
        return name;
    }
    return NULL;
}

const char *building_whole(struct building *b, const int64_t *values, int count)
{
    const int64_t shape[] = { count };
    int64_t *copy = arena_alloc(&b->arena, (size_t)count, sizeof *copy);
    memcpy(copy, values, (size_t)count * sizeof *copy);
    char *name = name_of(b);
    add_tensor(b, name, shape, 1, copy, (size_t)count * sizeof *copy)->data_type =
        ONNX__TENSOR__TYPE__INT64;
    return name;
}

const char *building_reals(struct building *b, const float *values, int count)
{
    const int64_t shape[] = { count };
    float *copy = arena_alloc(&b->arena, (size_t)count, sizeof *copy);
    memcpy(copy, values, (size_t)count * sizeof *copy);
    char *name = name_of(b);
    add_tensor(b, name, shape, 1, copy, (size_t)count * sizeof *copy)->data_type =
        ONNX__TENSOR__TYPE__FLOAT;
    return name;
}
