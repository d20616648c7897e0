#define _GNU_SOURCE
#include "testing.h"

#include <math.h>
#include <stdlib.h>

#include "data/resize.h"

static void near(double got, double wanted)
{
    if (!(fabs(got - wanted) < 1e-5))
        fail_msg("%.8g, not %.8g", got, wanted);
}

/* Weights by hand: of the triangle 1/4 and 3/4 at a factor of 2; of Keys' cubic with a = -1/2 its
 * values at 1/4, 3/4, 5/4 and 7/4. */
static void doubling_takes_the_kernel_s_weights(void **state)
{
    static const float row[] = { 3, 7, -2, 5, 1, 4 };
    float twice[12];
    (void)state;
    resize_image(RESIZE_BILINEAR, row, 1, 6, twice, 1, 12);
    near((double)twice[5], 0.75 * -2 + 0.25 * 5);
    near((double)twice[6], 0.75 * 5 + 0.25 * -2);
    near((double)twice[0], 3); /* nothing lies beyond the edge */
    resize_image(RESIZE_BICUBIC, row, 1, 6, twice, 1, 12);
    near((double)twice[5], -0.0703125 * 7 + 0.8671875 * -2 + 0.2265625 * 5 - 0.0234375 * 1);
}

static void a_size_that_stays_changes_nothing(void **state)
{
    float image[12], same[12];
    (void)state;
    for (int i = 0; i < 12; i++)
        image[i] = (float)(i * i % 7);
    resize_image(RESIZE_BILINEAR, image, 3, 4, same, 3, 4);
    assert_memory_equal(image, same, sizeof same);
    resize_image(RESIZE_BICUBIC, image, 3, 4, same, 3, 4);
    for (int i = 0; i < 12; i++)
        near((double)same[i], (double)image[i]);
}

static void level_images_stay_level(void **state)
{
    float image[9 * 5], other[23 * 31];
    (void)state;
    for (int i = 0; i < 9 * 5; i++)
        image[i] = 0.7F;
    for (int kind = RESIZE_BILINEAR; kind <= RESIZE_BICUBIC; kind++)
        for (int height = 1; height <= 23; height += 11) {
            resize_image((enum resize_kind)kind, image, 9, 5, other, height, 31);
            for (int i = 0; i < height * 31; i++)
                near((double)other[i], (double)0.7F);
        }
}

/* All pixels count when an image shrinks, so that its mean stays. */
static void shrinking_keeps_the_mean(void **state)
{
    float image[16 * 16], small[4 * 4];
    double sum = 0, small_sum = 0;
    (void)state;
    for (int i = 0; i < 16 * 16; i++)
        sum += (double)(image[i] = (float)((i / 16 > 5 && i / 16 < 10 && i % 16 > 4) * (i % 5)));
    resize_image(RESIZE_BILINEAR, image, 16, 16, small, 4, 4);
    for (int i = 0; i < 16; i++)
        small_sum += (double)small[i];
    assert_true(fabs(small_sum / 16 - sum / 256) < 0.05 * sum / 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubling_takes_the_kernel_s_weights),
        cmocka_unit_test(a_size_that_stays_changes_nothing),
        cmocka_unit_test(level_images_stay_level),
        cmocka_unit_test(shrinking_keeps_the_mean),
    };
    return cmocka_run_group_tests_name("resizing", tests, NULL, NULL);
}
