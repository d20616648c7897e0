/* IDX files, plain and gzipped, as images and as labels. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "data/dataset.h"
#include "data/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int dimensions[] = { 1, 3 };
    for (int i = 0; i < 2; i++) {
        struct idx idx;
        if (idx_parse(&idx, data, size, dimensions[i], "fuzz") < 0)
            continue;
        if (idx.count < 1 || idx.height < 1 || idx.height > DATASET_SIDE_LIMIT || idx.width < 1 ||
            idx.width > DATASET_SIDE_LIMIT)
            abort();
        size_t length = (size_t)idx.count * (size_t)idx.height * (size_t)idx.width;
        volatile uint8_t last = idx.bytes[length - 1]; /* a sanitizer knows whether it is there */
        (void)last;
        free(idx.bytes);
    }
    return 0;
}
