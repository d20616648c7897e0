#include "base/tensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors files are little-endian, and so is the code that copies their data"
#endif

enum {
    LENGTH_BYTES = 8,       /* before the header */
    HEADER_LIMIT = 4 << 20, /* bytes: what is parsed takes some thirty times as much memory */
    ALIGNMENT = 8,
    NAME_SHOWN = 100,
};

static const char metadata_key[] = "__metadata__";

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [TENSOR_F32] = { "F32", 4 }, [TENSOR_F64] = { "F64", 8 }, [TENSOR_U8] = { "U8", 1 },
    [TENSOR_I64] = { "I64", 8 }, [TENSOR_U64] = { "U64", 8 },
};

struct tensor_file {
    struct arena arena;
    char *bytes;            /* of a file that was opened; NULL if the data is the caller's */
    struct json *header;    /* names and metadata are borrowed from it */
    struct tensor *tensors; /* (count) in the order of their data */
    int count;
};

size_t tensor_bytes(const struct tensor *tensor)
{
    size_t bytes = types[tensor->type].size;
    for (int i = 0; i < tensor->dimensions; i++)
        bytes *= (size_t)tensor->shape[i];
    return bytes;
}

static struct json *describe(const struct tensor *tensor, size_t begin)
{
    struct json *entry = json_new_object(), *shape = json_new_array(), *offsets = json_new_array();
    for (int i = 0; i < tensor->dimensions; i++)
        json_push_integer(shape, tensor->shape[i]);
    json_push_integer(offsets, (int64_t)begin);
    json_push_integer(offsets, (int64_t)(begin + tensor_bytes(tensor)));
    json_set_string(entry, "dtype", types[tensor->type].name);
    json_set(entry, "shape", shape);
    json_set(entry, "data_offsets", offsets);
    return entry;
}

/* The header's text, malloc'ed; NULL when two tensors have one name. */
static char *write_header(const struct tensor *tensors, int count,
                          const struct tensor_metadata *metadata, int metadata_count)
{
    struct json *header = json_new_object(), *texts = json_new_object();
    size_t begin = 0;
    for (int i = 0; i < metadata_count; i++)
        json_set_string(texts, metadata[i].key, metadata[i].value);
    json_set(header, metadata_key, texts);
    for (int i = 0; i < count; i++) {
        json_set(header, tensors[i].name, describe(&tensors[i], begin));
        begin += tensor_bytes(&tensors[i]);
    }
    bool distinct = json_length(header) == (size_t)count + 1;
    char *text = distinct ? json_text(header, 0) : NULL;
    json_free(header);
    return text;
}

/* The header with its length before and spaces behind it, so that the data is aligned. */
static int put_header(struct file_writer *writer, const char *text)
{
    static const char spaces[ALIGNMENT] = "        ";
    size_t length = strlen(text), padding = (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
    uint64_t padded = length + padding;
    int error = file_writer_put(writer, &padded, LENGTH_BYTES);
    if (!error)
        error = file_writer_put(writer, text, length);
    if (!error)
        error = file_writer_put(writer, spaces, padding);
    return error;
}

int tensors_write(const char *path, const struct tensor *tensors, int count,
                  const struct tensor_metadata *metadata, int metadata_count)
{
    struct file_writer writer;
    char *header = write_header(tensors, count, metadata, metadata_count);
    if (!header)
        return fail(ERR_BUG, "cannot write '%s': two tensors have one name", path);
    int error = file_writer_open(&writer, path);
    if (!error)
        error = put_header(&writer, header);
    for (int i = 0; i < count && !error; i++)
        error = file_writer_put(&writer, tensors[i].data, tensor_bytes(&tensors[i]));
    if (!error)
        error = file_writer_commit(&writer);
    free(header);
    return error;
}

/* Reading. */

struct reading {
    struct tensor_file *file;
    const char *data; /* what the offsets count from */
    size_t size;      /* of the data */
    const char *name; /* of the file */
    int error;
};

static int fail_tensor(struct reading *reading, const char *tensor, const char *what)
{
    struct arena *arena = &reading->file->arena;
    return fail(ERR_INVALID, "'%s' is broken: tensor '%s' %s", reading->name,
                text_clean(arena, tensor, NAME_SHOWN), what);
}

static int read_type(struct reading *reading, struct tensor *out, const struct json *dtype)
{
    const char *name = json_get_string(dtype);
    if (!name)
        return fail_tensor(reading, out->name, "has no type");
    for (int i = 0; i < ARRAY_SIZE(types); i++) {
        if (strcmp(name, types[i].name) == 0) {
            out->type = (enum tensor_type)i;
            return 0;
        }
    }
    struct arena *arena = &reading->file->arena;
    return fail(ERR_INVALID,
                "'%s': tensor '%s' has type '%s': only F32, F64, U8, I64 and U64 can be read",
                reading->name, text_clean(arena, out->name, NAME_SHOWN),
                text_clean(arena, name, NAME_SHOWN));
}

/* Sets the shape and the number of bytes that it asks for. */
static int read_shape(struct reading *reading, struct tensor *out, const struct json *shape,
                      size_t *bytes)
{
    if (!json_is_array(shape))
        return fail_tensor(reading, out->name, "has no shape");
    if (json_length(shape) > TENSOR_DIMENSIONS)
        return fail(ERR_INVALID, "'%s': tensor '%s' has %zu dimensions: at most %d can be read",
                    reading->name, text_clean(&reading->file->arena, out->name, NAME_SHOWN),
                    json_length(shape), TENSOR_DIMENSIONS);
    *bytes = types[out->type].size;
    out->dimensions = (int)json_length(shape);
    for (int i = 0; i < out->dimensions; i++) {
        if (!json_get_integer(json_item(shape, (size_t)i), &out->shape[i]) || out->shape[i] < 0)
            return fail_tensor(reading, out->name, "has a shape that is not of whole numbers");
        if (__builtin_mul_overflow(*bytes, (uint64_t)out->shape[i], bytes))
            return fail_tensor(reading, out->name, "has a shape too large for any file");
    }
    return 0;
}

static int read_place(struct reading *reading, struct tensor *out, const struct json *offsets,
                      size_t bytes)
{
    int64_t begin, end;
    if (json_length(offsets) != 2 || !json_get_integer(json_item(offsets, 0), &begin) ||
        !json_get_integer(json_item(offsets, 1), &end))
        return fail_tensor(reading, out->name, "does not say where its data is");
    if (begin < 0 || end < begin || (uint64_t)end > reading->size)
        return fail_tensor(reading, out->name, "lies beyond the end of the file");
    if ((uint64_t)(end - begin) != bytes)
        return fail_tensor(reading, out->name, "has another size than its shape");
    out->data = reading->data + begin;
    return 0;
}

static int read_tensor(struct reading *reading, const char *name, const struct json *entry)
{
    struct tensor *out = &reading->file->tensors[reading->file->count];
    size_t bytes = 0;
    out->name = name;
    int error = read_type(reading, out, json_member(entry, "dtype"));
    if (!error)
        error = read_shape(reading, out, json_member(entry, "shape"), &bytes);
    if (!error)
        error = read_place(reading, out, json_member(entry, "data_offsets"), bytes);
    if (!error)
        reading->file->count++;
    return error;
}

static void visit_member(void *context, const char *name, const struct json *value)
{
    struct reading *reading = context;
    if (!reading->error && strcmp(name, metadata_key) != 0)
        reading->error = read_tensor(reading, name, value);
}

/* Tensors without data come before the one whose data begins there. */
static int compare_places(const void *left, const void *right)
{
    const struct tensor *a = left, *b = right;
    const char *a_data = a->data, *b_data = b->data;
    if (a_data != b_data)
        return a_data < b_data ? -1 : 1;
    size_t a_bytes = tensor_bytes(a), b_bytes = tensor_bytes(b);
    return (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

/* The format asks that each byte of the data belongs to one tensor. */
static int check_cover(struct reading *reading)
{
    struct tensor_file *file = reading->file;
    const char *covered = reading->data;
    qsort(file->tensors, (size_t)file->count, sizeof *file->tensors, compare_places);
    for (int i = 0; i < file->count; i++) {
        const struct tensor *tensor = &file->tensors[i];
        if ((const char *)tensor->data != covered)
            return fail_tensor(reading, tensor->name, "overlaps another or leaves a gap");
        covered += tensor_bytes(tensor);
    }
    if (covered != reading->data + reading->size)
        return fail(ERR_INVALID, "'%s' is broken: %zu bytes at its end belong to no tensor",
                    reading->name, (size_t)(reading->data + reading->size - covered));
    return 0;
}

/* Finds the header in the `size` bytes at `data`. */
static int measure_header(const char *data, size_t size, const char *name, size_t *length)
{
    uint64_t stated;
    if (size < LENGTH_BYTES)
        return fail(ERR_INVALID, "'%s' is not a safetensors file: it has %zu bytes", name, size);
    memcpy(&stated, data, LENGTH_BYTES);
    if (stated > HEADER_LIMIT)
        return fail(ERR_INVALID, "'%s' is not a safetensors file, or its header is beyond %d bytes",
                    name, HEADER_LIMIT);
    if (stated > size - LENGTH_BYTES)
        return fail(ERR_INVALID, "'%s' is cut short: its header has %zu of %zu bytes", name,
                    size - LENGTH_BYTES, (size_t)stated);
    *length = (size_t)stated;
    return 0;
}

static int read_file(struct tensor_file *file, const char *data, size_t size, const char *name)
{
    size_t length = 0;
    int error = measure_header(data, size, name, &length);
    if (error)
        return error;
    if (json_parse(&file->header, data + LENGTH_BYTES, length) != 0)
        return fail_prefix("'%s' is broken: its header does not parse", name);
    if (!json_is_object(file->header))
        return fail(ERR_INVALID, "'%s' is broken: its header is no object", name);
    struct reading reading = { .file = file,
                               .data = data + LENGTH_BYTES + length,
                               .size = size - LENGTH_BYTES - length,
                               .name = name };
    file->tensors = arena_alloc(&file->arena, json_length(file->header), sizeof *file->tensors);
    json_each(file->header, visit_member, &reading);
    return reading.error ? reading.error : check_cover(&reading);
}

int tensors_parse(struct tensor_file **out, const void *data, size_t size, const char *name)
{
    struct tensor_file *file = xcalloc(1, sizeof *file);
    int error = read_file(file, data, size, name);
    if (error) {
        tensors_close(file);
        return error;
    }
    *out = file;
    return 0;
}

int tensors_open(struct tensor_file **out, const char *path)
{
    static const uint64_t limit = (uint64_t)8 << 30; /* no checkpoint of ours comes near */
    char *bytes;
    size_t size;
    int error = file_read(path, (size_t)MIN(limit, SIZE_MAX), &bytes, &size);
    if (error)
        return error;
    error = tensors_parse(out, bytes, size, path);
    if (error) {
        free(bytes);
        return error;
    }
    (*out)->bytes = bytes;
    return 0;
}

void tensors_close(struct tensor_file *file)
{
    if (!file)
        return;
    arena_release(&file->arena);
    json_free(file->header);
    free(file->bytes);
    free(file);
}

int tensors_count(const struct tensor_file *file)
{
    return file->count;
}

const struct tensor *tensors_at(const struct tensor_file *file, int index)
{
    return &file->tensors[index];
}

const struct tensor *tensors_find(const struct tensor_file *file, const char *name)
{
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

const char *tensors_metadata(const struct tensor_file *file, const char *key)
{
    return json_get_string(json_member(json_member(file->header, metadata_key), key));
}
