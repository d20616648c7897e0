#include "gan/evaluation.h"

#include <math.h>

#include "base/random.h"
#include "gan/digit_set.h"

enum { TRAIN = 600, TEST = 200, SAMPLES = 100, NEAREST = 40, C = DIGITS_CLASSES };
enum { AREA = DIGITS_SIDE * DIGITS_SIDE };

static struct {
    struct dataset train, test;
    struct pool *pool;
    struct classifier *classifier;
} shared;

static int set_up(void **state)
{
    (void)state;
    shared.train = digit_set(DATASET_TRAIN, TRAIN);
    shared.test = digit_set(DATASET_TEST, TEST);
    if (pool_new(&shared.pool, 2) < 0)
        return -1;
    return digit_classifier(&shared.classifier, &shared.train, 1, 120, shared.pool);
}

static int tear_down(void **state)
{
    (void)state;
    classifier_free(shared.classifier);
    pool_free(shared.pool);
    digit_set_release(&shared.train);
    digit_set_release(&shared.test);
    return 0;
}

static struct evaluator *new_evaluator(enum evaluation_reference reference)
{
    struct evaluator *evaluator;
    assert_int_equal(evaluator_new(&evaluator,
                                   &(struct evaluation_sets){ shared.classifier, &shared.train,
                                                              &shared.test, &shared.train },
                                   reference, SAMPLES, NEAREST, shared.pool),
                     0);
    return evaluator;
}

static struct evaluation measure(const uint8_t *images, int count, const int *asked)
{
    struct evaluator *evaluator = new_evaluator(REFERENCE_TEST);
    struct evaluation evaluation;
    assert_int_equal(evaluator_measure(evaluator, images, count, asked, &evaluation), 0);
    evaluator_free(evaluator);
    return evaluation;
}

static int64_t sum_of(const struct evaluation *evaluation)
{
    int64_t sum = 0;
    for (int c = 0; c < evaluation->classes; c++)
        sum += evaluation->histogram[c];
    return sum;
}

static void real_images_measure_as_real_ones(void **state)
{
    (void)state;
    struct dataset fresh = digit_set(DATASET_TEST, 2 * SAMPLES + TEST); /* others than the test's */
    int asked[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        asked[i] = fresh.labels[TEST + i];
    struct evaluation e = measure(fresh.pixels + (size_t)TEST * AREA, SAMPLES, asked);
    assert_int_equal(e.samples, SAMPLES);
    assert_int_equal(e.classes, C);
    assert_int_equal(sum_of(&e), SAMPLES);
    assert_true(e.values[MEASURE_CLASSES] == C);
    assert_true(e.values[MEASURE_FRECHET] < 3 * e.real[MEASURE_FRECHET]);
    assert_true(e.values[MEASURE_PRECISION] > 0.7 && e.values[MEASURE_RECALL] > 0.7);
    assert_true(e.values[MEASURE_VARIETY] > 0.7 && e.values[MEASURE_VARIETY] < 1.3);
    assert_true(e.values[MEASURE_MEMORISED] < 0.2);
    assert_true(e.values[MEASURE_AGREEMENT] > 0.6);
    assert_true(e.real[MEASURE_SCORE] > 3 && e.real[MEASURE_PRECISION] > 0.7);
    digit_set_release(&fresh);
}

static void a_collapsed_generator_shows(void **state)
{
    uint8_t *images = xcalloc(SAMPLES, AREA);
    (void)state;
    for (int i = 0; i < SAMPLES; i++)
        memcpy(images + (size_t)i * AREA, shared.train.pixels, AREA);
    struct evaluation e = measure(images, SAMPLES, NULL);
    assert_true(e.values[MEASURE_CLASSES] == 1);
    assert_true(e.values[MEASURE_ENTROPY] == 0);
    assert_true(e.values[MEASURE_SCORE] < 1.001);
    assert_true(e.values[MEASURE_RECALL] == 0);
    assert_true(e.values[MEASURE_VARIETY] < 1e-3);
    assert_true(e.values[MEASURE_FRECHET] > 10 * e.real[MEASURE_FRECHET]);
    assert_true(e.values[MEASURE_MEMORISED] == 1); /* it is a training image */
    assert_true(isnan(e.values[MEASURE_AGREEMENT]));
    free(images);
}

static void copies_of_training_images_are_memorised(void **state)
{
    (void)state;
    struct evaluation e = measure(shared.train.pixels, SAMPLES, NULL);
    assert_true(e.values[MEASURE_MEMORISED] == 1);
    assert_true(e.real[MEASURE_MEMORISED] < 0.2);
}

static void noise_is_nothing_real(void **state)
{
    uint8_t *images = xcalloc(SAMPLES, AREA);
    struct random random;
    (void)state;
    random_seed(&random, 1, 1);
    for (size_t i = 0; i < (size_t)SAMPLES * AREA; i++)
        images[i] = (uint8_t)random_below(&random, 256);
    struct evaluation e = measure(images, SAMPLES, NULL);
    assert_true(e.values[MEASURE_RECALL] == 0 && e.values[MEASURE_COVERAGE] < 0.1);
    assert_true(e.values[MEASURE_FRECHET] > 10 * e.real[MEASURE_FRECHET]);
    assert_true(e.values[MEASURE_MEMORISED] == 0);
    free(images);
}

static void measuring_again_gives_the_same_bits(void **state)
{
    struct evaluation one, two, three;
    (void)state;
    struct evaluator *evaluator = new_evaluator(REFERENCE_HELD_OUT);
    memset(&one, 0, sizeof one);
    memset(&two, 0, sizeof two);
    memset(&three, 0, sizeof three);
    evaluator_measure(evaluator, shared.test.pixels, SAMPLES, NULL, &one);
    evaluator_measure(evaluator, shared.train.pixels, SAMPLES, NULL, &two);
    evaluator_measure(evaluator, shared.test.pixels, SAMPLES, NULL, &three);
    evaluator_free(evaluator);
    assert_memory_equal(one.histogram, three.histogram, sizeof one.histogram);
    assert_memory_equal(one.real, three.real, sizeof one.real);
    for (int m = 0; m < MEASURE_AGREEMENT; m++) {
        assert_true(one.values[m] == three.values[m]);
        assert_true(isfinite(one.real[m]));
    }
    assert_true(one.values[MEASURE_FRECHET] != two.values[MEASURE_FRECHET]);
}

/* Smaller than the neighbourhoods that are looked for. */
static void tiny_sets_are_measured_as_far_as_they_go(void **state)
{
    struct evaluator *evaluator;
    struct evaluation e;
    (void)state;
    for (int count = 6; count <= 12; count += 3) {
        struct dataset learned = digit_set(DATASET_TRAIN, count),
                       test = digit_set(DATASET_TEST, count / 3);
        struct evaluation_sets sets = { shared.classifier, &learned, &test, &learned };
        assert_int_equal(
            evaluator_new(&evaluator, &sets, REFERENCE_HELD_OUT, SAMPLES, NEAREST, shared.pool), 0);
        assert_int_equal(evaluator_measure(evaluator, shared.test.pixels, SAMPLES, NULL, &e), 0);
        assert_true(isnan(e.values[MEASURE_PRECISION]) && isnan(e.values[MEASURE_COVERAGE]));
        assert_true(e.values[MEASURE_FRECHET] > 0 && isfinite(e.values[MEASURE_FRECHET]));
        assert_int_equal(evaluator_measure(evaluator, shared.test.pixels, 1, NULL, &e), 0);
        assert_int_equal(sum_of(&e), 1);
        evaluator_free(evaluator);
        digit_set_release(&learned);
        digit_set_release(&test);
    }
}

static void refuse(const struct evaluation_sets *sets, const char *sentence)
{
    struct evaluator *evaluator = NULL;
    assert_int_equal(evaluator_new(&evaluator, sets, REFERENCE_TEST, SAMPLES, NEAREST, shared.pool),
                     ERR_INVALID);
    assert_non_null(strstr(error_text(), sentence));
    assert_null(evaluator);
}

static void sets_that_do_not_fit_are_refused(void **state)
{
    struct dataset other = digit_set(DATASET_TEST, 20);
    struct evaluation_sets sets = { shared.classifier, &shared.train, &other, &shared.train };
    (void)state;
    other.height = 14;
    refuse(&sets, "'digits' has images of 14x28, and the classifier reads 28x28");
    other.height = 28;
    other.count = 1;
    refuse(&sets, "'digits' has too few images");
    other.count = 20;
    sets = (struct evaluation_sets){ shared.classifier, &other, &shared.test, &shared.train };
    other.count = 5;
    refuse(&sets, "'digits' has too few images");
    digit_set_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_images_measure_as_real_ones),
        cmocka_unit_test(a_collapsed_generator_shows),
        cmocka_unit_test(copies_of_training_images_are_memorised),
        cmocka_unit_test(noise_is_nothing_real),
        cmocka_unit_test(measuring_again_gives_the_same_bits),
        cmocka_unit_test(tiny_sets_are_measured_as_far_as_they_go),
        cmocka_unit_test(sets_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
