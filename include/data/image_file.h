/* Images that people bring, of any size, and images for them to take away.
 *
 * A file is a PNG of one image, or an IDX file of many (data/idx.h), plain or gzipped. To be like the
 * images of a data set, which are light ink on black, an image
 *
 *   - of dark ink on a light ground is inverted: its border, one pixel wide, is lighter than half;
 *   - of another size is laid out as MNIST's were (LeCun et al. 1998): what is not ground is scaled,
 *     its proportions kept, to 20/28 of the sides, and its centre of mass put in the middle. */
#ifndef GANDER_DATA_IMAGE_FILE_H
#define GANDER_DATA_IMAGE_FILE_H

#include "base/base.h"

enum { IMAGE_FILE_SIDE = 4096 }; /* pixels of a PNG's side at most */

struct image_pile {
    int count, height, width;
    uint8_t *pixels; /* (count, height, width), owned */
};

/* The images as they are. ERR_INVALID for what is neither; ERR_NOT_FOUND, ERR_IO. */
int image_file_read(struct image_pile *out, const char *path);
void image_pile_release(struct image_pile *pile);

/* Inverts the pile's images (each by itself) that are dark on light. */
void image_pile_lighten(struct image_pile *pile);

/* to (height, width) from a light image on black; a copy where the sizes are the same. */
void image_lay_out(const uint8_t *from, int from_height, int from_width, uint8_t *to, int height,
                   int width);

/* Does this name ask for an IDX file? It ends in "ubyte" or ".idx". */
bool image_file_is_idx(const char *path);

/* An IDX file of images, or of labels where height and width are 0; atomic. */
int image_file_write_idx(const char *path, const uint8_t *bytes, int count, int height, int width);

#endif
