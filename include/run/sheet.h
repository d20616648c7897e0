/* A sheet: images side by side in one PNG, as square as can be (64 are 8 x 8), nothing between. */
#ifndef GANDER_RUN_SHEET_H
#define GANDER_RUN_SHEET_H

#include "base/base.h"
#include "base/image.h"

/* Images in a row of a sheet of `count`. */
int sheet_columns(int count);

/* The sheet of `images` (count, height, width); to be released. */
void sheet_make(struct image *out, const uint8_t *images, int count, int height, int width);

/* Writes `images` (count, height, width) as one PNG. */
int sheet_write(const char *path, const uint8_t *images, int count, int height, int width);

/* Cuts a sheet of `count` images: (count, height, width) bytes, malloc'ed. NULL when its size is
 * not that of such a sheet. */
uint8_t *sheet_cut(const struct image *sheet, int count, int *height, int *width);

#endif
