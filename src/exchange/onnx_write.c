#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/version.h"
#include "onnx_parts.h"

enum { IR_VERSION = 8, OPSET = 17 };

/* (N, sizes …), `count` of them. */
static Onnx__ValueInfo *value_info(struct building *b, const char *name, Onnx__Tensor__Type type,
                                   const int *sizes, int count)
{
    struct arena *arena = &b->arena;
    Onnx__ValueInfo *info = arena_alloc(arena, 1, sizeof *info);
    Onnx__ValueType *value = arena_alloc(arena, 1, sizeof *value);
    Onnx__ValueType__TensorType *tensor = arena_alloc(arena, 1, sizeof *tensor);
    Onnx__Shape *shape = arena_alloc(arena, 1, sizeof *shape);
    Onnx__Shape__Dimension *dimensions = arena_alloc(arena, (size_t)count + 1, sizeof *dimensions);
    onnx__value_info__init(info);
    onnx__value_type__init(value);
    onnx__value_type__tensor_type__init(tensor);
    onnx__shape__init(shape);
    shape->n_dim = (size_t)count + 1;
    shape->dim = arena_alloc(arena, shape->n_dim, sizeof(void *));
    for (int i = 0; i <= count; i++) {
        onnx__shape__dimension__init(&dimensions[i]);
        shape->dim[i] = &dimensions[i];
        dimensions[i].value_case = i == 0 ? ONNX__SHAPE__DIMENSION__VALUE_DIM_PARAM
                                          : ONNX__SHAPE__DIMENSION__VALUE_DIM_VALUE;
        if (i == 0)
            dimensions[i].dim_param = arena_strdup(arena, "N");
        else
            dimensions[i].dim_value = sizes[i - 1];
    }
    info->name = arena_strdup(arena, name);
    info->type = value;
    value->tensor_type = tensor;
    tensor->elem_type = type;
    tensor->shape = shape;
    return info;
}

static Onnx__Property *property(struct arena *arena, const char *key, const char *value)
{
    Onnx__Property *made = arena_alloc(arena, 1, sizeof *made);
    onnx__property__init(made);
    made->key = arena_strdup(arena, key);
    made->value = arena_strdup(arena, value);
    return made;
}

static void set_graph(struct building *b, Onnx__Graph *graph)
{
    struct arena *arena = &b->arena;
    const struct onnx_model *model = b->model;
    const int latent[] = { model->latent }, images[] = { 1, model->height, model->width };
    const int condition[] = { 1, model->condition[0], model->condition[1] };
    onnx__graph__init(graph);
    graph->name = arena_strdup(arena, model->name);
    graph->node = b->nodes;
    graph->n_node = b->node_count;
    graph->initializer = b->tensors;
    graph->n_initializer = b->tensor_count;
    graph->input = arena_alloc(arena, 3, sizeof(void *));
    graph->input[graph->n_input++] =
        value_info(b, "latent", ONNX__TENSOR__TYPE__FLOAT, latent, ARRAY_SIZE(latent));
    if (model->classes > 0)
        graph->input[graph->n_input++] = value_info(b, "label", ONNX__TENSOR__TYPE__INT64, NULL, 0);
    if (model->condition[0] > 0)
        graph->input[graph->n_input++] =
            value_info(b, "condition", ONNX__TENSOR__TYPE__FLOAT, condition, ARRAY_SIZE(condition));
    graph->output = arena_alloc(arena, 1, sizeof(void *));
    graph->output[graph->n_output++] =
        value_info(b, "images", ONNX__TENSOR__TYPE__FLOAT, images, ARRAY_SIZE(images));
}

static int put(struct building *b, const struct outlet *outlet)
{
    struct arena *arena = &b->arena;
    Onnx__Model model;
    Onnx__Graph graph;
    Onnx__OperatorSet opset, *opsets[] = { &opset };
    onnx__model__init(&model);
    onnx__operator_set__init(&opset);
    set_graph(b, &graph);
    opset.version = OPSET;
    model.ir_version = IR_VERSION;
    model.producer_name = arena_strdup(arena, "gander");
    model.producer_version = arena_strdup(arena, GANDER_VERSION);
    model.doc_string = arena_strdup(arena, b->model->note ? b->model->note : "");
    model.graph = &graph;
    model.n_opset_import = 1;
    model.opset_import = opsets;
    int count = 0;
    while (b->model->facts && b->model->facts[count])
        count++;
    model.metadata_props = arena_alloc(arena, (size_t)count / 2, sizeof(void *));
    for (int i = 0; i < count / 2; i++)
        model.metadata_props[model.n_metadata_props++] =
            property(arena, b->model->facts[2 * i], b->model->facts[2 * i + 1]);
    size_t size = onnx__model__get_packed_size(&model);
    if (size > INT32_MAX)
        return fail(ERR_INVALID,
                    "the generator is larger than the 2 GB that a file of ONNX can be");
    uint8_t *bytes = xmalloc(size);
    onnx__model__pack(&model, bytes);
    int error = outlet->put(outlet->context, bytes, size);
    free(bytes);
    return error;
}

int onnx_write(const struct outlet *outlet, const struct onnx_model *model)
{
    struct building b = { .model = model, .at = "latent", .rank = 2 };
    int error = 0;
    for (; b.layer < model->layer_count && !error; b.layer++) {
        b.made = 0;
        error = building_add(&b, &model->layers[b.layer]);
    }
    b.made = 0;
    if (!error) {
        building_end(&b);
        error = put(&b, outlet);
    }
    arena_release(&b.arena);
    return error;
}
