/* Images on standard output: what samples and generate share. */
#ifndef GANDER_CLI_PRINT_IMAGES_H
#define GANDER_CLI_PRINT_IMAGES_H

#include "draw/picture.h"

/* All of them: so that they fit the screen if they stay legible there, else as many rows as it
 * takes, to be scrolled through. */
void print_images(const struct picture_sheet *sheet, enum picture_mode mode);

#endif
