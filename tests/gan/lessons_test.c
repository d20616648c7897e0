#define _GNU_SOURCE
/* Classifiers that learn from chosen images: what a study sets beside one another. */
#include "gan/classifier.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "testing.h"

enum { SIDE = 28, AREA = SIDE * SIDE, UPDATES = 150 };

static struct dataset *digits(enum dataset_part part, int count)
{
    struct dataset *set;
    assert_int_equal(dataset_open(&set, "digits", part, count, 1), 0);
    return set;
}

/* Those of the digits from `low` to `high`. */
static struct dataset *some(const struct dataset *set, int low, int high)
{
    uint32_t indices[1000];
    int count = 0;
    for (int i = 0; i < set->count; i++)
        if (set->labels[i] >= low && set->labels[i] <= high)
            indices[count++] = (uint32_t)i;
    return dataset_choose(set, indices, count, "some");
}

struct taught {
    struct pool *pool;
    struct classifier *classifier;
};

static struct taught teach(struct classifier_lesson lesson)
{
    struct taught taught;
    assert_int_equal(pool_new(&taught.pool, 1), 0);
    lesson.updates = UPDATES;
    if (classifier_train_on(&taught.classifier, &lesson, 1, taught.pool, NULL, NULL) < 0)
        fail_msg("%s", error_text());
    return taught;
}

static double score(struct taught taught, const struct dataset *test)
{
    double accuracy = classifier_accuracy(taught.classifier, test);
    classifier_free(taught.classifier);
    pool_free(taught.pool);
    return accuracy;
}

static void two_sets_give_half_of_a_batch_each(void **state)
{
    (void)state;
    struct dataset *train = digits(DATASET_TRAIN, 400), *test = digits(DATASET_TEST, 400);
    struct dataset *low = some(train, 0, 4), *high = some(train, 5, 9),
                   *high_test = some(test, 5, 9);
    uint32_t few[20]; /* a set that is small beside the other has as much weight */
    for (uint32_t i = 0; i < 20; i++)
        few[i] = i;
    struct dataset *small = dataset_choose(high, few, 20, "few");
    assert_true(score(teach((struct classifier_lesson){ .sets = { low, NULL } }), high_test) == 0);
    double both = score(teach((struct classifier_lesson){ .sets = { low, small } }), high_test);
    if (!(both > 0.4))
        fail_msg("%g of the other set's digits are read", both);
    dataset_close(small);
    dataset_close(high_test);
    dataset_close(high);
    dataset_close(low);
    dataset_close(test);
    dataset_close(train);
}

/* Moves all images down and right by two pixels. */
static void move(struct dataset *set)
{
    for (int i = 0; i < set->count; i++) {
        uint8_t *image = set->pixels + (size_t)i * AREA;
        memmove(image + 2 * SIDE + 2, image, AREA - 2 * SIDE - 2);
        memset(image, 0, 2 * SIDE + 2);
    }
}

/* Leans them over by 14 degrees, by shifting rows. */
static void lean(struct dataset *set)
{
    uint8_t row[SIDE];
    for (int i = 0; i < set->count * SIDE; i++) {
        int shift = (int)lround((i % SIDE - SIDE / 2) * tan(14 * 3.14159265 / 180));
        for (int x = 0; x < SIDE; x++) {
            bool is_inside = x - shift >= 0 && x - shift < SIDE;
            row[x] = is_inside ? set->pixels[(size_t)i * SIDE + (size_t)(x - shift)] : 0;
        }
        memcpy(set->pixels + (size_t)i * SIDE, row, SIDE);
    }
}

static void moved_images_teach_to_read_moved_ones(void **state)
{
    (void)state;
    struct dataset *train = digits(DATASET_TRAIN, 300), *test = digits(DATASET_TEST, 1000);
    struct classifier_lesson plain = { .sets = { train, NULL } }, shifted = plain, turned = plain;
    shifted.shift = 2;
    turned.turn_degrees = 15;
    move(test);
    double gain = score(teach(shifted), test) - score(teach(plain), test);
    if (!(gain > 0.03))
        fail_msg("shifts add %g", gain);
    dataset_close(test);
    test = digits(DATASET_TEST, 1000);
    lean(test);
    gain = score(teach(turned), test) - score(teach(plain), test);
    if (!(gain > 0.01))
        fail_msg("turns add %g", gain);
    dataset_close(test);
    dataset_close(train);
}

static void chosen_images_are_a_set_of_their_own(void **state)
{
    (void)state;
    const uint32_t indices[] = { 7, 3, 3 };
    struct dataset *set = digits(DATASET_TRAIN, 10);
    struct dataset *chosen = dataset_choose(set, indices, 3, "chosen");
    struct dataset *copy = dataset_of(chosen, "copy");
    assert_int_equal(chosen->count, 3);
    assert_int_equal(chosen->classes, 10);
    for (int i = 0; i < 3; i++) {
        assert_memory_equal(chosen->pixels + (size_t)i * AREA, set->pixels + indices[i] * AREA,
                            AREA);
        assert_int_equal(chosen->labels[i], set->labels[indices[i]]);
    }
    assert_string_equal(copy->hash, chosen->hash);
    assert_string_equal(copy->source, "copy");
    copy->pixels[5] ^= 1;
    struct dataset *other = dataset_of(copy, "other");
    assert_string_not_equal(other->hash, chosen->hash);
    dataset_close(other);
    dataset_close(copy);
    dataset_close(chosen);
    dataset_close(set);
}

static bool give_up(void *context, const struct classifier_progress *progress)
{
    int *calls = context;
    ++*calls;
    return progress->done < 3;
}

static void lessons_that_cannot_be_are_refused_and_others_broken_off(void **state)
{
    (void)state;
    struct dataset *set = digits(DATASET_TRAIN, 20);
    struct pool *pool;
    struct classifier *classifier;
    struct classifier_lesson lesson = { .sets = { set, NULL }, .updates = 10 };
    int calls = 0;
    assert_int_equal(pool_new(&pool, 1), 0);
    assert_int_equal(classifier_train_on(&classifier, &lesson, 1, pool, give_up, &calls),
                     ERR_CANCELLED);
    assert_int_equal(calls, 3);
    struct dataset plain = *set;
    plain.labels = NULL;
    lesson.sets[1] = &plain;
    assert_int_equal(classifier_train_on(&classifier, &lesson, 1, pool, NULL, NULL), ERR_INVALID);
    pool_free(pool);
    dataset_close(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chosen_images_are_a_set_of_their_own),
        cmocka_unit_test(two_sets_give_half_of_a_batch_each),
        cmocka_unit_test(moved_images_teach_to_read_moved_ones),
        cmocka_unit_test(lessons_that_cannot_be_are_refused_and_others_broken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
