/* The ways to write a digit: pen paths by which the built-in handwriting is drawn.
 *
 * A form is one way to write one digit, such as a seven with a bar. Its hands are the same path as
 * different people would write it, point by point; an image blends them. Coordinates are hundredths
 * of the digit's height, y downwards, x from 0 to about 60.
 *
 * `pen` has one letter a point: '-' the path runs smoothly through it, 'v' it turns a corner there,
 * '.' the pen is lifted after it. */
#ifndef GANDER_DATA_FORM_H
#define GANDER_DATA_FORM_H

#include "base/base.h"

enum { FORM_POINTS = 16, FORM_HANDS = 7 };

struct form_point {
    int8_t x, y;
};

struct form {
    uint8_t digit;  /* 0 … 9; the table is sorted by it */
    uint8_t weight; /* share among the forms of the digit: they sum to 100 */
    uint8_t hands;  /* 1 … FORM_HANDS */
    const char *pen;
    struct form_point hand[FORM_HANDS][FORM_POINTS];
};

extern const struct form forms[];
extern const int form_count;

#endif
