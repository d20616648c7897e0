#define _GNU_SOURCE
#include "data/png_folder.h"

#include <string.h>

#include "base/file.h"
#include "base/image.h"
#include "base/memory.h"
#include "testing.h"

/* A PNG whose pixels are all `grey`, and its folders. */
static void save(const char *path, int width, int height, uint8_t grey)
{
    char folder[64] = "";
    size_t length = (size_t)(path_base(path) - path);
    assert_true(length < sizeof folder);
    memcpy(folder, path, length);
    if (length > 0)
        assert_int_equal(make_directories(folder), 0);
    struct image image = { width, height, xmalloc((size_t)(width * height)) };
    memset(image.pixels, grey, (size_t)(width * height));
    assert_int_equal(image_write_png(&image, path), 0);
    image_release(&image);
}

static struct dataset load(enum dataset_part part)
{
    struct dataset set = { 0 };
    assert_int_equal(png_folder_load(&set, ".", part), 0);
    return set;
}

static void assert_refused(const char *saying)
{
    struct dataset set = { 0 };
    assert_int_equal(png_folder_load(&set, ".", DATASET_TRAIN), ERR_INVALID);
    if (!strstr(error_text(), saying))
        fail_msg("'%s' does not say '%s'", error_text(), saying);
    free(set.pixels);
    free(set.labels);
}

static void images_are_taken_in_the_order_of_their_names(void **state)
{
    (void)state;
    save("b.png", 4, 3, 20);
    save("a.png", 4, 3, 10);
    save("c.png", 4, 3, 30);
    assert_int_equal(file_replace("readme.txt", "x", 1), 0);
    assert_true(png_folder_holds(".", DATASET_TRAIN));
    assert_false(png_folder_holds(".", DATASET_TEST));
    struct dataset set = load(DATASET_TRAIN);
    assert_int_equal(set.count, 3);
    assert_int_equal(set.height, 3);
    assert_int_equal(set.width, 4);
    assert_int_equal(set.classes, 0);
    assert_null(set.labels);
    for (int i = 0; i < 36; i++)
        assert_int_equal(set.pixels[i], 10 * (1 + i / 12));
    free(set.pixels);
}

static void folders_are_classes_in_the_order_of_their_names(void **state)
{
    (void)state;
    save("two/x.png", 2, 2, 3);
    save("one/y.png", 2, 2, 1);
    save("one/z.png", 2, 2, 2);
    struct dataset set = load(DATASET_TRAIN);
    assert_int_equal(set.count, 3);
    assert_int_equal(set.classes, 2);
    assert_memory_equal(set.labels, ((uint8_t[]){ 0, 0, 1 }), 3);
    assert_int_equal(set.pixels[0], 1);
    assert_int_equal(set.pixels[11], 3);
    free(set.pixels);
    free(set.labels);
}

static void train_and_test_folders_are_parts(void **state)
{
    (void)state;
    save("train/a/1.png", 2, 2, 1);
    save("train/b/1.png", 2, 2, 2);
    save("test/a/1.png", 2, 2, 3);
    save("test/b/1.png", 2, 2, 4);
    assert_true(png_folder_holds(".", DATASET_TEST));
    struct dataset set = load(DATASET_TEST);
    assert_int_equal(set.count, 2);
    assert_int_equal(set.pixels[0], 3);
    assert_int_equal(set.labels[1], 1);
    free(set.pixels);
    free(set.labels);
    save("test/c/1.png", 2, 2, 5);
    assert_refused("different class folders (at 'c')");
}

static void one_size_is_asked_of_all(void **state)
{
    (void)state;
    save("a.png", 4, 3, 1);
    save("b.png", 3, 4, 1);
    assert_refused("b.png' is 3x4, but 'a.png' is 4x3");
    save("a.png", DATASET_SIDE_LIMIT + 1, 3, 1);
    assert_refused("a.png'");
}

static void a_broken_file_is_named(void **state)
{
    (void)state;
    save("a.png", 4, 3, 1);
    assert_int_equal(file_replace("b.png", "not a picture", 13), 0);
    assert_refused("b.png'");
}

static void images_beside_folders_of_images_are_refused(void **state)
{
    (void)state;
    save("a.png", 4, 3, 1);
    save("zero/b.png", 4, 3, 1);
    assert_true(png_folder_holds(".", DATASET_TRAIN));
    assert_refused("beside folders of images");
}

static void more_than_256_folders_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 257; i++) {
        char folder[32];
        snprintf(folder, sizeof folder, "class-%03d", i);
        assert_int_equal(make_directories(folder), 0);
    }
    save("class-000/a.png", 2, 2, 0);
    assert_refused("257 folders; at most 256 classes");
}

static void folders_without_images_hold_nothing(void **state)
{
    (void)state;
    assert_false(png_folder_holds(".", DATASET_TRAIN));
    assert_int_equal(make_directories("empty/deep"), 0);
    assert_false(png_folder_holds(".", DATASET_TRAIN));
    struct dataset set = { 0 };
    assert_int_equal(png_folder_load(&set, ".", DATASET_TRAIN), ERR_NOT_FOUND);
    assert_int_equal(png_folder_load(&set, "nowhere", DATASET_TRAIN), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(images_are_taken_in_the_order_of_their_names),
        IN_SCRATCH(folders_are_classes_in_the_order_of_their_names),
        IN_SCRATCH(train_and_test_folders_are_parts),
        IN_SCRATCH(one_size_is_asked_of_all),
        IN_SCRATCH(a_broken_file_is_named),
        IN_SCRATCH(images_beside_folders_of_images_are_refused),
        IN_SCRATCH(more_than_256_folders_are_refused),
        IN_SCRATCH(folders_without_images_hold_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
