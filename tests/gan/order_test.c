#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "../../src/gan/order.h"

enum { COUNT = 23, EPOCHS = 4 };

static void every_epoch_is_a_new_permutation(void **state)
{
    static const int batches[] = { 1, 4, 23, 46 };
    (void)state;
    for (int b = 0; b < ARRAY_SIZE(batches); b++) {
        uint32_t seen[EPOCHS * COUNT];
        struct order order;
        order_init(&order, COUNT, 1);
        int taken = 0;
        for (; taken + batches[b] <= EPOCHS * COUNT; taken += batches[b])
            order_take(&order, seen + taken, batches[b]);
        order_take(&order, seen + taken, EPOCHS * COUNT - taken);
        order_release(&order);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            int times[COUNT] = { 0 };
            for (int i = 0; i < COUNT; i++)
                times[seen[epoch * COUNT + i]]++;
            for (int i = 0; i < COUNT; i++)
                assert_int_equal(times[i], 1);
        }
        assert_memory_not_equal(seen, seen + COUNT, COUNT * sizeof *seen);
    }
}

static void a_batch_may_be_larger_than_the_set(void **state)
{
    uint32_t taken[10];
    struct order order;
    (void)state;
    order_init(&order, 3, 1);
    order_take(&order, taken, 10);
    for (int i = 0; i < 9; i += 3)
        assert_int_equal(taken[i] + taken[i + 1] + taken[i + 2], 3);
    assert_true(taken[9] < 3);
    order_release(&order);
}

static void resuming_goes_on_from_any_place(void **state)
{
    (void)state;
    for (int place = 0; place <= 2 * COUNT; place++) {
        uint32_t passed[2 * COUNT], straight[30], resumed[30];
        struct order order, other;
        order_init(&order, COUNT, 5);
        order_take(&order, passed, place);
        order_init(&other, COUNT, 6);
        order_resume(&other, &order.begin, order.place);
        order_take(&order, straight, 30);
        order_take(&other, resumed, 30);
        assert_memory_equal(straight, resumed, sizeof straight);
        order_release(&order);
        order_release(&other);
    }
}

static void seeds_give_different_orders(void **state)
{
    uint32_t one[COUNT], two[COUNT];
    struct order order;
    (void)state;
    order_init(&order, COUNT, 1);
    order_take(&order, one, COUNT);
    order_release(&order);
    order_init(&order, COUNT, 2);
    order_take(&order, two, COUNT);
    order_release(&order);
    assert_memory_not_equal(one, two, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_epoch_is_a_new_permutation),
        cmocka_unit_test(a_batch_may_be_larger_than_the_set),
        cmocka_unit_test(resuming_goes_on_from_any_place),
        cmocka_unit_test(seeds_give_different_orders),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
