/* Handwritten digits made by the program, in MNIST's frame: 28x28, the digit in a box of 20x20,
 * its centre of mass in the middle.
 *
 * Image `index` of a part depends on (seed, part, index) and on nothing else: a set of n images is
 * the beginning of every larger one. Only + - * / and sqrt are used, which IEEE 754 rounds
 * exactly, so that a seed gives the same bytes on every machine. */
#ifndef GANDER_DATA_DIGITS_H
#define GANDER_DATA_DIGITS_H

#include "base/base.h"

enum {
    DIGITS_SIDE = 28,
    DIGITS_CLASSES = 10,
    DIGITS_TRAIN_COUNT = 60000,
    DIGITS_TEST_COUNT = 10000,
    DIGITS_VERSION = 1, /* of the drawing: whoever changes a byte of an image counts it up */
};

/* Fills (count, 28, 28) pixels and (count) labels. Every ten images hold each digit once. */
void digits_draw(uint64_t seed, int part, int count, uint8_t *pixels, uint8_t *labels);

#endif
