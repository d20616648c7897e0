#include "testing.h"

#include <math.h>
#include <string.h>

#include "../../src/gan/spread.h"

enum { PIXELS = 28 * 28, IMAGES = 400, CLASSES = 10 };

static struct dataset *digits;
static float images[IMAGES * PIXELS];
static int labels[IMAGES];

static int open_digits(void **state)
{
    uint32_t indices[IMAGES];
    (void)state;
    int error = dataset_open(&digits, "digits", DATASET_TRAIN, IMAGES, 1);
    if (error)
        return error;
    for (uint32_t i = 0; i < IMAGES; i++)
        indices[i] = i;
    dataset_batch(digits, indices, IMAGES, images, labels);
    return 0;
}

static int close_digits(void **state)
{
    (void)state;
    dataset_close(digits);
    return 0;
}

/* Mean squared distance of all pairs, or of those of one class, one by one. */
static double pairs(const float *of, int n, bool within)
{
    double sum = 0;
    int count = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            if (within && labels[i] != labels[j])
                continue;
            for (int p = 0; p < PIXELS; p++) {
                double step = (double)of[i * PIXELS + p] - (double)of[j * PIXELS + p];
                sum += step * step;
            }
            count++;
        }
    return sum / count;
}

/* The trace of the covariance is half the mean squared distance of all pairs. */
static void it_is_the_mean_distance_of_pairs(void **state)
{
    struct spread spread;
    (void)state;
    spread_init(&spread, digits, 0);
    double expected = pairs(images, IMAGES, false) / 2;
    assert_true(fabs(spread.variance - expected) < 1e-6 * expected);
    assert_true(fabs(spread.within - expected) < 1e-6 * expected);
    struct spread_of few = spread_measure(&spread, images, NULL, 64);
    assert_true(fabs(few.diversity - sqrt(pairs(images, 64, false) / 2 / expected)) < 1e-6);
    spread_release(&spread);
}

static void real_images_are_as_varied_as_real_images(void **state)
{
    struct spread spread;
    (void)state;
    spread_init(&spread, digits, CLASSES);
    struct spread_of all = spread_measure(&spread, images, labels, IMAGES);
    assert_true(fabs(all.diversity - 1) < 1e-6);
    assert_true(all.shift < 1e-6);
    struct spread_of some = spread_measure(&spread, images, labels, 64);
    assert_true(some.diversity > 0.9 && some.diversity < 1.1 && some.shift < 0.1);
    spread_release(&spread);
}

static void one_image_again_and_again_is_not_varied(void **state)
{
    static float same[64 * PIXELS];
    struct spread spread;
    (void)state;
    for (int i = 0; i < 64; i++)
        memcpy(same + i * PIXELS, images + 5 * PIXELS, PIXELS * sizeof *same);
    spread_init(&spread, digits, 0);
    struct spread_of of = spread_measure(&spread, same, NULL, 64);
    assert_true(of.diversity < 1e-3);
    assert_true(of.shift > 0.3);
    spread_release(&spread);
}

/* A conditional generator that has one image a class is varied as a whole, and collapsed. */
static void classes_are_looked_at_one_by_one(void **state)
{
    static float first[IMAGES * PIXELS];
    int of_class[CLASSES];
    struct spread plain, conditional;
    (void)state;
    for (int i = IMAGES - 1; i >= 0; i--)
        of_class[labels[i]] = i;
    for (int i = 0; i < IMAGES; i++)
        memcpy(first + (size_t)i * PIXELS, images + (size_t)of_class[labels[i]] * PIXELS,
               PIXELS * sizeof *first);
    spread_init(&plain, digits, 0);
    spread_init(&conditional, digits, CLASSES);
    assert_true(spread_measure(&plain, first, labels, IMAGES).diversity > 0.7);
    assert_true(spread_measure(&conditional, first, labels, IMAGES).diversity < 1e-3);
    int others[2] = { 0, 1 }; /* no class has two images */
    assert_true(isnan(spread_measure(&conditional, images, others, 2).diversity));
    spread_release(&plain);
    spread_release(&conditional);
}

static void auc_counts_the_pairs_that_are_ranked_rightly(void **state)
{
    static const float real[4] = { 3, 1, 5, 2 }, fake[4] = { 0, 2, 2.5F, -1 };
    float moved[4];
    (void)state;
    /* 3 beats 4 of them, 1 two, 5 four, 2 two and half of the tie */
    assert_true(fabs(spread_of_logits(real, fake, 4) - (4 + 2 + 4 + 2.5) / 16) < 1e-12);
    assert_true(fabs(spread_of_logits(fake, real, 4) - (1 - 12.5 / 16)) < 1e-12);
    assert_true(spread_of_logits(real, real, 4) == 0.5);
    for (int i = 0; i < 4; i++)
        moved[i] = 10 * real[i] + 500; /* no scale, no drift */
    assert_true(spread_of_logits(moved, moved, 4) == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_mean_distance_of_pairs),
        cmocka_unit_test(real_images_are_as_varied_as_real_images),
        cmocka_unit_test(one_image_again_and_again_is_not_varied),
        cmocka_unit_test(classes_are_looked_at_one_by_one),
        cmocka_unit_test(auc_counts_the_pairs_that_are_ranked_rightly),
    };
    return cmocka_run_group_tests_name("spread", tests, open_digits, close_digits);
}
