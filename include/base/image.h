/* Grey images and PNG (through libpng). Files from outside are hostile: bounded, checked, never
 * trusted. */
#ifndef GANDER_BASE_IMAGE_H
#define GANDER_BASE_IMAGE_H

#include "base/base.h"

struct image {
    int width, height;
    uint8_t *pixels; /* (height, width), rows from the top, 0 black … 255 white; owned */
};

/* Any PNG (palette, 16 bits, colour, alpha over black) as grey. ERR_INVALID when it is broken,
 * empty, or wider or higher than `limit` pixels. `name` is for the sentence. */
int image_decode_png(struct image *out, const void *data, size_t size, int limit, const char *name);
int image_read_png(struct image *out, const char *path, int limit);
int image_write_png(const struct image *image, const char *path); /* 8-bit grey, atomic */
/* The bytes of such a file, made fast rather than small; malloc'ed. With a palette (256, 3), which
 * says red, green and blue of each grey, it is one in colours; else NULL. */
int image_encode_png(const struct image *image, const uint8_t *palette, uint8_t **out,
                     size_t *size);
void image_release(struct image *image);

#endif
