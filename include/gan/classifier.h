/* The classifier that measures samples: one small convolutional network, the same for everybody who
 * has the same data.
 *
 * Its layers, seed and schedule are fixed and have a version, so that a distance measured today can
 * be set beside one measured last month. It learns from the first five sixths of a training set
 * (where labels are sorted, from five images of every six); the last sixth, which generators have
 * seen and it has not, is held out, to say what real images measure.
 *
 * Letters: N images, H W rows and columns, C classes, F features (64). Images are bytes, as in
 * struct dataset. */
#ifndef GANDER_GAN_CLASSIFIER_H
#define GANDER_GAN_CLASSIFIER_H

#include "base/base.h"
#include "data/dataset.h"
#include "nn/pool.h"

enum { CLASSIFIER_VERSION = 1, CLASSIFIER_FEATURES = 64 };

struct classifier;

struct classifier_facts {
    int version, height, width, classes;
    uint64_t seed;             /* of weights and order */
    int images;                /* it learned from */
    double accuracy;           /* share of the held-out images that it reads rightly */
    char data[HASH_TEXT_SIZE]; /* hash of the training set */
};

/* Told of each update of training; false: give up. */
struct classifier_progress {
    int done, updates;
    double loss; /* of the last batch */
};
typedef bool classifier_watch(void *context, const struct classifier_progress *progress);

/* Can one be trained on that set? ERR_INVALID for a set without labels, or with too few images to
 * hold any out. */
int classifier_check(const struct dataset *set);

/* Trains one, on the threads of `pool`, which is borrowed for its life. `watch` may be NULL.
 * Deterministic for set, seed and number of threads. ERR_INVALID as classifier_check, or for images
 * too small for its layers; ERR_CANCELLED when `watch` said so. */
int classifier_train(struct classifier **out, const struct dataset *set, uint64_t seed,
                     struct pool *pool, classifier_watch *watch, void *context);

/* The same network and schedule on chosen images, for studies of what training data are worth. Of two
 * sets each gives half of every batch. Nothing is held out. The second set's labels must be classes of
 * the first. */
struct classifier_lesson {
    const struct dataset *sets[2]; /* the second may be NULL */
    int updates;
    int shift;           /* each image is moved by up to so many pixels … */
    double turn_degrees; /* … and turned by up to so much, another way each time */
};
int classifier_train_on(struct classifier **out, const struct classifier_lesson *lesson,
                        uint64_t seed, struct pool *pool, classifier_watch *watch, void *context);

void classifier_free(struct classifier *classifier);
struct classifier_facts classifier_facts(const struct classifier *classifier);

/* A safetensors file, atomically. classifier_open: ERR_INVALID for a file that is foreign, cut or of
 * another version; ERR_NOT_FOUND where there is none. */
int classifier_save(const struct classifier *classifier, const char *path);
int classifier_open(struct classifier **out, const char *path, struct pool *pool);

/* features (count, F) and probabilities (count, C) of images (count, H, W); either may be NULL. What
 * it says of an image does not depend on the others. */
void classifier_read(struct classifier *classifier, const uint8_t *images, int count,
                     float *features, float *probabilities);

/* Share of a set's images that it gives their label; NaN where it has none. */
double classifier_accuracy(struct classifier *classifier, const struct dataset *set);

/* The class of the largest of `classes` probabilities; of equal ones the first. */
int classifier_verdict(const float *probabilities, int classes);

/* Which images of a training set are held out, by ascending index: the caller frees the list. */
uint32_t *classifier_held_out(const struct dataset *set, int *count);

#endif
