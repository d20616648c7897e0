#define _GNU_SOURCE
#include "data/dataset.h"

#include <string.h>

#include "base/file.h"
#include "base/image.h"
#include "base/memory.h"
#include "testing.h"

/* A look without opening tells the same. */
static void assert_looks_like(const struct dataset *set, const char *source, enum dataset_part part,
                              int count)
{
    struct dataset *seen;
    assert_int_equal(dataset_look(&seen, source, part, count), 0);
    assert_string_equal(seen->source, set->source);
    assert_int_equal(seen->count, set->count);
    assert_int_equal(seen->height, set->height);
    assert_int_equal(seen->width, set->width);
    assert_int_equal(seen->classes, set->classes);
    assert_null(seen->pixels);
    assert_null(seen->labels);
    dataset_close(seen);
}

static struct dataset *open_set(const char *source, enum dataset_part part, int count,
                                uint64_t seed)
{
    struct dataset *set;
    int status = dataset_open(&set, source, part, count, seed);
    if (status < 0)
        fail_msg("%s", error_text());
    assert_looks_like(set, source, part, count);
    return set;
}

static void assert_missing(const char *source, enum dataset_part part, const char *saying)
{
    struct dataset *set;
    assert_int_equal(dataset_open(&set, source, part, 0, 1), ERR_NOT_FOUND);
    assert_null(set);
    if (!strstr(error_text(), saying))
        fail_msg("'%s' does not say '%s'", error_text(), saying);
    assert_int_equal(dataset_look(&set, source, part, 0), ERR_NOT_FOUND);
    assert_null(set);
}

/* An IDX file of `count` images of 1x2 pixels, the first of them the image's number. */
static void save_images(const char *path, int count)
{
    uint8_t bytes[16 + 2 * 255] = { 0, 0, 8, 3, 0, 0, 0, (uint8_t)count, 0, 0, 0, 1, 0, 0, 0, 2 };
    for (int i = 0; i < count; i++)
        bytes[16 + 2 * i] = (uint8_t)i;
    assert_int_equal(file_replace(path, bytes, 16 + 2 * (size_t)count), 0);
}

static void save_labels(const char *path, int count)
{
    uint8_t bytes[8 + 255] = { 0, 0, 8, 1, 0, 0, 0, (uint8_t)count };
    for (int i = 0; i < count; i++)
        bytes[8 + i] = (uint8_t)(i % 3);
    assert_int_equal(file_replace(path, bytes, 8 + (size_t)count), 0);
}

static void digits_need_no_file(void **state)
{
    (void)state;
    struct dataset *set = open_set("digits", DATASET_TRAIN, 20, 7);
    assert_string_equal(set->source, "digits");
    assert_int_equal(set->count, 20);
    assert_int_equal(set->height, 28);
    assert_int_equal(set->width, 28);
    assert_int_equal(set->classes, 10);
    dataset_close(set);
    dataset_close(NULL);
}

static void digits_hash_tells_seed_part_and_count(void **state)
{
    (void)state;
    struct dataset *sets[] = {
        open_set("digits", DATASET_TRAIN, 20, 7), open_set("digits", DATASET_TRAIN, 20, 8),
        open_set("digits", DATASET_TEST, 20, 7),  open_set("digits", DATASET_TRAIN, 21, 7),
        open_set("digits", DATASET_TRAIN, 20, 7),
    };
    for (int i = 0; i < 4; i++)
        for (int j = i + 1; j < ARRAY_SIZE(sets); j++)
            assert_int_equal(strcmp(sets[i]->hash, sets[j]->hash) == 0, i == 0 && j == 4);
    for (int i = 0; i < ARRAY_SIZE(sets); i++)
        dataset_close(sets[i]);
}

static void batch_maps_bytes_to_one_around_zero(void **state)
{
    (void)state;
    uint8_t pixels[512], labels[2] = { 3, 9 };
    for (int i = 0; i < 512; i++)
        pixels[i] = (uint8_t)i;
    struct dataset set = { .count = 2, .height = 16, .width = 16, .pixels = pixels };
    float *floats = xmalloc(3 * 256 * sizeof *floats);
    int read[3];
    dataset_batch(&set, (const uint32_t[]){ 1, 0, 1 }, 3, floats, read);
    assert_int_equal(read[0], 0); /* no labels */
    for (int i = 0; i < 3 * 256; i++)
        assert_true(floats[i] == (float)(2 * (i % 256) - 255) * (1.0f / 255));
    assert_true(floats[0] == -1 && floats[255] == 1);
    set.labels = labels;
    dataset_batch(&set, (const uint32_t[]){ 1, 0, 1 }, 3, floats, read);
    assert_memory_equal(read, ((int[]){ 9, 3, 9 }), sizeof read);
    dataset_batch(&set, (const uint32_t[]){ 0 }, 1, floats, NULL);
    free(floats);
}

static void count_takes_the_first_images(void **state)
{
    (void)state;
    save_images("train-images-idx3-ubyte", 50);
    save_images("t10k-images-idx3-ubyte", 7);
    save_labels("train-labels-idx1-ubyte", 50);
    struct dataset *some = open_set(".", DATASET_TRAIN, 8, 0);
    struct dataset *all = open_set(".", DATASET_TRAIN, 0, 0);
    struct dataset *more = open_set(".", DATASET_TRAIN, 51, 1);
    assert_int_equal(some->count, 8);
    assert_int_equal(all->count, 50);
    assert_int_equal(more->count, 50);
    assert_int_equal(all->classes, 3);
    assert_memory_equal(some->pixels, all->pixels, 16);
    assert_string_equal(all->hash, more->hash);
    assert_string_not_equal(all->hash, some->hash);
    assert_int_equal(all->source[0], '/');
    dataset_close(some);
    dataset_close(all);
    dataset_close(more);
    struct dataset *test = open_set(".", DATASET_TEST, 0, 0);
    assert_int_equal(test->count, 7);
    dataset_close(test);
}

static void hash_tells_pixels_labels_and_shape(void **state)
{
    (void)state;
    char hashes[4][HASH_TEXT_SIZE];
    for (int i = 0; i < 4; i++) {
        uint8_t bytes[16 + 40] = { 0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 2 };
        if (i == 1)
            bytes[30] = 1;
        if (i == 2)
            bytes[11] = 2, bytes[15] = 1;
        assert_int_equal(file_replace("train-images-idx3-ubyte", bytes, sizeof bytes), 0);
        if (i == 3)
            save_labels("train-labels-idx1-ubyte", 20);
        struct dataset *set = open_set(".", DATASET_TRAIN, 0, 0);
        memcpy(hashes[i], set->hash, HASH_TEXT_SIZE);
        dataset_close(set);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(hashes[i], hashes[j]);
    }
}

static void a_set_without_test_part_lends_every_sixth_image(void **state)
{
    (void)state;
    save_images("train-images-idx3-ubyte", 20);
    save_labels("train-labels-idx1-ubyte", 20);
    struct dataset *test = open_set(".", DATASET_TEST, 0, 0);
    struct dataset *train = open_set(".", DATASET_TRAIN, 0, 0);
    assert_int_equal(test->count, 3);
    assert_int_equal(train->count, 17);
    bool seen[20] = { false };
    for (int i = 0; i < 20; i++) {
        const struct dataset *set = i < 3 ? test : train;
        int at = i < 3 ? i : i - 3, number = set->pixels[2 * at];
        assert_false(seen[number]);
        seen[number] = true;
        assert_int_equal(number % 6 == 5, set == test);
        assert_int_equal(set->labels[at], number % 3);
    }
    dataset_close(test);
    dataset_close(train);
    save_images("train-images-idx3-ubyte", 5);
    save_labels("train-labels-idx1-ubyte", 5);
    assert_missing(".", DATASET_TEST, "too few images (5)");
    dataset_close(open_set(".", DATASET_TRAIN, 0, 0));
}

static void fetched_sets_are_found_by_name(void **state)
{
    (void)state;
    char home[PATH_MAX];
    assert_non_null(getcwd(home, sizeof home));
    setenv("HOME", home, 1);
    unsetenv("XDG_DATA_HOME");
    assert_missing("mnist", DATASET_TRAIN,
                   "/.local/share/gander/mnist' (get it with: gander fetch mnist)");
    setenv("XDG_DATA_HOME", "relative", 1);
    assert_missing("kmnist", DATASET_TRAIN, "/.local/share/gander/kmnist' (get it with");
    assert_int_equal(make_directories("data/gander/fashion"), 0);
    char data[PATH_MAX + 8];
    snprintf(data, sizeof data, "%s/data", home);
    setenv("XDG_DATA_HOME", data, 1);
    assert_missing("fashion", DATASET_TRAIN, "train-images-idx3-ubyte");
    save_images("data/gander/fashion/train-images-idx3-ubyte", 12);
    struct dataset *set = open_set("fashion", DATASET_TRAIN, 0, 0);
    assert_int_equal(set->count, 10);
    dataset_close(set);
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    assert_missing("mnist", DATASET_TRAIN, "set HOME or XDG_DATA_HOME");
}

static void sources_that_are_not_there_say_what_was_looked_for(void **state)
{
    (void)state;
    assert_missing("mnits", DATASET_TRAIN, "did you mean 'mnist'?");
    assert_missing("digit", DATASET_TRAIN, "did you mean 'digits'?");
    assert_missing("some/where/else", DATASET_TRAIN, "'digits', 'mnist', 'fashion', 'kmnist'");
    assert_missing(".", DATASET_TRAIN, "'train-images-idx3-ubyte' (or its .gz) nor PNG files");
    struct dataset *set;
    assert_int_equal(dataset_open(&set, "digits", DATASET_TRAIN, -1, 0), ERR_INVALID);
}

static void png_folders_are_sets_too(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        char path[32];
        snprintf(path, sizeof path, "%s/%02d.png", i < 6 ? "even" : "odd", i);
        assert_int_equal(make_directories(i < 6 ? "even" : "odd"), 0);
        uint8_t grey = (uint8_t)i;
        assert_int_equal(image_write_png(&(struct image){ 1, 1, &grey }, path), 0);
    }
    struct dataset *test = open_set(".", DATASET_TEST, 0, 0);
    assert_int_equal(test->count, 2);
    assert_int_equal(test->classes, 2);
    assert_memory_equal(test->labels, ((uint8_t[]){ 0, 1 }), 2);
    assert_memory_equal(test->pixels, ((uint8_t[]){ 5, 11 }), 2);
    dataset_close(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_need_no_file),
        cmocka_unit_test(digits_hash_tells_seed_part_and_count),
        cmocka_unit_test(batch_maps_bytes_to_one_around_zero),
        IN_SCRATCH(count_takes_the_first_images),
        IN_SCRATCH(hash_tells_pixels_labels_and_shape),
        IN_SCRATCH(a_set_without_test_part_lends_every_sixth_image),
        IN_SCRATCH(fetched_sets_are_found_by_name),
        IN_SCRATCH(sources_that_are_not_there_say_what_was_looked_for),
        IN_SCRATCH(png_folders_are_sets_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
