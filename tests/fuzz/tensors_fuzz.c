/* safetensors files: every byte of every tensor that was found can be read, and lies within the
 * file. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "base/tensors.h"

static volatile uint8_t sink; /* keeps the compiler from dropping reads */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tensor_file *file;
    if (tensors_parse(&file, data, size, "fuzz") != 0)
        return 0;
    for (int i = 0; i < tensors_count(file); i++) {
        const struct tensor *tensor = tensors_at(file, i);
        const uint8_t *bytes = tensor->data;
        size_t count = tensor_bytes(tensor);
        if (bytes < data || bytes > data + size || count > (size_t)(data + size - bytes))
            abort();
        for (size_t j = 0; j < count; j++)
            sink ^= bytes[j];
        if (tensors_find(file, tensor->name) != tensor)
            abort();
    }
    tensors_metadata(file, "format");
    tensors_close(file);
    return 0;
}
