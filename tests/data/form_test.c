#define _GNU_SOURCE
#include "data/form.h"

#include <string.h>

#include "testing.h"

static void every_digit_has_several_forms_whose_weights_sum_to_100(void **state)
{
    (void)state;
    int weight[10] = { 0 }, count[10] = { 0 };
    for (int i = 0; i < form_count; i++) {
        assert_in_range(forms[i].digit, 0, 9);
        assert_true(i == 0 || forms[i].digit >= forms[i - 1].digit);
        weight[forms[i].digit] += forms[i].weight;
        count[forms[i].digit]++;
    }
    for (int digit = 0; digit < 10; digit++) {
        assert_int_equal(weight[digit], 100);
        assert_true(count[digit] >= 3);
    }
}

static void every_pen_path_can_be_drawn(void **state)
{
    (void)state;
    for (int i = 0; i < form_count; i++) {
        const char *pen = forms[i].pen;
        size_t length = strlen(pen);
        assert_in_range(length, 2, FORM_POINTS);
        assert_int_equal(strspn(pen, "-v."), length);
        assert_int_equal(pen[length - 1], '.');
        assert_in_range(forms[i].hands, 2, FORM_HANDS);
    }
}

/* All of a form's hands are there in full: a row that lacks a point would end in (0, 0), and the
 * one after the last is empty. */
static void every_hand_has_the_points_of_its_path(void **state)
{
    (void)state;
    for (int i = 0; i < form_count; i++) {
        int last = (int)strlen(forms[i].pen) - 1;
        for (int h = 0; h < FORM_HANDS; h++) {
            const struct form_point *points = forms[i].hand[h];
            assert_int_equal(points[last].x != 0 || points[last].y != 0, h < forms[i].hands);
            for (int p = last + 1; p < FORM_POINTS; p++)
                assert_true(points[p].x == 0 && points[p].y == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_digit_has_several_forms_whose_weights_sum_to_100),
        cmocka_unit_test(every_pen_path_can_be_drawn),
        cmocka_unit_test(every_hand_has_the_points_of_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
