/* What completing and upscaling are held against, and how they are measured.
 *
 * Letters: N images of H x W pixels, from -1 to 1; made (N, H, W) is 1 where a pixel was hidden. */
#ifndef GANDER_GAN_RESTORATION_H
#define GANDER_GAN_RESTORATION_H

#include "base/base.h"
#include "data/dataset.h"
#include "gan/classifier.h"
#include "gan/measures.h"

/* Fills in what is hidden of images (count, H, W): the mean of the training images there; or the
 * pixels of the training image that is nearest (L2) in what is seen. */
void fill_mean(const struct dataset *set, const float *made, int count, float *images);
void fill_nearest(const struct dataset *set, const float *made, int count, float *images);

struct restored {
    double agreement; /* share that the classifier reads as the class of the original */
    double psnr;      /* 10 log10(255^2 / mean squared error) in dB, over the pixels that were made;
                         infinite where none is off */
    double frechet;   /* distance of the images to real ones, in the classifier's features; NaN for
                         fewer than two images */
};

/* Images and originals (count, H, W) as bytes, labels (count) of the originals. `made` NULL: all
 * pixels. ERR_INVALID where features are not finite. */
int restoration_measure(struct restored *out, struct classifier *classifier,
                        const struct moments *real, const uint8_t *images, const uint8_t *originals,
                        const float *made, const int *labels, int count);

/* The psnr of `count` pixels. */
double restoration_psnr(const uint8_t *images, const uint8_t *originals, const float *made,
                        size_t count);

/* Moments of the features of the held-out images of the set that the classifier is of. Released by
 * the caller. */
void restoration_reference(struct moments *out, struct classifier *classifier,
                           const struct dataset *learned);

#endif
