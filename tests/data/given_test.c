#define _GNU_SOURCE
#include "data/given.h"

#include <string.h>

#include "base/file.h"
#include "base/image.h"
#include "data/idx.h"
#include "testing.h"

enum { SIDE = 28, AREA = SIDE * SIDE, TIMES = 4, COUNT = 50 };

static struct dataset *digits(void)
{
    struct dataset *set;
    assert_int_equal(dataset_open(&set, "digits", DATASET_TEST, COUNT, 1), 0);
    return set;
}

/* Image 3 of the digits, every pixel a square of TIMES, on paper of other sides, dark on light if
 * asked for. */
static void save_large(const char *path, const uint8_t *digit, bool is_dark)
{
    enum { WIDTH = SIDE * TIMES + 60, HEIGHT = SIDE * TIMES + 10 };
    struct image image = { WIDTH, HEIGHT, xcalloc((size_t)WIDTH * HEIGHT, 1) };
    for (int y = 0; y < SIDE * TIMES; y++)
        for (int x = 0; x < SIDE * TIMES; x++)
            image.pixels[(y + 5) * WIDTH + x + 50] = digit[y / TIMES * SIDE + x / TIMES];
    for (int i = 0; is_dark && i < WIDTH * HEIGHT; i++)
        image.pixels[i] = (uint8_t)(230 - image.pixels[i] * 200 / 255); /* grey paper, too */
    assert_int_equal(image_write_png(&image, path), 0);
    image_release(&image);
}

static double mean_difference(const uint8_t *a, const uint8_t *b)
{
    double sum = 0;
    for (int i = 0; i < AREA; i++)
        sum += abs(a[i] - b[i]);
    return sum / AREA;
}

static void frame_is_that_of_the_digits(void **state)
{
    (void)state;
    struct dataset *set = digits();
    struct frame frame = frame_of(set);
    assert_int_equal(frame.height, SIDE);
    assert_int_equal(frame.width, SIDE);
    assert_in_range(frame.ink, 18, 20); /* MNIST's box */
    assert_false(frame.is_dark_on_light);
    for (int i = 0; i < COUNT * AREA; i++)
        set->pixels[i] = (uint8_t)(255 - set->pixels[i]);
    struct frame inverted = frame_of(set);
    assert_true(inverted.is_dark_on_light);
    assert_int_equal(inverted.ink, frame.ink);
    dataset_close(set);
}

static void images_of_the_size_stay_as_they_are(void **state)
{
    (void)state;
    struct dataset *set = digits();
    struct frame frame = frame_of(set);
    struct given given;
    struct arena arena = { 0 };
    struct image image = { SIDE, SIDE, set->pixels };
    assert_int_equal(image_write_png(&image, "a.png"), 0);
    assert_int_equal(given_read(&given, "a.png", &frame, 0), 0);
    assert_int_equal(given.count, 1);
    assert_false(given.is_idx);
    assert_memory_equal(given.pixels, set->pixels, AREA);
    assert_null(given_note(&arena, &given, &frame));
    given_release(&given);
    dataset_close(set);
}

static void a_larger_one_comes_back_the_size_it_had(void **state)
{
    (void)state;
    struct dataset *set = digits();
    struct frame frame = frame_of(set);
    struct arena arena = { 0 };
    double worst = 0;
    for (int i = 0; i < 20; i++) {
        struct given given;
        const uint8_t *digit = set->pixels + (size_t)i * AREA;
        save_large("large.png", digit, i % 2);
        assert_int_equal(given_read(&given, "large.png", &frame, 0), 0);
        assert_true(given.is_resized);
        assert_int_equal(given.is_inverted, i % 2);
        worst = MAX(worst, mean_difference(given.pixels, digit));
        if (i == 1)
            assert_string_equal(given_note(&arena, &given, &frame),
                                arena_printf(&arena,
                                             "172x122 pixels, dark on light: inverted, its ink "
                                             "scaled to %d pixels",
                                             frame.ink));
        given_release(&given);
    }
    if (worst > 14) /* digits are not all of one size; another digit differs by 45 or so */
        fail_msg("they differ by up to %g", worst);
    arena_release(&arena);
    dataset_close(set);
}

static void idx_files_are_taken_whole_or_to_a_count(void **state)
{
    (void)state;
    struct dataset *set = digits();
    struct frame frame = frame_of(set);
    struct given given;
    for (int i = 0; i < COUNT * AREA; i++)
        set->pixels[i] = (uint8_t)(255 - set->pixels[i]);
    struct idx idx = { COUNT, SIDE, SIDE, set->pixels };
    assert_int_equal(idx_write(&idx, 3, "some-images"), 0);
    assert_int_equal(given_read(&given, "some-images", &frame, 0), 0);
    assert_int_equal(given.count, COUNT);
    assert_true(given.is_idx);
    assert_true(given.is_inverted);
    for (int i = 0; i < COUNT * AREA; i++)
        assert_int_equal(given.pixels[i], 255 - set->pixels[i]);
    given_release(&given);
    assert_int_equal(given_read(&given, "some-images", &frame, 7), 0);
    assert_int_equal(given.count, 7);
    given_release(&given);
    dataset_close(set);
}

static void a_set_of_dark_ink_gets_dark_ink(void **state)
{
    (void)state;
    struct dataset *set = digits();
    struct frame frame = frame_of(set);
    struct given given;
    frame.is_dark_on_light = true;
    save_large("large.png", set->pixels, false);
    assert_int_equal(given_read(&given, "large.png", &frame, 0), 0);
    assert_true(given.is_inverted);
    assert_int_equal(given.pixels[0], 255);
    given_release(&given);
    save_large("large.png", set->pixels, true);
    assert_int_equal(given_read(&given, "large.png", &frame, 0), 0);
    assert_false(given.is_inverted);
    assert_int_equal(given.pixels[0], 255);
    given_release(&given);
    dataset_close(set);
}

/* Its edges have as much light as dark. */
static void noise_is_not_inverted(void **state)
{
    (void)state;
    struct dataset *set = digits();
    struct frame frame = frame_of(set);
    struct given given;
    uint8_t pixels[AREA];
    for (int i = 0; i < AREA; i++)
        pixels[i] = (uint8_t)(i * 7919 % 251);
    assert_int_equal(image_write_png(&(struct image){ SIDE, SIDE, pixels }, "noise.png"), 0);
    assert_int_equal(given_read(&given, "noise.png", &frame, 0), 0);
    assert_memory_equal(given.pixels, pixels, AREA);
    given_release(&given);
    dataset_close(set);
}

static void paper_without_ink_is_background(void **state)
{
    (void)state;
    struct dataset *set = digits();
    struct frame frame = frame_of(set);
    struct given given;
    struct image image = { 3, 90, xmalloc(270) };
    memset(image.pixels, 200, 270);
    assert_int_equal(image_write_png(&image, "empty.png"), 0);
    assert_int_equal(given_read(&given, "empty.png", &frame, 0), 0);
    for (int i = 0; i < AREA; i++)
        assert_int_equal(given.pixels[i], 0);
    given_release(&given);
    image_release(&image);
    dataset_close(set);
}

static void assert_refused(const char *path, int code, const char *saying)
{
    struct given given;
    struct frame frame = { .height = SIDE, .width = SIDE, .ink = 20 };
    assert_int_equal(given_read(&given, path, &frame, 0), code);
    if (!strstr(error_text(), saying))
        fail_msg("'%s' does not say '%s'", error_text(), saying);
    assert_null(given.pixels);
}

static void what_is_no_image_is_refused(void **state)
{
    (void)state;
    assert_int_equal(file_replace("text", "hello", 5), 0);
    assert_int_equal(file_replace("nothing", "", 0), 0);
    assert_int_equal(file_replace("broken.png", "\x89PNG\r\n\x1a\nxx", 10), 0);
    assert_int_equal(file_replace("labels", "\0\0\x08\x01\0\0\0\7abcdefghij", 18), 0);
    assert_refused("text", ERR_INVALID, "neither a PNG nor an IDX file");
    assert_refused("nothing", ERR_INVALID, "neither a PNG nor an IDX file");
    assert_refused("broken.png", ERR_INVALID, "broken.png");
    assert_refused("labels", ERR_INVALID, "has 1 dimensions where images have 3");
    assert_refused("absent", ERR_NOT_FOUND, "absent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_is_that_of_the_digits),
        IN_SCRATCH(images_of_the_size_stay_as_they_are),
        IN_SCRATCH(a_larger_one_comes_back_the_size_it_had),
        IN_SCRATCH(idx_files_are_taken_whole_or_to_a_count),
        IN_SCRATCH(a_set_of_dark_ink_gets_dark_ink),
        IN_SCRATCH(noise_is_not_inverted),
        IN_SCRATCH(paper_without_ink_is_background),
        IN_SCRATCH(what_is_no_image_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
