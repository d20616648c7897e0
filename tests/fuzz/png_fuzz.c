/* PNG files: what decodes has the size that was allowed, and every one of its pixels can be read.
 */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "base/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LIMIT = 256 };
    struct image image;
    if (image_decode_png(&image, data, size, LIMIT, "fuzz") != 0)
        return 0;
    if (image.width < 1 || image.width > LIMIT || image.height < 1 || image.height > LIMIT)
        abort();
    volatile uint8_t pixel = 0;
    for (int i = 0; i < image.width * image.height; i++)
        pixel ^= image.pixels[i];
    image_release(&image);
    return 0;
}
