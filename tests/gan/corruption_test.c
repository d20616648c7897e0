#define _GNU_SOURCE
#include "testing.h"

#include <math.h>
#include <string.h>

#include "gan/corruption.h"

enum { HEIGHT = 8, WIDTH = 12, PIXELS = HEIGHT * WIDTH };

static void fill(float *image)
{
    for (int i = 0; i < PIXELS; i++)
        image[i] = (float)(i * 37 % 101) / 50 - 1;
}

static void halves_and_the_box_are_hidden(void **state)
{
    static const struct {
        enum corruption plain;
        int top, bottom, left, right;
    } boxes[] = {
        { CORRUPTION_LEFT, 0, 8, 0, 6 }, { CORRUPTION_RIGHT, 0, 8, 6, 12 },
        { CORRUPTION_TOP, 0, 4, 0, 12 }, { CORRUPTION_BOTTOM, 4, 8, 0, 12 },
        { CORRUPTION_BOX, 2, 6, 3, 9 },
    };
    float image[PIXELS], condition[PIXELS], made[PIXELS];
    (void)state;
    fill(image);
    for (int k = 0; k < ARRAY_SIZE(boxes); k++) {
        corruption_apply(boxes[k].plain, image, HEIGHT, WIDTH, condition, made);
        for (int i = 0; i < PIXELS; i++) {
            int y = i / WIDTH, x = i % WIDTH;
            bool hidden = y >= boxes[k].top && y < boxes[k].bottom && x >= boxes[k].left &&
                          x < boxes[k].right;
            assert_true(made[i] == (hidden ? 1.0F : 0.0F));
            assert_true(condition[i] == (hidden ? 0.0F : image[i]));
        }
    }
}

static void of_an_odd_side_the_smaller_half_is_hidden(void **state)
{
    float image[3] = { 1, 1, 1 }, condition[3];
    (void)state;
    corruption_apply(CORRUPTION_LEFT, image, 1, 3, condition, NULL);
    assert_true(condition[0] == 0 && condition[1] == 1 && condition[2] == 1);
    corruption_apply(CORRUPTION_RIGHT, image, 1, 3, condition, NULL);
    assert_true(condition[0] == 1 && condition[1] == 1 && condition[2] == 0);
}

static void squares_get_their_mean(void **state)
{
    float image[PIXELS], condition[PIXELS], made[PIXELS];
    (void)state;
    fill(image);
    for (int factor = 2; factor <= 4; factor += 2) {
        enum corruption plain = factor == 2 ? CORRUPTION_SHRINK_2 : CORRUPTION_SHRINK_4;
        assert_int_equal(corruption_factor(plain), factor);
        corruption_apply(plain, image, HEIGHT, WIDTH, condition, made);
        for (int i = 0; i < PIXELS; i++) {
            int top = i / WIDTH / factor * factor, left = i % WIDTH / factor * factor;
            double sum = 0;
            for (int k = 0; k < factor * factor; k++)
                sum += (double)image[(top + k / factor) * WIDTH + left + k % factor];
            assert_true(fabs((double)condition[i] - sum / (factor * factor)) < 1e-6);
            assert_true(made[i] == 1.0F);
        }
    }
}

static void words_stand_for_plain_corruptions(void **state)
{
    (void)state;
    assert_int_equal(corruption_choices(CORRUPTION_NONE), 0);
    assert_int_equal(corruption_choices(CORRUPTION_HALF), 4);
    assert_int_equal(corruption_choices(CORRUPTION_PART), 5);
    assert_int_equal(corruption_choices(CORRUPTION_SHRINK), 2);
    for (int word = CORRUPTION_LEFT; word < CORRUPTION_COUNT; word++) {
        enum corruption corruption = (enum corruption)word;
        for (int i = 0; i < corruption_choices(corruption); i++) {
            enum corruption plain = corruption_choice(corruption, i);
            assert_int_equal(corruption_choices(plain), 1);
            assert_int_equal(corruption_choice(plain, 7), plain);
            assert_true(corruption_includes(corruption, plain));
        }
        assert_int_equal(corruption_choice(corruption, corruption_choices(corruption)),
                         corruption_choice(corruption, 0));
    }
    assert_false(corruption_includes(CORRUPTION_HALF, CORRUPTION_BOX));
    assert_false(corruption_includes(CORRUPTION_NONE, CORRUPTION_LEFT));
}

static void images_that_do_not_divide_are_refused(void **state)
{
    (void)state;
    assert_int_equal(corruption_check(CORRUPTION_SHRINK, 28, 28), 0);
    assert_int_equal(corruption_check(CORRUPTION_NONE, 1, 1), 0);
    assert_int_equal(corruption_check(CORRUPTION_PART, 7, 5), 0);
    assert_int_equal(corruption_check(CORRUPTION_SHRINK, 28, 30), ERR_INVALID);
    assert_non_null(strstr(error_text(), "'shrink' needs images whose sides 4 divides, not 30x28"));
    assert_int_equal(corruption_check(CORRUPTION_LEFT, 8, 1), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_and_the_box_are_hidden),
        cmocka_unit_test(of_an_odd_side_the_smaller_half_is_hidden),
        cmocka_unit_test(squares_get_their_mean),
        cmocka_unit_test(words_stand_for_plain_corruptions),
        cmocka_unit_test(images_that_do_not_divide_are_refused),
    };
    return cmocka_run_group_tests_name("corruptions", tests, NULL, NULL);
}
