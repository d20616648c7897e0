/* A directory of PNG files as a data set: images of one size, taken in the order of their names.
 *
 *     DIR/ *.png             images without labels
 *     DIR/zero/ *.png …      one folder a class, labelled 0, 1, 2 … in the order of their names
 *     DIR/train/, DIR/test/  two parts, each of one of the two kinds above
 *
 * Grey values are taken as they are: white ink on black, as MNIST has it. */
#ifndef GANDER_DATA_PNG_FOLDER_H
#define GANDER_DATA_PNG_FOLDER_H

#include "base/base.h"
#include "data/dataset.h"

/* Is there this part, with at least one PNG file? A directory without parts is DATASET_TRAIN. */
bool png_folder_holds(const char *directory, enum dataset_part part);

/* Like png_folder_load, but reads the first image only and leaves pixels and labels NULL. */
int png_folder_look(struct dataset *set, const char *directory, enum dataset_part part);

/* Reads a part into `set` (count, height, width, classes, pixels, labels). ERR_INVALID names the
 * file that does not decode or whose size differs from the first one's. */
int png_folder_load(struct dataset *set, const char *directory, enum dataset_part part);

#endif
