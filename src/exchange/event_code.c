#include "event_code.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tensorboard.pb-c.h>

#include "base/error.h"
#include "base/text.h"

enum { TAG_LIMIT = 256 /* bytes */ };

/* --- memory for what comes from outside --- */

/* Two bytes of a record can ask for a struct of a hundred: what they may come to is bounded. */
struct budget {
    size_t left;
};

static void *budget_alloc(void *data, size_t size)
{
    struct budget *budget = data;
    if (size > budget->left)
        return NULL;
    budget->left -= size;
    return malloc(MAX(size, (size_t)1));
}

static void budget_free(void *data, void *block)
{
    (void)data;
    free(block);
}

struct event_decoded {
    struct budget budget;
    ProtobufCAllocator allocator;
    Tensorboard__Event *event;
    struct arena arena;
};

void event_decoded_free(struct event_decoded *decoded)
{
    if (!decoded)
        return;
    if (decoded->event)
        tensorboard__event__free_unpacked(decoded->event, &decoded->allocator);
    arena_release(&decoded->arena);
    free(decoded);
}

/* --- numbers in tensors --- */

/* IEEE 754 binary16. */
static double half_value(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double size = exponent == 31  ? (fraction ? NAN : INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -size : size;
}

static double brain_value(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return (double)value;
}

#define CONTENT_NUMBER(type)                                                                       \
    do {                                                                                           \
        type number;                                                                               \
        if (content->len != sizeof number)                                                         \
            return false;                                                                          \
        memcpy(&number, content->data, sizeof number);                                             \
        *out = (double)number;                                                                     \
        return true;                                                                               \
    } while (0)

/* One number as tensor_content has it. */
static bool content_number(const Tensorboard__Tensor *tensor, double *out)
{
    const ProtobufCBinaryData *content = &tensor->tensor_content;
    uint16_t bits = 0;
    if (content->len == sizeof bits)
        memcpy(&bits, content->data, sizeof bits);
    switch (tensor->dtype) {
    case TENSORBOARD__TENSOR__TYPE__FLOAT:
        CONTENT_NUMBER(float);
    case TENSORBOARD__TENSOR__TYPE__DOUBLE:
        CONTENT_NUMBER(double);
    case TENSORBOARD__TENSOR__TYPE__INT32:
        CONTENT_NUMBER(int32_t);
    case TENSORBOARD__TENSOR__TYPE__UINT8:
    case TENSORBOARD__TENSOR__TYPE__BOOL:
        CONTENT_NUMBER(uint8_t);
    case TENSORBOARD__TENSOR__TYPE__INT16:
        CONTENT_NUMBER(int16_t);
    case TENSORBOARD__TENSOR__TYPE__INT8:
        CONTENT_NUMBER(int8_t);
    case TENSORBOARD__TENSOR__TYPE__INT64:
        CONTENT_NUMBER(int64_t);
    case TENSORBOARD__TENSOR__TYPE__UINT16:
        CONTENT_NUMBER(uint16_t);
    case TENSORBOARD__TENSOR__TYPE__UINT32:
        CONTENT_NUMBER(uint32_t);
    case TENSORBOARD__TENSOR__TYPE__UINT64:
        CONTENT_NUMBER(uint64_t);
    case TENSORBOARD__TENSOR__TYPE__HALF:
        *out = half_value(bits);
        return content->len == sizeof bits;
    case TENSORBOARD__TENSOR__TYPE__BFLOAT16:
        *out = brain_value(bits);
        return content->len == sizeof bits;
    default:
        return false;
    }
}

/* The only number of a tensor, wherever it stands; false for other tensors. */
static bool tensor_number(const Tensorboard__Tensor *tensor, double *out)
{
    size_t listed = tensor->n_float_val + tensor->n_double_val + tensor->n_int_val +
                    tensor->n_int64_val + tensor->n_bool_val + tensor->n_half_val +
                    tensor->n_uint32_val + tensor->n_uint64_val;
    if (tensor->n_string_val > 0 || (tensor->tensor_content.len > 0 && listed > 0) || listed > 1)
        return false;
    if (tensor->tensor_content.len > 0)
        return content_number(tensor, out);
    if (tensor->n_float_val)
        *out = (double)tensor->float_val[0];
    else if (tensor->n_double_val)
        *out = tensor->double_val[0];
    else if (tensor->n_int_val)
        *out = tensor->int_val[0];
    else if (tensor->n_int64_val)
        *out = (double)tensor->int64_val[0];
    else if (tensor->n_bool_val)
        *out = tensor->bool_val[0];
    else if (tensor->n_uint32_val)
        *out = tensor->uint32_val[0];
    else if (tensor->n_uint64_val)
        *out = (double)tensor->uint64_val[0];
    else if (tensor->n_half_val)
        *out = tensor->dtype == TENSORBOARD__TENSOR__TYPE__BFLOAT16
                   ? brain_value((uint16_t)tensor->half_val[0])
                   : half_value((uint16_t)tensor->half_val[0]);
    else
        return false;
    return true;
}

/* --- values --- */

static const char *plugin_of(const Tensorboard__Summary__Value *value)
{
    return value->metadata && value->metadata->plugin_data
               ? value->metadata->plugin_data->plugin_name
               : "";
}

static bool is_png(const ProtobufCBinaryData *bytes)
{
    static const uint8_t signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    return bytes->len > sizeof signature && memcmp(bytes->data, signature, sizeof signature) == 0;
}

/* Width, height, then encoded images, as the second image summary has them. A plugin is only named
 * in the first event of a tag. */
static bool are_images(const Tensorboard__Summary__Value *value)
{
    enum { BEFORE = 2 };
    const Tensorboard__Tensor *tensor = value->tensor;
    const char *plugin = plugin_of(value);
    return tensor->n_string_val > BEFORE && (!*plugin || strcmp(plugin, "images") == 0) &&
           is_png(&tensor->string_val[BEFORE]);
}

static void set_images(struct event_decoded *decoded, struct event_value *out,
                       const ProtobufCBinaryData *images, size_t count)
{
    struct event_bytes *list = arena_alloc(&decoded->arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct event_bytes){ images[i].data, images[i].len };
    out->kind = EVENT_IMAGES;
    out->images = list;
    out->image_count = (int)count; /* at most as many as bytes in a record */
}

static void read_value(struct event_decoded *decoded, const Tensorboard__Summary__Value *value,
                       struct event_value *out)
{
    *out = (struct event_value){ .kind = EVENT_OTHER };
    out->tag = text_clean(&decoded->arena, value->tag, TAG_LIMIT);
    if (!*out->tag)
        return;
    switch (value->value_case) {
    case TENSORBOARD__SUMMARY__VALUE__VALUE_SIMPLE_VALUE:
        out->kind = EVENT_SCALAR;
        out->number = (double)value->simple_value;
        break;
    case TENSORBOARD__SUMMARY__VALUE__VALUE_IMAGE:
        set_images(decoded, out, &value->image->encoded_image_string, 1);
        break;
    case TENSORBOARD__SUMMARY__VALUE__VALUE_TENSOR:
        if (are_images(value))
            set_images(decoded, out, value->tensor->string_val + 2,
                       value->tensor->n_string_val - 2);
        else if (tensor_number(value->tensor, &out->number))
            out->kind = EVENT_SCALAR;
        break;
    default:
        break;
    }
}

static void read_event(struct event_decoded *decoded, struct tb_event *out)
{
    const Tensorboard__Event *event = decoded->event;
    bool has_time = isfinite(event->wall_time) && event->wall_time > 0;
    *out = (struct tb_event){ .time = has_time ? event->wall_time : NAN, .step = event->step };
    if (event->what_case == TENSORBOARD__EVENT__WHAT_SESSION_LOG)
        out->is_restart = event->session_log->status == TENSORBOARD__SESSION_LOG__STATUS__START;
    if (event->what_case != TENSORBOARD__EVENT__WHAT_SUMMARY)
        return;
    size_t count = event->summary->n_value;
    out->values = arena_alloc(&decoded->arena, count, sizeof *out->values);
    out->count = (int)count; /* at most as many as bytes in a record */
    for (size_t i = 0; i < count; i++)
        read_value(decoded, event->summary->value[i], &out->values[i]);
}

int event_decode(struct tb_event *out, struct event_decoded **decoded, const void *data,
                 size_t size)
{
    enum { TIMES = 8, AND = 1 << 16 };
    struct event_decoded *made = xcalloc(1, sizeof *made);
    *decoded = NULL;
    made->budget.left = TIMES * size + AND;
    made->allocator = (ProtobufCAllocator){ budget_alloc, budget_free, &made->budget };
    made->event = tensorboard__event__unpack(&made->allocator, size, data);
    if (!made->event) {
        event_decoded_free(made);
        return fail(ERR_INVALID, "a record of %zu bytes is no event", size);
    }
    read_event(made, out);
    *decoded = made;
    return 0;
}

/* --- writing --- */

struct made_value {
    Tensorboard__Summary__Value value;
    Tensorboard__Summary__Image image;
};

/* What a PNG's header says; colour types 0, 2, 3, 4, 6 are grey, RGB, palette, grey and RGB with
 * alpha. */
static void describe_png(const struct event_bytes *png, Tensorboard__Summary__Image *out)
{
    enum { WIDTH = 16, HEIGHT = 20, COLOUR = 25, HEADER = 33 };
    static const int channels[] = { 1, 0, 3, 3, 2, 0, 4 };
    if (png->size < HEADER)
        return;
    const uint8_t *width = png->data + WIDTH, *height = png->data + HEIGHT;
    out->width = (int32_t)((uint32_t)width[0] << 24 | (uint32_t)width[1] << 16 |
                           (uint32_t)width[2] << 8 | width[3]);
    out->height = (int32_t)((uint32_t)height[0] << 24 | (uint32_t)height[1] << 16 |
                            (uint32_t)height[2] << 8 | height[3]);
    int colour = png->data[COLOUR];
    out->colorspace = colour < ARRAY_SIZE(channels) ? channels[colour] : 0;
}

static void make_value(struct arena *arena, const struct event_value *from, struct made_value *made)
{
    tensorboard__summary__value__init(&made->value);
    made->value.tag = arena_strdup(arena, from->tag);
    if (from->kind == EVENT_SCALAR) {
        made->value.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
        made->value.simple_value = (float)from->number;
        return;
    }
    tensorboard__summary__image__init(&made->image);
    made->value.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_IMAGE;
    made->value.image = &made->image;
    describe_png(&from->images[0], &made->image);
    made->image.encoded_image_string.len = from->images[0].size;
    made->image.encoded_image_string.data = (uint8_t *)(uintptr_t)from->images[0].data;
}

uint8_t *event_encode(const struct event_out *event, size_t *size)
{
    struct arena arena = { 0 };
    size_t count = (size_t)event->count;
    Tensorboard__Event message;
    Tensorboard__Summary summary;
    struct made_value *made = arena_alloc(&arena, count, sizeof *made);
    Tensorboard__Summary__Value **values = arena_alloc(&arena, count, sizeof(void *));
    tensorboard__event__init(&message);
    tensorboard__summary__init(&summary);
    message.wall_time = event->time;
    message.step = event->step;
    for (size_t i = 0; i < count; i++) {
        make_value(&arena, &event->values[i], &made[i]);
        values[i] = &made[i].value;
    }
    summary.n_value = count;
    summary.value = values;
    if (event->version) {
        message.what_case = TENSORBOARD__EVENT__WHAT_FILE_VERSION;
        message.file_version = arena_strdup(&arena, event->version);
    } else if (count > 0) {
        message.what_case = TENSORBOARD__EVENT__WHAT_SUMMARY;
        message.summary = &summary;
    }
    *size = tensorboard__event__get_packed_size(&message);
    uint8_t *bytes = xmalloc(*size + 1);
    tensorboard__event__pack(&message, bytes);
    arena_release(&arena);
    return bytes;
}
