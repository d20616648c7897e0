/* Where a kernel's windows lie: the places and ways that make a convolution's matrices for
 * nn/product.h.
 *
 * A convolution and its transpose go between a large image (H, W, C), over which a K x K kernel
 * slides in steps of S, and a small one (H', W', C') with a pixel for each place of the kernel.
 * Weights are (K, K, C | C'), rows of C'. Three products do it all:
 *
 *     down      small = windows(large) W                      conv forward, upconv's way back
 *     up        large = sum of what small puts into windows   upconv forward, conv's way back
 *     gradient  dW = windows(large)^T small                   both
 *
 * The large image is padded with zeros in memory so that no window leaves it. For `up` every pixel
 * of large sees the small pixels whose windows cover it: those form S * S classes of pixels, each
 * with a fixed set of taps, each a product of its own with a part of the weights, transposed (C' |
 * C), over a padded small image. */
#ifndef GANDER_NN_WINDOWS_H
#define GANDER_NN_WINDOWS_H

#include "base/base.h"
#include "base/memory.h"
#include "nn/product.h"

struct windows_class { /* the pixels of large with the same place in the stride */
    int pixels, taps;
    int *from;     /* (pixels) in padded small, of the first tap */
    int *to;       /* (pixels) in large */
    int *steps;    /* (taps * C') from there */
    int first_tap; /* of its part of the transposed weights */
};

struct windows {
    int height, width, channels; /* large */
    int small_height, small_width, small_channels;
    int kernel, stride, pad;
    int padded_height, padded_width;     /* of large */
    int wide_height, wide_width, border; /* of padded small, and the zeros before its first pixel */
    int *places;                         /* (H' * W') windows in padded large */
    int *steps;                          /* (K * K * C) values in a window */
    int *taps;                     /* (K * K) ky * K + kx in the order of the transposed weights */
    struct windows_class *classes; /* (S * S) */
};

/* Fills in all sizes from heights, widths, channels, kernel, stride and pad. */
void windows_init(struct windows *windows);
/* The tables, into the arena. Apart, since they are large where images are: a network to look at
 * does without. */
void windows_list(struct windows *windows, struct arena *arena);

size_t windows_padded_size(
    const struct windows *windows); /* floats from one padded large image to the next */
size_t windows_wide_size(const struct windows *windows); /* and of padded small ones */

/* Copies images into padded ones, whose borders are zero already and stay so. */
void windows_pad(const struct windows *windows, const float *large, int images, float *padded);
void windows_widen(const struct windows *windows, const float *small, int images, float *wide);

/* Whether `up` should go by columns: for large images of few channels, too few for products of
 * their own. */
bool windows_prefer_columns(const struct windows *windows);

/* transposed (as many floats as weights), in the order that `up` or `up_by_columns` wants; only the
 * taps [begin, end) of K * K. */
void windows_transpose(const struct windows *windows, const float *weights, float *transposed,
                       int begin, int end);

/* Bias and slope as in struct product. */
void windows_down(const struct windows *windows, const float *padded, int images,
                  const float *weights, const float *bias, float slope, float *small,
                  float *scratch);
void windows_up(const struct windows *windows, const float *wide, int images,
                const float *transposed, const float *bias, float slope, float *large,
                float *scratch);

/* columns: room for images * H' * W' * K * K * C floats. No bias, no slope. */
void windows_up_by_columns(const struct windows *windows, const float *small, int images,
                           const float *transposed, float *large, float *columns, float *scratch);

/* Rows [begin, end) of dW (K * K * C, C'), over all images; set, or added to. */
void windows_gradient(const struct windows *windows, const float *padded, const float *small,
                      int images, int begin, int end, bool add, float *d_weights, float *scratch);

#endif
