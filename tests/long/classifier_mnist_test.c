/* The classifier on the data that everybody knows. */
#include "testing.h"

#include "data/dataset.h"
#include "gan/classifier.h"

static void reads_mnist_as_well_as_is_asked_of_it(void **state)
{
    static const double wanted = 0.988;
    const char *directory = getenv("GANDER_TEST_MNIST");
    struct dataset *train, *test;
    struct classifier *classifier;
    struct pool *pool;
    (void)state;
    if (!directory)
        skip();
    assert_int_equal(dataset_open(&train, directory, DATASET_TRAIN, 0, 1), 0);
    assert_int_equal(dataset_open(&test, directory, DATASET_TEST, 0, 1), 0);
    assert_int_equal(pool_new(&pool, 2), 0);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        assert_int_equal(classifier_train(&classifier, train, seed, pool, NULL, NULL), 0);
        double accuracy = classifier_accuracy(classifier, test);
        print_message("seed %d: %.2f %% of MNIST's test images\n", (int)seed, 100 * accuracy);
        assert_true(accuracy >= wanted);
        assert_true(classifier_facts(classifier).accuracy >= wanted);
        classifier_free(classifier);
    }
    pool_free(pool);
    dataset_close(test);
    dataset_close(train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_mnist_as_well_as_is_asked_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
