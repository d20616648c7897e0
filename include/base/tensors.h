/* safetensors files (https://github.com/huggingface/safetensors, format): 8 bytes little-endian
 * header length N, N bytes of JSON
 * {"name":{"dtype":"F32","shape":[…],"data_offsets":[begin,end]},…,"__metadata__":{…strings}}, then
 * the data.
 *
 * Reading trusts nothing: header size, offsets, overlaps, shapes against lengths and the file's
 * size are all checked, so that a tensor that is found is whole. A file with a type or a number of
 * dimensions that is not listed here is refused: ERR_INVALID, and the sentence says which. */
#ifndef GANDER_BASE_TENSORS_H
#define GANDER_BASE_TENSORS_H

#include "base/base.h"

enum tensor_type { TENSOR_F32, TENSOR_F64, TENSOR_U8, TENSOR_I64, TENSOR_U64 };
enum { TENSOR_DIMENSIONS = 4 };

struct tensor {
    const char *name;
    enum tensor_type type;
    int dimensions; /* 0 for a scalar */
    int64_t shape[TENSOR_DIMENSIONS];
    const void *data; /* borrowed: of the writer's caller, or of the open file, where it may lie at
                       * any address: memcpy from it */
};

size_t tensor_bytes(const struct tensor *tensor);

struct tensor_metadata {
    const char *key, *value;
};

/* Writes the file atomically and synced. Tensors keep their order, without gaps: the first begins
 * on an 8-byte boundary of the file. Names must differ (ERR_BUG). */
int tensors_write(const char *path, const struct tensor *tensors, int count,
                  const struct tensor_metadata *metadata, int metadata_count);

struct tensor_file;
int tensors_open(struct tensor_file **out, const char *path);
int tensors_parse(struct tensor_file **out, const void *data, size_t size,
                  const char *name); /* copies nothing: data must outlive it */
void tensors_close(struct tensor_file *file);
int tensors_count(const struct tensor_file *file);
const struct tensor *tensors_at(const struct tensor_file *file,
                                int index); /* in the order of their data */
const struct tensor *tensors_find(const struct tensor_file *file,
                                  const char *name);                           /* NULL if absent */
const char *tensors_metadata(const struct tensor_file *file, const char *key); /* NULL if absent */

#endif
