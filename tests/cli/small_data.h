/* A data set of 12x12 images of three classes and a recipe for it: its classifier is trained in a
 * blink. */
#ifndef GANDER_TESTS_SMALL_DATA_H
#define GANDER_TESTS_SMALL_DATA_H

#include "background.h"
#include "base/random.h"

enum { SMALL_SIDE = 12, SMALL_CLASSES = 3, SMALL_TRAIN = 120, SMALL_TEST = 40 };

static const char small_recipe[] =
    "[experiment]\nname = small\n"
    "[data]\nsource = ./small\n"
    "[generator]\nlatent = 8\n"
    "layers = dense 16 | norm | relu | dense 144 | tanh | reshape 1x12x12\n"
    "[discriminator]\nlayers = flatten | dense 16 | lrelu 0.2 | dense 1\n"
    "[training]\nbatch = 8\nsteps = 60\nthreads = 1\naverage = 0.9\nreport_every = 10\n"
    "checkpoint_every = 30\nevaluate_every = 20\n"
    "[samples]\nevery = 60\ncount = 16\n";

static inline void small_put_number(uint8_t *at, int number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A bar whose place tells the class, in noise. */
static inline void small_draw(struct random *random, int label, uint8_t *image)
{
    for (int y = 0; y < SMALL_SIDE; y++)
        for (int x = 0; x < SMALL_SIDE; x++) {
            bool is_ink = label == 0 ? y == 5 || y == 6 : label == 1 ? x == 5 || x == 6 : x == y;
            image[y * SMALL_SIDE + x] = (uint8_t)((is_ink ? 180 : 0) + random_below(random, 70));
        }
}

static inline void small_put_part(const char *part, int count, uint64_t seed)
{
    enum { AREA = SMALL_SIDE * SMALL_SIDE, IMAGES = 16, LABELS = 8 };
    uint8_t *images = xcalloc((size_t)count * AREA + IMAGES, 1),
            *labels = xcalloc((size_t)count + LABELS, 1);
    struct random random;
    random_seed(&random, seed, 1);
    memcpy(images, (uint8_t[]){ 0, 0, 8, 3 }, 4);
    memcpy(labels, (uint8_t[]){ 0, 0, 8, 1 }, 4);
    small_put_number(images + 4, count);
    small_put_number(images + 8, SMALL_SIDE);
    small_put_number(images + 12, SMALL_SIDE);
    small_put_number(labels + 4, count);
    for (int i = 0; i < count; i++) {
        labels[LABELS + i] = (uint8_t)(i % SMALL_CLASSES);
        small_draw(&random, i % SMALL_CLASSES, images + IMAGES + (size_t)i * AREA);
    }
    char *path = xasprintf("small/%s-images-idx3-ubyte", part);
    assert_int_equal(file_replace(path, images, (size_t)count * AREA + IMAGES), 0);
    free(path);
    path = xasprintf("small/%s-labels-idx1-ubyte", part);
    assert_int_equal(file_replace(path, labels, (size_t)count + LABELS), 0);
    free(path);
    free(labels);
    free(images);
}

/* Like program_enter, with small.ini and small/ besides. */
static inline int small_enter(void **state)
{
    if (program_enter(state) < 0 || make_directories("small") < 0)
        return -1;
    small_put_part("train", SMALL_TRAIN, 1);
    small_put_part("t10k", SMALL_TEST, 2);
    return file_replace("small.ini", small_recipe, strlen(small_recipe));
}

#define IN_SMALL_SCRATCH(test) cmocka_unit_test_setup_teardown(test, small_enter, program_leave)

/* Classifiers in the store, and whatever else is there but locks. */
static inline int small_count_classifiers(void)
{
    struct arena arena = { 0 };
    char **names;
    int all = 0, locks = 0;
    if (list_directory(&arena, ".gander/classifiers", "", &names, &all) < 0)
        all = 0;
    for (int i = 0; i < all; i++)
        locks += strcmp(names[i] + strlen(names[i]) - MIN(strlen(names[i]), 5), ".lock") == 0;
    arena_release(&arena);
    return all - locks;
}

/* How often a text stands in a file. */
static inline int small_count_in(const char *path, const char *text)
{
    char *all = program_read_file(path);
    int count = 0;
    for (const char *at = all; (at = strstr(at, text)); at += strlen(text))
        count++;
    free(all);
    return count;
}

/* --- what a run says of measuring --- */

#define LEARNS "training the classifier that measures samples"
#define LEARNT LEARNS ": 100 %"
#define WAITS "waiting for the classifier that measures samples"
#define CANNOT "note: samples are not measured: "
/* Their classifier takes long enough to be broken off. */
#define SLOW "tiny.ini", "-s", "training.evaluate_every=5", "-s", "training.steps=10"

static inline int evaluations(const char *directory)
{
    char *path = xasprintf("%s/events.jsonl", directory);
    int count = small_count_in(path, "\"frechet\":");
    free(path);
    return count / 2; /* of the samples and of real images */
}

static inline bool learns(const char *directory)
{
    char *path = xasprintf("%s/log.txt", directory);
    int count = small_count_in(path, LEARNS);
    free(path);
    return count > 0;
}

static inline bool waits(const char *directory)
{
    char *path = xasprintf("%s/log.txt", directory);
    int count = small_count_in(path, WAITS);
    free(path);
    return count > 0;
}

#endif
