#include "gan/classifier.h"

#include <math.h>

#include "base/file.h"
#include "base/tensors.h"
#include "gan/digit_set.h"

/* So few updates, that sanitizers get through them. */
enum { TRAIN = 600, TEST = 300, UPDATES = 20, F = CLASSIFIER_FEATURES, C = DIGITS_CLASSES };

static struct {
    struct dataset train, test;
    struct pool *pool;
    struct classifier *classifier; /* trained in full */
} shared;

static int set_up(void **state)
{
    (void)state;
    shared.train = digit_set(DATASET_TRAIN, TRAIN);
    shared.test = digit_set(DATASET_TEST, TEST);
    if (pool_new(&shared.pool, 2) < 0)
        return -1;
    return classifier_train(&shared.classifier, &shared.train, 1, shared.pool, NULL, NULL);
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

/* --- learning --- */

static void learns_the_built_in_digits(void **state)
{
    (void)state;
    struct classifier_facts facts = classifier_facts(shared.classifier);
    assert_int_equal(facts.version, CLASSIFIER_VERSION);
    assert_int_equal(facts.classes, C);
    assert_int_equal(facts.images, TRAIN - TRAIN / 6);
    assert_true(facts.seed == 1);
    assert_string_equal(facts.data, shared.train.hash);
    assert_true(facts.accuracy > 0.85);
    assert_true(classifier_accuracy(shared.classifier, &shared.test) > 0.85);
}

struct count {
    int told, stop_at, updates;
    double first, last;
};

static bool count_updates(void *context, const struct classifier_progress *progress)
{
    struct count *count = context;
    assert_int_equal(progress->done, ++count->told);
    count->updates = progress->updates;
    if (count->told == 1)
        count->first = progress->loss;
    count->last = progress->loss;
    return progress->done < count->stop_at;
}

static void a_watcher_breaks_it_off(void **state)
{
    struct count count = { .stop_at = UPDATES };
    struct classifier *classifier = NULL;
    (void)state;
    assert_int_equal(
        classifier_train(&classifier, &shared.train, 1, shared.pool, count_updates, &count),
        ERR_CANCELLED);
    assert_null(classifier);
    assert_int_equal(count.told, UPDATES);
    assert_int_equal(count.updates, 400);
    assert_true(count.first > log(C) - 0.5); /* it knows nothing yet */
    assert_true(count.last < count.first - 0.5);
}

static void read_all(struct classifier *classifier, float *features, float *probabilities)
{
    classifier_read(classifier, shared.test.pixels, TEST, features, probabilities);
}

static float *features_of(uint64_t seed, struct pool *pool)
{
    struct classifier *classifier;
    float *features = xcalloc(TEST * F, sizeof *features);
    assert_int_equal(digit_classifier(&classifier, &shared.train, seed, UPDATES, pool), 0);
    read_all(classifier, features, NULL);
    classifier_free(classifier);
    return features;
}

static void same_data_seed_and_threads_give_the_same_bits(void **state)
{
    enum { BYTES = TEST * F * sizeof(float) };
    (void)state;
    float *one = features_of(1, shared.pool), *two = features_of(1, shared.pool),
          *other = features_of(2, shared.pool);
    assert_memory_equal(one, two, BYTES);
    assert_memory_not_equal(one, other, BYTES);
    free(one);
    free(two);
    free(other);
}

static void learns_from_chosen_images(void **state)
{
    struct dataset few = digit_set(DATASET_TRAIN, 3);
    struct classifier *classifier;
    (void)state;
    assert_int_equal(digit_classifier(&classifier, &few, 1, UPDATES, shared.pool), 0);
    assert_int_equal(classifier_facts(classifier).images, 3);
    assert_true(classifier_accuracy(classifier, &few) == 1);
    classifier_free(classifier);
    digit_set_release(&few);
}

/* --- reading --- */

static void what_is_read_in_an_image_does_not_depend_on_others(void **state)
{
    enum { AREA = DIGITS_SIDE * DIGITS_SIDE, AT = 137 };
    float features[F], probabilities[C], sum = 0;
    float *all = xcalloc(TEST * F, sizeof *all), *shares = xcalloc(TEST * C, sizeof *shares);
    (void)state;
    read_all(shared.classifier, all, shares);
    classifier_read(shared.classifier, shared.test.pixels + AT * AREA, 1, features, probabilities);
    assert_memory_equal(features, all + AT * F, sizeof features);
    assert_memory_equal(probabilities, shares + AT * C, sizeof probabilities);
    for (int c = 0; c < C; c++)
        sum += probabilities[c];
    assert_true(fabsf(sum - 1) < 1e-5F);
    free(shares);
    free(all);
}

static void the_first_of_equal_probabilities_wins(void **state)
{
    (void)state;
    assert_int_equal(classifier_verdict((float[]){ 0.2F, 0.4F, 0.4F }, 3), 1);
    assert_int_equal(classifier_verdict((float[]){ 1 }, 1), 0);
}

/* --- which images --- */

static void the_last_sixth_is_held_out(void **state)
{
    int count;
    (void)state;
    uint32_t *held = classifier_held_out(&shared.train, &count);
    assert_int_equal(count, TRAIN / 6);
    for (int i = 0; i < count; i++)
        assert_int_equal(held[i], TRAIN - TRAIN / 6 + i);
    free(held);
}

static void every_sixth_of_sorted_images_is_held_out(void **state)
{
    int count;
    (void)state;
    struct dataset set = digit_set(DATASET_TRAIN, 20);
    for (int i = 0; i < 20; i++)
        set.labels[i] = (uint8_t)(i / 2);
    uint32_t *held = classifier_held_out(&set, &count);
    assert_int_equal(count, 3);
    assert_int_equal(held[0], 5);
    assert_int_equal(held[2], 17);
    free(held);
    set.count = 5;
    free(classifier_held_out(&set, &count));
    assert_int_equal(count, 0);
    digit_set_release(&set);
}

static void refuse(struct dataset *set, const char *sentence)
{
    struct classifier *classifier = NULL;
    assert_int_equal(classifier_train(&classifier, set, 1, shared.pool, NULL, NULL), ERR_INVALID);
    assert_non_null(strstr(error_text(), sentence));
    assert_null(classifier);
}

static void sets_that_teach_nothing_are_refused(void **state)
{
    struct dataset set = digit_set(DATASET_TRAIN, 12);
    uint8_t *labels = set.labels;
    (void)state;
    set.count = 5;
    refuse(&set, "'digits' has 5 images: a classifier needs 6 or more");
    set.count = 12;
    set.labels = NULL;
    refuse(&set, "'digits' has no labels of two classes or more");
    set.labels = labels;
    set.classes = 1;
    refuse(&set, "'digits' has no labels of two classes or more");
    set.classes = C;
    set.height = set.width = 2; /* too small for its layers */
    refuse(&set, "classifier");
    digit_set_release(&set);
}

/* --- the file --- */

#define PATH "classifier.safetensors"

static int open_file(const char *path)
{
    struct classifier *classifier = NULL;
    int code = classifier_open(&classifier, path, shared.pool);
    assert_true((code == 0) == (classifier != NULL));
    classifier_free(classifier);
    return code;
}

static void what_is_saved_reads_the_same(void **state)
{
    struct classifier *classifier;
    float *before = xcalloc(TEST * (F + C), sizeof *before),
          *after = xcalloc(TEST * (F + C), sizeof *after);
    (void)state;
    assert_int_equal(classifier_save(shared.classifier, PATH), 0);
    assert_int_equal(classifier_open(&classifier, PATH, shared.pool), 0);
    read_all(shared.classifier, before, before + TEST * F);
    read_all(classifier, after, after + TEST * F);
    assert_memory_equal(before, after, TEST * (F + C) * sizeof *before);
    struct classifier_facts was = classifier_facts(shared.classifier),
                            is = classifier_facts(classifier);
    assert_true(is.accuracy == was.accuracy && is.seed == was.seed && is.images == was.images);
    assert_string_equal(is.data, was.data);
    classifier_free(classifier);
    free(before);
    free(after);
}

static void files_that_are_cut_or_missing_are_refused(void **state)
{
    (void)state;
    assert_int_equal(open_file("nothing"), ERR_NOT_FOUND);
    assert_int_equal(classifier_save(shared.classifier, PATH), 0);
    int64_t size = file_size(PATH);
    for (int64_t length = 0; length < size; length += 1 + size / 23) {
        assert_int_equal(classifier_save(shared.classifier, PATH), 0);
        assert_int_equal(truncate(PATH, length), 0);
        assert_int_equal(open_file(PATH), ERR_INVALID);
    }
}

/* Writes the file again with one key of its metadata changed (value NULL: left out), and another first
 * weight. */
static void rewrite(const char *key, const char *value, float weight)
{
    static const char *const keys[] = { "gander.classifier", "gander.height",  "gander.width",
                                        "gander.classes",    "gander.images",  "gander.data",
                                        "gander.seed",       "gander.accuracy" };
    struct tensor_file *file;
    struct tensor_metadata metadata[ARRAY_SIZE(keys)];
    int count = 0;
    assert_int_equal(classifier_save(shared.classifier, PATH), 0);
    assert_int_equal(tensors_open(&file, PATH), 0);
    for (int i = 0; i < ARRAY_SIZE(keys); i++) {
        bool is_it = key && strcmp(keys[i], key) == 0;
        const char *text = is_it ? value : tensors_metadata(file, keys[i]);
        if (text)
            metadata[count++] = (struct tensor_metadata){ keys[i], text };
    }
    struct tensor tensors[] = { *tensors_find(file, "body"), *tensors_find(file, "head") };
    float *body = xmalloc(tensor_bytes(&tensors[0]));
    memcpy(body, tensors[0].data, tensor_bytes(&tensors[0]));
    body[0] = weight;
    tensors[0].data = body;
    assert_int_equal(tensors_write("other", tensors, 2, metadata, count), 0);
    tensors_close(file);
    free(body);
}

static void files_that_lie_are_refused(void **state)
{
    static const struct {
        const char *key, *value;
    } lies[] = {
        { "gander.classifier", "2" },
        { "gander.classifier", NULL },
        { "gander.height", "65" },
        { "gander.height", "-1" },
        { "gander.height", "99999999999999999999" },
        { "gander.width", "20" },
        { "gander.width", "2" },
        { "gander.width", NULL },
        { "gander.classes", "11" },
        { "gander.classes", "1" },
        { "gander.classes", "257" },
        { "gander.images", "0" },
        { "gander.images", "many" },
        { "gander.data", NULL },
        { "gander.data", "0123456789012345678901234567890123456789012345678901234567890123456789" },
        { "gander.seed", NULL },
        { "gander.seed", "" },
        { "gander.accuracy", "nan" },
        { "gander.accuracy", "1.001" },
        { "gander.accuracy", NULL },
    };
    static const float weights[] = { NAN, INFINITY, -INFINITY, 1e30F, -101 };
    (void)state;
    rewrite(NULL, NULL, 0.5F);
    assert_int_equal(open_file("other"), 0);
    for (int i = 0; i < ARRAY_SIZE(lies); i++) {
        rewrite(lies[i].key, lies[i].value, 0.5F);
        assert_int_equal(open_file("other"), ERR_INVALID);
    }
    rewrite("gander.classifier", "2", 0.5F);
    open_file("other");
    assert_non_null(strstr(error_text(), "'other' is no classifier of this version of gander"));
    for (int i = 0; i < ARRAY_SIZE(weights); i++) {
        rewrite(NULL, NULL, weights[i]);
        assert_int_equal(open_file("other"), ERR_INVALID);
    }
    struct tensor foreign = { "generator.0.weight", TENSOR_F32, 1, { 1 }, &weights[4] };
    assert_int_equal(tensors_write("other", &foreign, 1, NULL, 0), 0);
    assert_int_equal(open_file("other"), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_the_built_in_digits),
        cmocka_unit_test(a_watcher_breaks_it_off),
        cmocka_unit_test(same_data_seed_and_threads_give_the_same_bits),
        cmocka_unit_test(learns_from_chosen_images),
        cmocka_unit_test(what_is_read_in_an_image_does_not_depend_on_others),
        cmocka_unit_test(the_first_of_equal_probabilities_wins),
        cmocka_unit_test(the_last_sixth_is_held_out),
        cmocka_unit_test(every_sixth_of_sorted_images_is_held_out),
        cmocka_unit_test(sets_that_teach_nothing_are_refused),
        IN_SCRATCH(what_is_saved_reads_the_same),
        IN_SCRATCH(files_that_are_cut_or_missing_are_refused),
        IN_SCRATCH(files_that_lie_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
